//! Twisted's lock file: a symlink whose target is the id of the process that holds the lock.
//!
//! Rules, which Twisted shares except as noted:
//! - Creating a symlink fails if its path exists, so the process that creates it holds the lock.
//! - A lock whose process has ended is stale. It is removed, and every waiting process tries again.
//! - A lock with the id of this process that this process did not create is from an earlier process
//!   with the same id. In a container, the first process always has the id 1. Twisted treats such a
//!   lock as held by itself.
//! - A file that is not a symlink to a process id is not removed, and the lock is refused.
//!
//! The driver's loop:
//! 1. Start with [`Acquire::new`] and follow its [`Order`].
//! 2. Pass the result to [`Acquire::next`] and follow the next order, until it is `Acquired` or
//!    `Refused`.
//!
//! # Examples
//!
//! A driver for a file system in which process 4711 holds the lock and is alive:
//!
//! ```
//! use endpoint_runtime::proto::lockfile::{Acquire, AcquireError, Fact, Order, parse_pid};
//!
//! let (mut machine, mut order) = Acquire::new();
//! let result = loop {
//!     order = machine.next(match order {
//!         Order::Create => Fact::Exists,
//!         Order::Read => Fact::Target(b"4711"),
//!         Order::Probe(_) => Fact::Alive,
//!         Order::Remove(_) => Fact::Removed,
//!         Order::Acquired => break Ok(()),
//!         Order::Refused(error) => break Err(error),
//!     });
//! };
//! assert_eq!(result, Err(AcquireError::Held(parse_pid(b"4711").unwrap())));
//! ```

use core::num::NonZero;

/// How many times other processes may replace the lock before acquiring it fails.
const ROUNDS: u32 = 32;

/// The process id in a lock file, which is never 0.
///
/// See [`parse_pid`] for an example.
pub type Pid = NonZero<i32>;

/// What the driver of [`Acquire`] has to do next.
///
/// See the [module](crate::proto::lockfile) for the protocol and an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Order {
    /// Create the symlink with the id of this process; answer `Created` or `Exists`.
    Create,
    /// Read the symlink; answer `Target`, `Vanished` or `NoSymlink`.
    Read,
    /// Check whether the process is alive and may hold the lock; answer `Alive` or `Gone`.
    Probe(Pid),
    /// Remove the symlink if its target is still this process; answer `Removed` even if not.
    Remove(Pid),
    /// This process holds the lock: the last order.
    Acquired,
    /// The lock cannot be acquired, for this reason: the last order.
    Refused(AcquireError),
}

/// What the driver found or did when it followed an [`Order`].
///
/// See the [module](crate::proto::lockfile) for the protocol and an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// The symlink was created, so this process holds the lock.
    Created,
    /// The symlink was not created, because the path already exists.
    Exists,
    /// The symlink was read, and has this target.
    Target(&'a [u8]),
    /// The path does not exist any more.
    Vanished,
    /// The path is not a symlink.
    NoSymlink,
    /// The process is alive. It may belong to another user.
    Alive,
    /// The process does not exist.
    Gone,
    /// The stale symlink was removed, by this process or another one.
    Removed,
}

/// Why a lock cannot be acquired.
///
/// See the [module](crate::proto::lockfile) for the protocol and an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcquireError {
    /// A running process holds the lock.
    Held(Pid),
    /// The path is not a symlink to a process id.
    NotALock,
    /// Other processes replaced the lock file too many times while this one tried.
    Contended,
}

/// The state machine that acquires a lock file.
///
/// See the [module](crate::proto::lockfile) for the protocol and an example.
#[derive(Debug)]
pub struct Acquire {
    /// The order whose result [`next`](Self::next) takes.
    last: Order,
    /// How many times the machine has started over.
    rounds: u32,
}

impl Acquire {
    /// Returns the machine and its first order.
    pub fn new() -> (Self, Order) {
        (Self { last: Order::Create, rounds: 0 }, Order::Create)
    }

