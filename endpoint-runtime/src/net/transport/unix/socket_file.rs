//! The file of a UNIX socket: it is created with the planned rights, and removed at the end.
//!
//! The file never has more rights than planned, and no other file is changed.

use std::path::{Path, PathBuf};

#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
use rustix::fd::{AsRawFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, FileType, Mode, Stat, chownat, statat, unlink};
#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
use rustix::fs::{OFlags, chmod, chmodat, fstat, open};
use rustix::io::Errno;

use super::owner::Owner;
use super::ownership::Ownership;
use crate::error::{EnvironmentProblem, Operation, Problem};

/// The permissions and the owner of a socket file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rights {
    pub(super) mode: Mode,
    pub(super) owner: Owner,
}

/// The file that `bind` created. Dropping this value removes the file, unless it was replaced.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    /// The identity of the socket; `None` once the file was removed.
    identity: Option<Identity>,
    ownership: Ownership,
}

/// A file's device and inode. Their integer types differ between systems.
type Identity = (i128, i128);

impl SocketFile {
    /// Records the identity of the file that `bind` created, to remove only that file.
    ///
    /// Returns an error if another file has replaced the socket.
    pub(super) fn made(path: PathBuf, ownership: Ownership) -> Result<Self, Problem> {
        match statat(CWD, &path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if is_socket(&found) => {
                Ok(Self { path, identity: Some(identity(&found)), ownership })
            }
            Ok(_) => Err(EnvironmentProblem::NotASocket { path }.into()),
            Err(error) => Err(failed(Operation::Inspect, &path, error)),
        }
    }

    /// The mark of whether this process removes the file.
    pub(super) fn ownership(&self) -> Ownership {
        self.ownership.clone()
    }

    /// Checks that the file is still the socket and has these permissions, and sets the owner.
    #[cfg(any(not(target_os = "linux"), feature = "__portable_poller"))]
    pub(super) fn set_rights(&self, rights: Rights) -> Result<(), Problem> {
        let Rights { mode, owner } = rights;
        let failed = |operation| move |error| failed(operation, &self.path, error);
        // `bind_narrow` has already set the permissions, and a link keeps them.
        let found = statat(CWD, &self.path, AtFlags::SYMLINK_NOFOLLOW);
        let is_same =
            |found: &Stat| self.is_ours(found) && Mode::from_raw_mode(found.st_mode) == mode;
        found
            .and_then(|found| is_same(&found).then_some(()).ok_or(Errno::STALE))
            .map_err(failed(Operation::SetMode))?;
        if owner.is_unchanged() {
            return Ok(());
        }
        chownat(CWD, &self.path, owner.user, owner.group, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(failed(Operation::SetOwner))
    }

    /// Adds the permissions that the umask removed at bind, and sets the owner.
    ///
    /// chmod follows symlinks, so a process with write permission for the directory could redirect
    /// it to another file. The changes are therefore made through a handle that is known to be the
    /// socket.
    #[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
    pub(super) fn set_rights(&self, rights: Rights) -> Result<(), Problem> {
        let Rights { mode, owner } = rights;
        let failed = |operation| move |error| failed(operation, &self.path, error);
        let (handle, found) = self.open().map_err(failed(Operation::SetMode))?;
        if Mode::from_raw_mode(found.st_mode) != mode {
            let done = match chmod(format!("/proc/self/fd/{}", handle.as_raw_fd()), mode) {
                // Without /proc, the mode is set by path. A symlink that has replaced the socket is
                // not followed.
                Err(Errno::NOENT) => chmodat(CWD, &self.path, mode, AtFlags::SYMLINK_NOFOLLOW),
                done => done,
            };
            done.map_err(failed(Operation::SetMode))?;
        }
        if owner.is_unchanged() {
            return Ok(());
        }
        // Last, because the new owner may be another user than this process.
        chownat(&handle, "", owner.user, owner.group, AtFlags::EMPTY_PATH)
            .map_err(failed(Operation::SetOwner))
    }

    /// Opens the path, and returns a handle that is known to be the socket, with its status.
    #[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
    fn open(&self) -> Result<(OwnedFd, Stat), Errno> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let handle = open(&self.path, flags, Mode::empty())?;
        let found = fstat(&handle)?;
        if self.is_ours(&found) { Ok((handle, found)) } else { Err(Errno::STALE) }
    }

