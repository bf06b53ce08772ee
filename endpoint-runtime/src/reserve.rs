//! Reserved descriptors: accepting connections leaves enough descriptors to connect onward.
//!
//! A reservation keeps placeholder descriptors open. A call that finds no free descriptor closes a
//! placeholder and tries again. The placeholders are global, because descriptors belong to the
//! process.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::sync::Mutex;

use rustix::io::fcntl_dupfd_cloexec;

use crate::lock::lock;

/// The lowest number above the standard descriptors.
const FIRST_FREE: i32 = 3;

static POOL: Mutex<Pool> = Mutex::new(Pool { original: None, spare: Vec::new(), reserved: 0 });

struct Pool {
    /// The descriptor of which placeholders are copies.
    original: Option<OwnedFd>,
    /// The open placeholders. There are fewer than `reserved` while reserved descriptors are in
    /// use.
    spare: Vec<OwnedFd>,
    reserved: usize,
}

impl Pool {
    fn placeholder(&mut self) -> io::Result<OwnedFd> {
        let original = match self.original.take() {
            Some(original) => original,
            None => UnixDatagram::unbound()?.into(),
        };
        let original = self.original.insert(original);
        Ok(fcntl_dupfd_cloexec(original.as_fd(), FIRST_FREE)?)
    }

    /// Opens `count` placeholders, if those that are in use could also be opened again.
    fn placeholders(&mut self, count: usize) -> io::Result<Vec<OwnedFd>> {
        let freed_up = self.reserved - self.spare.len();
        let made = (0..count + freed_up).map(|_| self.placeholder()).collect::<Result<Vec<_>, _>>();
        made.map(|mut made| {
            made.truncate(count);
            made
        })
    }
}

/// Returns an error unless one more descriptor is available, beyond the reserved ones.
pub(crate) fn check_free() -> io::Result<()> {
    lock(&POOL).placeholders(1).map(drop)
}

/// Descriptors that stay reserved until this value is dropped.
#[derive(Debug)]
pub(crate) struct Reservation(usize);

impl Reservation {
    /// Reserves `count` descriptors; returns an error if they are not available.
    pub(crate) fn new(count: usize) -> io::Result<Self> {
        let mut pool = lock(&POOL);
        let made = pool.placeholders(count)?;
        pool.spare.extend(made);
        pool.reserved += count;
        Ok(Self(count))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut pool = lock(&POOL);
        pool.reserved -= self.0;
        let left = pool.reserved;
        pool.spare.truncate(left);
    }
}

/// Opens one descriptor with `open`, and uses a reserved one if no other is available.
pub(crate) fn with_reserve<T, E>(mut open: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    open().or_else(|error| if free_up(1) { open() } else { Err(error) })
}

/// Closes placeholders until `count` descriptors are available. Returns whether it closed any.
pub(crate) fn free_up(count: usize) -> bool {
    let mut pool = lock(&POOL);
    if pool.reserved == 0 {
        return false;
    }
    let free: Vec<_> = (0..count).map_while(|_| pool.placeholder().ok()).collect();
    let kept = pool.spare.len().saturating_sub(count - free.len());
    let closed = pool.spare.split_off(kept);
    !closed.is_empty()
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "this is test code")]
mod tests {
    use std::fs::File;
    use std::process::Command;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::*;

    /// Runs in a separate process, because other tests need descriptors.
    #[test]
    fn a_reserved_descriptor_is_available_at_the_limit() {
        const VARIABLE: &str = "USES_UP_DESCRIPTORS";
        if std::env::var_os(VARIABLE).is_none() {
            let name = "reserve::tests::a_reserved_descriptor_is_available_at_the_limit";
            let mut child = Command::new(std::env::current_exe().unwrap());
            let status = child.args(["--exact", name]).env(VARIABLE, "1").status();
            return assert!(status.unwrap().success());
        }
        let limit = getrlimit(Resource::Nofile);
        setrlimit(Resource::Nofile, Rlimit { current: Some(50), ..limit }).unwrap();
        let (two, one) = (Reservation::new(2).unwrap(), Reservation::new(1).unwrap());
        let mut open: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        let null = || with_reserve(|| File::open("/dev/null"));
        let used = [null().unwrap(), null().unwrap(), null().unwrap()];
        assert!(null().is_err(), "all three are in use");
        assert!(Reservation::new(1).is_err());
        // Reserved descriptors in use are not placeholders any more.
        drop((two, one));
        assert!(File::open("/dev/null").is_err());
        drop(used);
        open.extend([null().unwrap(), null().unwrap(), null().unwrap()]);
        assert!(null().is_err(), "nothing is reserved any more");
    }
}
