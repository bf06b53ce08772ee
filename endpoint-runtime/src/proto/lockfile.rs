//! Twisted's lock file: a symlink whose target is the number of the process that holds the lock.
//!
//! Rules, which both programs keep unless it says otherwise:
//! - Making a symlink either succeeds or fails because something is there, so the process that
//!   makes it holds the lock.
//! - A lock whose process is gone is stale: it is removed, and every waiting process tries again.
//! - A lock that names us and is not ours was left by a process that had our number before; in a
//!   container, the first process has the number 1 each time. Twisted takes such a lock for held,
//!   by itself.
//! - What is there and is no symlink to a process number is left alone, and the lock refused.
//!
//! The driver's loop:
//! 1. Start with [`Acquire::new`] and obey its [`Order`].
//! 2. Pass its result to [`Acquire::next`], and obey again, until the order is `Acquired` or
//!    `Refused`.

use core::num::NonZero;

/// How often a lock may change hands under our eyes before we give up.
const ROUNDS: u32 = 32;

/// The number of a process.
pub type Pid = NonZero<i32>;

/// What the driver has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Order {
    /// Make the symlink with our own process number; answer `Created` or `Exists`.
    Create,
    /// Read the symlink; answer `Target`, `Vanished` or `NoSymlink`.
    Read,
    /// Find out whether the process lives and may hold the lock; answer `Alive` or `Gone`.
    Probe(Pid),
    /// Remove the symlink if it still names this process; answer `Removed`, even if it did not.
    Remove(Pid),
    /// The lock is ours.
    Acquired,
    /// The lock is not to be had.
    Refused(AcquireError),
}

/// What came of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact<'a> {
    /// The symlink was made.
    Created,
    /// Something is there already.
    Exists,
    /// The target of the symlink.
    Target(&'a [u8]),
    /// Nothing is there any more.
    Vanished,
    /// What is there is no symlink.
    NoSymlink,
    /// The process is alive, no matter which user owns it.
    Alive,
    /// There is no such process.
    Gone,
    /// The stale symlink was removed.
    Removed,
}

/// Why a lock is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcquireError {
    /// A running process holds it.
    Held(Pid),
    /// What is there is not a lock.
    NotALock,
    /// It kept changing hands.
    Contended,
}

/// Acquires a lock.
#[derive(Debug)]
pub struct Acquire {
    last: Order,
    rounds: u32,
}

impl Acquire {
    /// The machine and its first order.
    pub fn new() -> (Self, Order) {
        (Self { last: Order::Create, rounds: 0 }, Order::Create)
    }

    /// Takes the result of the last order and returns the next one.
    ///
    /// A fact that does not answer the last order makes the machine start over.
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
            // The stale lock is removed, or vanished under our eyes: make ours, and lose that race
            // or win it.
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

/// Reads the process number that a lock holds: decimal digits, nothing else.
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
    // Numbers below 1 mean process groups to `kill`, and no program writes `+1`.
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
    fn a_held_lock_is_refused_by_its_holder() {
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
    fn a_lock_released_while_we_look_is_tried_again() {
        let (mut lock, _) = Acquire::new();
        assert_eq!(lock.next(Fact::Exists), Order::Read);
        assert_eq!(lock.next(Fact::Vanished), Order::Create);
        assert_eq!(lock.next(Fact::Created), Order::Acquired);
    }

    #[test]
    fn something_else_is_left_alone() {
        for fact in [Fact::NoSymlink, Fact::Target(b"/etc/passwd"), Fact::Target(b"")] {
            let (mut lock, _) = Acquire::new();
            assert_eq!(lock.next(Fact::Exists), Order::Read);
            assert_eq!(lock.next(fact), Order::Refused(AcquireError::NotALock));
        }
    }

    #[test]
    fn a_fight_ends() {
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
