//! The list of the lock files that this process holds.
//!
//! A lock file contains a process number. If it contains that of this process but is not in this
//! list, it was left by an earlier process with the same number. The list is per process, as the
//! number is.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;

use rustix::fs::stat;
use rustix::io::Errno;

use crate::lock::lock;

/// The locks of this process. While the list is locked, no thread creates or removes a lock.
static OWN_LOCKS: Mutex<Vec<Key>> = Mutex::new(Vec::new());

/// The identity of a lock, independent of how its path is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    directory: (i128, i128),
    name: OsString,
}

impl Key {
    fn from_path(path: &Path) -> Result<Self, Errno> {
        let directory = stat(directory_of(path))?;
        let name = path.file_name().unwrap_or_default().to_owned();
        Ok(Self { directory: (directory.st_dev.into(), directory.st_ino.into()), name })
    }
}

/// An entry in the list of locks, which dropping it removes.
#[derive(Debug)]
pub(crate) struct OwnLock(Key);

impl OwnLock {
    /// Creates a lock file with `make` and lists it, while no other thread changes a lock.
    pub(crate) fn with(
        path: &Path,
        make: impl FnOnce() -> Result<(), Errno>,
    ) -> Result<Self, Errno> {
        let key = Key::from_path(path)?;
        let mut own = lock(&OWN_LOCKS);
        make()?;
        own.push(key.clone());
        Ok(Self(key))
    }
}

impl Drop for OwnLock {
    fn drop(&mut self) {
        let mut own = lock(&OWN_LOCKS);
        if let Some(at) = own.iter().position(|it| *it == self.0) {
            own.swap_remove(at);
        }
    }
}

/// Whether this process holds a lock.
pub(crate) fn is_own(path: &Path) -> bool {
    Key::from_path(path).is_ok_and(|key| lock(&OWN_LOCKS).contains(&key))
}

/// Removes a lock with `remove`, unless this process holds it.
pub(crate) fn remove_unless_own(
    path: &Path,
    remove: impl FnOnce() -> Result<(), Errno>,
) -> Result<(), Errno> {
    let key = Key::from_path(path)?;
    let own = lock(&OWN_LOCKS);
    if own.contains(&key) { Ok(()) } else { remove() }
}

/// The directory of a file; `.` for a name without a directory.
pub(crate) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
