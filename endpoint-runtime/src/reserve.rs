//! Reserved descriptors: accepting connections leaves enough descriptors to connect onward.
//!
//! A reservation keeps placeholder descriptors open. A call that finds no free descriptor closes a
//! placeholder and tries again. The placeholders are global, because descriptors belong to the
//! process.
//!
//! A new reservation is tried by opening its placeholders, which can take descriptors away from a
//! call on another thread. A call on another thread therefore borrows its descriptors, and nothing
//! is reserved until it has returned.
//!
//! A few placeholders stay open after their reservation, so that a server with one connection after
//! another does not open and close them each time. They are surplus: a call that finds no free
//! descriptor closes them like others, and accepting does too ([`release_surplus`]).

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixDatagram;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rustix::io::{Errno, fcntl_dupfd_cloexec};

use crate::lock::lock;
use crate::proto::backoff::Backoff;

/// How many times a call that borrows descriptors is tried.
const ATTEMPTS: u32 = 6;

/// The first pause between these attempts. Each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// How many surplus placeholders stay open: more than one connection reserves.
const SURPLUS: usize = 4;

/// The lowest number for a placeholder: 0 to 2 are standard input, output and error.
const FIRST_FREE: i32 = 3;

static POOL: Mutex<Pool> =
    Mutex::new(Pool { original: None, spare: Vec::new(), reserved: 0, borrowers: 0 });

/// The placeholder descriptors of this process.
struct Pool {
    /// The descriptor that the placeholders duplicate: a duplicate needs no path and no permission.
    original: Option<OwnedFd>,
    /// The open placeholders. There are fewer than `reserved` while reserved descriptors are in
    /// use, and up to [`SURPLUS`] more at other times.
    spare: Vec<OwnedFd>,
    /// How many descriptors all [`Reservation`]s reserve together.
    reserved: usize,
    /// How many [`Borrowed`] values exist. While any does, nothing can be reserved.
    borrowers: usize,
}

impl Pool {
    /// Opens a descriptor that only occupies its place.
    fn placeholder(&mut self) -> io::Result<OwnedFd> {
        let original = match self.original.take() {
            Some(original) => original,
            None => UnixDatagram::unbound()?.into(),
        };
        let original = self.original.insert(original);
        Ok(fcntl_dupfd_cloexec(original.as_fd(), FIRST_FREE)?)
    }

    /// Tries to open the placeholders that are missing to reserve `count` more descriptors.
    ///
    /// Also opens one for each reserved descriptor in use, to check that it can be replaced, and
    /// closes these again. Returns at most `count`, or an error if descriptors run out.
    fn missing(&mut self, count: usize) -> io::Result<Vec<OwnedFd>> {
        if self.borrowers > 0 {
            return Err(Errno::MFILE.into());
        }
        let missing = (self.reserved + count).saturating_sub(self.spare.len());
        let made = (0..missing).map(|_| self.placeholder()).collect::<Result<Vec<_>, _>>();
        made.map(|mut made| {
            made.truncate(count);
            made
        })
    }

    /// Closes placeholders until at most `count` more are open than are reserved.
    fn limit_surplus(&mut self, count: usize) {
        self.spare.truncate(self.reserved + count);
    }
}

/// Returns an error unless one more descriptor is available, beyond the reserved ones.
///
/// A surplus placeholder counts as available: see [`release_surplus`].
pub(crate) fn check_free() -> io::Result<()> {
    let mut pool = lock(&POOL);
    let made = pool.missing(1)?;
    if pool.spare.len() >= pool.reserved {
        pool.spare.extend(made);
    }
    Ok(())
}

/// Closes the surplus placeholders. Returns whether there were any.
pub(crate) fn release_surplus() -> bool {
    let mut pool = lock(&POOL);
    let open = pool.spare.len();
    pool.limit_surplus(0);
    pool.spare.len() < open
}

/// Descriptors that stay reserved until this value is dropped.
#[derive(Debug)]
pub(crate) struct Reservation(NonZeroUsize);

impl Reservation {
    /// Reserves `count` descriptors; returns an error if they are not available.
    pub(crate) fn new(count: NonZeroUsize) -> io::Result<Self> {
        let mut pool = lock(&POOL);
        let made = pool.missing(count.get())?;
        pool.spare.extend(made);
        pool.reserved += count.get();
        Ok(Self(count))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut pool = lock(&POOL);
        pool.reserved -= self.0.get();
        pool.limit_surplus(SURPLUS);
    }
}

