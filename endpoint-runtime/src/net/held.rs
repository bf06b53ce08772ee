//! The locks that this process holds, so that it knows its own from one that was left by who had its number before.

use std::ffi::OsString;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::stat;
use rustix::io::Errno;

/// All of them; whoever makes or removes one that names this process keeps the others from doing so meanwhile.
static HELD: Mutex<Vec<Key>> = Mutex::new(Vec::new());

/// Which lock it is, however its path is written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    directory: (u64, u64),
    name: OsString,
}

impl Key {
    fn of(path: &Path) -> Result<Self, Errno> {
        let directory = stat(directory_of(path))?;
        let name = path.file_name().unwrap_or_default().to_owned();
        Ok(Self { directory: (directory.st_dev, directory.st_ino), name })
    }
}

/// A lock that this process holds until it is dropped.
#[derive(Debug)]
pub(super) struct Held(Key);

impl Held {
    /// The lock that `make` makes.
    pub(super) fn made(
        path: &Path,
        make: impl FnOnce() -> Result<(), Errno>,
    ) -> Result<Self, Errno> {
        let key = Key::of(path)?;
        let mut held = all();
        make()?;
        held.push(key.clone());
        Ok(Self(key))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut held = all();
        if let Some(at) = held.iter().position(|it| *it == self.0) {
            held.swap_remove(at);
        }
    }
}

/// Whether this process holds a lock.
pub(super) fn is_held(path: &Path) -> bool {
    Key::of(path).is_ok_and(|key| all().contains(&key))
}

/// Removes a lock by `remove`, unless this process holds it by now.
pub(super) fn remove_unless_held(
    path: &Path,
    remove: impl FnOnce() -> Result<(), Errno>,
) -> Result<(), Errno> {
    let key = Key::of(path)?;
    let held = all();
    if held.contains(&key) { Ok(()) } else { remove() }
}

/// The directory that a file is in.
pub(super) fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The list is whole whenever it is not being changed, whoever panicked.
fn all() -> MutexGuard<'static, Vec<Key>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}
