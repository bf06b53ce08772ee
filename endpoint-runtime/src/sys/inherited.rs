//! Inherited descriptors, which are known only by their numbers.
//!
//! A number does not identify the owner of a descriptor, and two owners would close each other's
//! files. Three rules ensure that a descriptor has only one owner:
//! - A descriptor with the close-on-exec flag is rejected. No descriptor passes `exec` with the
//!   flag, and Rust's standard library sets it on all descriptors that it opens. So this process
//!   opened it, and other code owns it.
//! - A descriptor that is taken gets the flag, so that it can be taken only once. A descriptor that
//!   was passed to this process and waits to be taken may have the flag from [`keep`].
//! - Descriptors 0 to 2 have no single owner. They are duplicated, once, and `/dev/null` occupies
//!   the number so that no other file gets it.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Mutex;

use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, FdFlags, fcntl_dupfd_cloexec, fcntl_getfd, fcntl_setfd};
use rustix::stdio::{dup2_stderr, dup2_stdin, dup2_stdout, stderr, stdin, stdout};

use crate::lock::lock;

/// Which descriptor numbers were taken, and which wait to be taken.
struct Numbers {
    /// Numbers with a present or past owner.
    taken: BTreeSet<u32>,
    /// Numbers on which [`keep`] has set the flag, and which have no owner.
    kept: BTreeSet<u32>,
}

/// Global, because descriptor numbers belong to the process.
static NUMBERS: Mutex<Numbers> =
    Mutex::new(Numbers { taken: BTreeSet::new(), kept: BTreeSet::new() });

/// Why a descriptor cannot be taken. The descriptor is unchanged.
#[derive(Debug)]
pub(crate) enum AdoptError<E> {
    /// No descriptor with this number is open.
    NotOpen,
    /// The descriptor has an owner, or had one.
    Taken,
    /// The descriptor has the close-on-exec flag, so this process opened it.
    NotInherited,
    /// The function `fit` of the caller rejected the descriptor, with this error.
    Unfit(E),
    /// The operating system returned another error.
    System(io::Error),
}