    /// Takes the result of the last order and returns the next one.
    ///
    /// If the fact does not match the last order, the machine starts over.
    pub fn next(&mut self, fact: Fact<'_>) -> Order {
        let order = match (self.last, fact) {
            (Order::Create, Fact::Created) => Order::Acquired,
            (Order::Create, Fact::Exists) => Order::Read,
            (Order::Read, Fact::Target(target)) => match parse_pid(target) {
                Some(pid) => Order::Probe(pid),
                None => Order::Refused(AcquireError::NotALock),
            },
            (Order::Read, Fact::NoSymlink) => Order::Refused(AcquireError::NotALock),
            (Order::Probe(pid), Fact::Alive) => Order::Refused(AcquireError::Held(pid)),
            (Order::Probe(pid), Fact::Gone) => Order::Remove(pid),
            // The stale lock was removed, by this or another process, so try to create it again.
            _ => self.start_over(),
        };
        self.last = order;
        order
    }

    fn start_over(&mut self) -> Order {
        self.rounds += 1;
        if self.rounds > ROUNDS { Order::Refused(AcquireError::Contended) } else { Order::Create }
    }
}

/// Parses the process id in a lock: decimal digits and nothing else.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::lockfile::parse_pid;
///
/// assert_eq!(parse_pid(b"4711").map(|pid| pid.get()), Some(4711));
/// assert_eq!(parse_pid(b"-1"), None);
/// assert_eq!(parse_pid(b"0"), None);
/// ```
pub fn parse_pid(target: &[u8]) -> Option<Pid> {
    // A sign is rejected: to `kill`, numbers below 1 mean process groups, and no program
    // writes `+1`.
    if !target.iter().all(u8::is_ascii_digit) {
        return None;
    }
    core::str::from_utf8(target).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(number: i32) -> Pid {
        Pid::new(number).unwrap()
    }

    #[test]
    fn a_free_lock_is_taken() {
        let (mut lock, order) = Acquire::new();
        assert_eq!(order, Order::Create);
        assert_eq!(lock.next(Fact::Created), Order::Acquired);
    }

    #[test]
    fn a_held_lock_is_refused_with_its_holder() {
        let (mut lock, _) = Acquire::new();
        assert_eq!(lock.next(Fact::Exists), Order::Read);
        assert_eq!(lock.next(Fact::Target(b"17")), Order::Probe(pid(17)));
        assert_eq!(lock.next(Fact::Alive), Order::Refused(AcquireError::Held(pid(17))));
    }

    #[test]
    fn a_stale_lock_is_taken_over() {
        let (mut lock, _) = Acquire::new();
        assert_eq!(lock.next(Fact::Exists), Order::Read);
        assert_eq!(lock.next(Fact::Target(b"17")), Order::Probe(pid(17)));
        assert_eq!(lock.next(Fact::Gone), Order::Remove(pid(17)));
        assert_eq!(lock.next(Fact::Removed), Order::Create);
        assert_eq!(lock.next(Fact::Created), Order::Acquired);
    }

    #[test]
    fn a_lock_released_meanwhile_is_retried() {
        let (mut lock, _) = Acquire::new();
        assert_eq!(lock.next(Fact::Exists), Order::Read);
        assert_eq!(lock.next(Fact::Vanished), Order::Create);
        assert_eq!(lock.next(Fact::Created), Order::Acquired);
    }

    #[test]
    fn a_file_that_is_not_a_lock_is_left_alone() {
        for fact in [Fact::NoSymlink, Fact::Target(b"/etc/passwd"), Fact::Target(b"")] {
            let (mut lock, _) = Acquire::new();
            assert_eq!(lock.next(Fact::Exists), Order::Read);
            assert_eq!(lock.next(fact), Order::Refused(AcquireError::NotALock));
        }
    }

    #[test]
    fn competing_processes_terminate() {
        let (mut lock, mut order) = Acquire::new();
        let mut steps = 0;
        while order != Order::Refused(AcquireError::Contended) {
            order = match order {
                Order::Create => lock.next(Fact::Exists),
                _ => lock.next(Fact::Vanished),
            };
            steps += 1;
            assert!(steps < 1000);
        }
    }
}