    /// Whether the file at the path is still the socket of this process.
    fn is_ours(&self, found: &Stat) -> bool {
        Some(identity(found)) == self.identity && is_socket(found)
    }

    /// Removes the file if it is still the socket, and if this process owns it.
    pub(super) fn remove(&mut self) -> Result<(), Problem> {
        let Some(ours) = self.identity.take().filter(|_| self.ownership.is_ours()) else {
            return Ok(());
        };
        match statat(CWD, &self.path, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(found) if identity(&found) == ours && is_socket(&found) => unlink(&self.path),
            Ok(_) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error),
        }
        .map_err(|error| failed(Operation::Remove, &self.path, error))
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // `drop` cannot report an error; a caller that needs it calls `Claim::release`.
        let _ = self.remove();
    }
}

fn identity(found: &Stat) -> Identity {
    (found.st_dev.into(), found.st_ino.into())
}

/// Whether the file is a socket.
pub(super) fn is_socket(found: &Stat) -> bool {
    FileType::from_raw_mode(found.st_mode) == FileType::Socket
}

/// The problem for a failed system call on a file.
pub(super) fn failed(operation: Operation, path: &Path, error: Errno) -> Problem {
    EnvironmentProblem::File { operation, path: path.to_owned(), error: error.into() }.into()
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    use rustix::fs::chmod;
    #[cfg(target_os = "linux")]
    use rustix::net::SocketAddrUnix;

    #[cfg(target_os = "linux")]
    use super::super::narrow::bind_narrow;
    use super::*;

    /// Permissions, with the owner as it is.
    #[cfg(target_os = "linux")]
    fn rights(mode: u32) -> Rights {
        Rights { mode: Mode::from_raw_mode(mode), owner: Owner::default() }
    }

    /// A socket file of this test, and a path next to it.
    #[cfg(target_os = "linux")]
    fn made(name: &str) -> (SocketFile, PathBuf) {
        let path = std::env::temp_dir().join(format!("{name}-{}.sock", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let address = SocketAddrUnix::new(&path).unwrap();
        drop(bind_narrow(&path, &address, Mode::from_raw_mode(0o666)).unwrap());
        let file = SocketFile::made(path.clone(), Ownership::new(true)).unwrap();
        (file, path)
    }

    /// Replaces the file at the path by a regular file with the mode 600.
    #[cfg(target_os = "linux")]
    fn swap(path: &Path) {
        std::fs::remove_file(path).unwrap();
        std::fs::write(path, "theirs").unwrap();
        chmod(path, Mode::from_raw_mode(0o600)).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_is_not_a_socket_counts_as_missing() {
        let (file, path) = made("not-made");
        swap(&path);
        let error = SocketFile::made(path.clone(), Ownership::new(true)).unwrap_err();
        assert!(matches!(
            error,
            Problem::Environment(EnvironmentProblem::NotASocket { path: found }) if found == path
        ));
        drop(file);
        assert!(path.exists(), "a file of others is not removed");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_file_that_replaced_the_socket_keeps_its_permissions() {
        let (file, path) = made("replaced");
        file.set_rights(rights(0o666)).unwrap();
        let mode = || statat(CWD, &path, AtFlags::empty()).unwrap().st_mode & 0o777;
        assert_eq!(mode(), 0o666);
        // The socket is replaced by a link to another file, and below by that kind of file itself.
        let others = path.with_extension("others");
        std::fs::write(&others, "theirs").unwrap();
        chmod(&others, Mode::from_raw_mode(0o600)).unwrap();
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink(&others, &path).unwrap();
        file.set_rights(rights(0o666)).unwrap_err();
        assert_eq!(mode(), 0o600);
        swap(&path);
        file.set_rights(rights(0o666)).unwrap_err();
        assert_eq!(mode(), 0o600);
        std::fs::remove_file(others).unwrap();
        std::fs::remove_file(path).unwrap();
    }
}