/// Descriptor numbers that stay reserved until this value is dropped.
#[derive(Debug)]
pub(crate) struct Reserved(&'static [u32]);

impl Reserved {
    /// Reserves all numbers; returns `None` if one has an owner.
    pub(crate) fn new(numbers: &'static [u32]) -> Option<Self> {
        let mut known = lock(&NUMBERS);
        if numbers.iter().any(|number| known.taken.contains(number)) {
            return None;
        }
        known.taken.extend(numbers);
        Some(Self(numbers))
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        lock(&NUMBERS).taken.retain(|number| !self.0.contains(number));
    }
}

/// Sets close-on-exec on descriptors that were passed to this process, until they are taken. Stops
/// at the first one that is not open.
pub(crate) fn keep(numbers: impl IntoIterator<Item = u32>) {
    let mut known = lock(&NUMBERS);
    for number in numbers {
        let Ok(raw) = RawFd::try_from(number) else { return };
        // SAFETY: `raw` is non-negative. If it is not open, `fcntl` returns `EBADF` and this
        // function ends. If it is open, systemd passed it to this process, and no other code closes
        // it.
        let descriptor = unsafe { BorrowedFd::borrow_raw(raw) };
        match fcntl_getfd(descriptor) {
            Ok(flags) if flags.contains(FdFlags::CLOEXEC) => {}
            Ok(flags) => {
                if fcntl_setfd(descriptor, flags | FdFlags::CLOEXEC).is_ok() {
                    known.kept.insert(number);
                }
            }
            Err(_) => return,
        }
    }
}

/// Takes ownership of an inherited descriptor if `fit` accepts it, and sets close-on-exec.
///
/// Returns the descriptor with the result of `fit`.
pub(crate) fn adopt<T, E>(
    number: u32,
    fit: impl FnOnce(BorrowedFd<'_>) -> Result<T, E>,
) -> Result<(OwnedFd, T), AdoptError<E>> {
    let mut known = lock(&NUMBERS);
    let before = known.taken.contains(&number);
    let kept = known.kept.contains(&number);
    let adopted = match number {
        0..=2 if before => Err(AdoptError::Taken),
        0 => standard(stdin(), dup2_stdin, fit),
        1 => standard(stdout(), dup2_stdout, fit),
        2 => standard(stderr(), dup2_stderr, fit),
        // A number that was taken before is not refused at once: after a close, another inherited
        // descriptor may have received it.
        _ => own(number, kept, fit).map_err(|refused| match refused {
            AdoptError::NotOpen | AdoptError::NotInherited if before => AdoptError::Taken,
            other => other,
        }),
    }?;
    known.taken.insert(number);
    known.kept.remove(&number);
    Ok(adopted)
}

/// Checks whether [`adopt`] would take a descriptor, and returns what `fit` returns for it.
///
/// The descriptor is not changed.
pub(crate) fn look<T, E>(
    number: u32,
    fit: impl FnOnce(BorrowedFd<'_>) -> Result<T, E>,
) -> Result<T, AdoptError<E>> {
    let known = lock(&NUMBERS);
    let before = known.taken.contains(&number);
    match number {
        0..=2 if before => Err(AdoptError::Taken),
        0 => fit(stdin()).map_err(AdoptError::Unfit),
        1 => fit(stdout()).map_err(AdoptError::Unfit),
        2 => fit(stderr()).map_err(AdoptError::Unfit),
        _ => match examine(number, known.kept.contains(&number), fit) {
            Err(AdoptError::NotOpen | AdoptError::NotInherited) if before => Err(AdoptError::Taken),
            examined => examined.map(|(_, _, value)| value),
        },
    }
}

/// Takes a descriptor that is not a standard stream.
fn own<T, E>(
    number: u32,
    kept: bool,
    fit: impl FnOnce(BorrowedFd<'_>) -> Result<T, E>,
) -> Result<(OwnedFd, T), AdoptError<E>> {
    let (descriptor, flags, value) = examine(number, kept, fit)?;
    fcntl_setfd(descriptor, flags | FdFlags::CLOEXEC).map_err(AdoptError::from_errno)?;
    // SAFETY: the descriptor is open, because `fcntl` succeeded on it. It has no owner: without
    // close-on-exec, or with the flag from `keep`, it was inherited or given away by its owner.
    // `adopt` sets the flag, under a lock, on each descriptor that it returns.
    let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor.as_raw_fd()) };
    Ok((descriptor, value))
}

/// Returns an inherited descriptor with its flags and the result of `fit`, without changing it.
fn examine<T, E>(
    number: u32,
    kept: bool,
    fit: impl FnOnce(BorrowedFd<'_>) -> Result<T, E>,
) -> Result<(BorrowedFd<'static>, FdFlags, T), AdoptError<E>> {
    let number = RawFd::try_from(number).map_err(|_| AdoptError::NotOpen)?;
    // SAFETY: `number` is non-negative. If it is not open, `fcntl_getfd` returns `EBADF`, changes
    // nothing, and this function ends. If it is open, it was inherited, or the caller that chose
    // the number gave it away, so no other code closes it. The callers use it only while they hold
    // the lock of `NUMBERS`, under which `adopt` gives it an owner.
    let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
    let flags = fcntl_getfd(descriptor).map_err(AdoptError::from_errno)?;
    if flags.contains(FdFlags::CLOEXEC) && !kept {
        return Err(AdoptError::NotInherited);
    }
    let value = fit(descriptor).map_err(AdoptError::Unfit)?;
    Ok((descriptor, flags, value))
}

/// Duplicates a standard stream, and puts `/dev/null` in its place by `replace`.
fn standard<T, E>(
    stream: BorrowedFd<'_>,
    replace: fn(OwnedFd) -> rustix::io::Result<()>,
    fit: impl FnOnce(BorrowedFd<'_>) -> Result<T, E>,
) -> Result<(OwnedFd, T), AdoptError<E>> {
    const FIRST_FREE: RawFd = 3;
    let descriptor = fcntl_dupfd_cloexec(stream, FIRST_FREE).map_err(AdoptError::from_errno)?;
    let value = fit(stream).map_err(AdoptError::Unfit)?;
    open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
        .and_then(replace)
        .map_err(AdoptError::from_errno)?;
    Ok((descriptor, value))
}

impl<E> AdoptError<E> {
    fn from_errno(error: Errno) -> Self {
        if error == Errno::BADF { Self::NotOpen } else { Self::System(error.into()) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Seek, Write};
    use std::os::fd::IntoRawFd;

    use rustix::fs::MemfdFlags;

    use super::*;

    /// The number of an open file without close-on-exec, like an inherited one.
    fn inherited(text: &str) -> u32 {
        let memory = rustix::fs::memfd_create("inherited", MemfdFlags::empty()).unwrap();
        let mut file = File::from(memory);
        file.write_all(text.as_bytes()).unwrap();
        file.rewind().unwrap();
        file.into_raw_fd().try_into().unwrap()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the form of a test for fitness")]
    fn any(_: BorrowedFd<'_>) -> Result<(), ()> {
        Ok(())
    }

    #[test]
    fn a_descriptor_is_owned_once_and_closed_on_exec() {
        let number = inherited("text");
        let (descriptor, ()) = adopt(number, any).unwrap();
        assert!(fcntl_getfd(&descriptor).unwrap().contains(FdFlags::CLOEXEC));
        assert!(matches!(adopt(number, any), Err(AdoptError::Taken)));
        let mut text = String::new();
        File::from(descriptor).read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
    }

    #[test]
    fn passed_descriptors_are_not_inherited_by_children() {
        let number = inherited("");
        keep([number, 1_000_000]);
        let flags = |descriptor: BorrowedFd<'_>| {
            Ok::<_, ()>(fcntl_getfd(descriptor).unwrap().contains(FdFlags::CLOEXEC))
        };
        let (descriptor, closed_on_exec) = adopt(number, flags).unwrap();
        assert!(closed_on_exec);
        assert!(matches!(adopt(number, flags), Err(AdoptError::Taken)));
        drop(descriptor);
    }

    #[test]
    fn unsuitable_descriptors_are_left_unchanged() {
        let number = inherited("");
        let unfit = adopt(number, |descriptor| {
            assert!(!fcntl_getfd(descriptor).unwrap().contains(FdFlags::CLOEXEC));
            Err::<(), _>("wrong")
        });
        assert!(matches!(unfit, Err(AdoptError::Unfit("wrong"))));
        let flags = |descriptor: BorrowedFd<'_>| {
            Ok::<_, ()>(fcntl_getfd(descriptor).unwrap().contains(FdFlags::CLOEXEC))
        };
        assert!(!adopt(number, flags).unwrap().1);
    }

    #[test]
    fn descriptors_opened_by_this_process_are_refused() {
        let file = File::open("/dev/null").unwrap();
        let number = file.into_raw_fd();
        // Another test may have used the number before.
        let refused = adopt(number.unsigned_abs(), any);
        assert!(matches!(refused, Err(AdoptError::NotInherited | AdoptError::Taken)));
    }

    #[test]
    fn numbers_without_a_descriptor_are_refused() {
        for number in [1_000_000, i32::MAX.unsigned_abs(), u32::MAX] {
            assert!(matches!(adopt(number, any), Err(AdoptError::NotOpen)), "{number}");
        }
    }

    #[test]
    fn reserved_numbers_are_free_again_afterwards() {
        const NUMBERS: &[u32] = &[1_000_001, 1_000_002];
        let reserved = Reserved::new(NUMBERS).unwrap();
        assert!(Reserved::new(&[1_000_002]).is_none());
        assert!(matches!(adopt(1_000_001, any), Err(AdoptError::Taken)), "and not open");
        drop(reserved);
        assert!(Reserved::new(NUMBERS).is_some());
    }
}