/// Opens one descriptor with `open`, and uses a reserved one if no other is available.
pub(crate) fn with_reserve<T, E>(mut open: impl FnMut() -> Result<T, E>) -> Result<T, E> {
    open().or_else(|error| if free_up(1) { open() } else { Err(error) })
}

/// Runs `open`, which opens up to `count` descriptors and may block.
///
/// If it runs out of descriptors, it is run again in the place of `count` placeholders.
pub(crate) fn with_borrowed<T, E>(
    count: usize,
    mut open: impl FnMut() -> Result<T, E>,
    is_shortage: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let is_short = |done: &Result<T, E>| done.as_ref().is_err_and(&is_shortage);
    let first = open();
    if !is_short(&first) {
        return first;
    }
    let Some(_borrowed) = Borrowed::new(count) else { return first };
    // A call on another thread that has not borrowed yet may take the freed descriptors. When it
    // runs out, it borrows its own, so trying again after a pause succeeds.
    let mut pauses = Backoff::new(FIRST_PAUSE, FIRST_PAUSE * 16);
    for _ in 1..ATTEMPTS {
        let done = open();
        if !is_short(&done) {
            return done;
        }
        thread::sleep(pauses.failed());
    }
    open()
}

/// The right to open descriptors in the place of closed placeholders, until it is dropped.
struct Borrowed(());

impl Borrowed {
    /// Closes up to `count` placeholders; returns `None` if there are none.
    fn new(count: usize) -> Option<Self> {
        let mut pool = lock(&POOL);
        let kept = pool.spare.len().saturating_sub(count);
        let closed = pool.spare.split_off(kept);
        if closed.is_empty() {
            return None;
        }
        pool.borrowers += 1;
        Some(Self(()))
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        lock(&POOL).borrowers -= 1;
    }
}

/// Closes placeholders until `count` descriptors are available. Returns whether it closed any.
pub(crate) fn free_up(count: usize) -> bool {
    let mut pool = lock(&POOL);
    if pool.spare.is_empty() {
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
    use std::path::Path;
    use std::process::Command;

    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    use super::*;
    use crate::regular_file::open_regular;

    fn reserve(count: usize) -> io::Result<Reservation> {
        Reservation::new(NonZeroUsize::new(count).unwrap())
    }

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
        let (two, one) = (reserve(2).unwrap(), reserve(1).unwrap());
        let mut open: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        let null = || with_reserve(|| File::open("/dev/null"));
        let used = [null().unwrap(), null().unwrap(), null().unwrap()];
        assert!(null().is_err(), "all three are in use");
        assert!(reserve(1).is_err());
        // Ending the reservations frees nothing: `used` has taken the place of all placeholders.
        drop((two, one));
        assert!(File::open("/dev/null").is_err());
        drop(used);
        open.extend([null().unwrap(), null().unwrap(), null().unwrap()]);
        assert!(null().is_err(), "nothing is reserved any more");
        borrows(open);
    }

    /// Checks that nothing can be reserved while a call uses borrowed descriptors.
    fn borrows(mut open: Vec<File>) {
        open.truncate(open.len() - 3);
        let two = reserve(2).unwrap();
        let both = || {
            let first = File::open("/dev/null")?;
            assert!(check_free().is_err());
            Ok((first, File::open("/dev/null")?))
        };
        open.push(File::open("/dev/null").unwrap());
        let is_shortage =
            |error: &io::Error| error.raw_os_error() == Some(Errno::MFILE.raw_os_error());
        drop(open_regular(Path::new("/proc/self/stat")).unwrap().unwrap());
        let both = with_borrowed(2, both, is_shortage).unwrap();
        assert!(with_borrowed(1, || File::open("/dev/null"), is_shortage).is_err());
        drop((both, two));
        check_free().unwrap();
        keeps_surplus(open);
    }

    /// Checks that reserving again opens no descriptor, and that surplus ones can be released.
    fn keeps_surplus(mut open: Vec<File>) {
        drop(reserve(2).unwrap());
        open.extend(std::iter::from_fn(|| File::open("/dev/null").ok()));
        drop(reserve(2).unwrap());
        check_free().unwrap();
        assert!(release_surplus());
        assert!(!release_surplus());
        drop(File::open("/dev/null").unwrap());
        drop(reserve(2).unwrap());
    }
}
