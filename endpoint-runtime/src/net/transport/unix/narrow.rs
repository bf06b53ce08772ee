//! Binding a socket whose file never has more permissions than the description allows.
//!
//! Linux gives the file the permissions of the socket, so these are restricted before `bind`. Other
//! systems do not: there the socket is bound in a directory that no other user can enter, beside
//! the path, and is linked from there to the path. A link replaces no file and keeps permissions.

use std::path::Path;
#[cfg(any(test, not(target_os = "linux"), feature = "__portable_poller"))]
use std::path::PathBuf;

use rustix::fd::OwnedFd;
use rustix::fs::Mode;
#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
use rustix::fs::fchmod;
#[cfg(any(test, not(target_os = "linux"), feature = "__portable_poller"))]
use rustix::fs::{chmod, link, mkdir, rmdir, unlink};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind};

use crate::sys::socket::new_socket;

/// Binds a socket whose file never has more permissions than `mode`.
#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
pub(super) fn bind_narrow(
    _: &Path,
    address: &SocketAddrUnix,
    mode: Mode,
) -> Result<OwnedFd, Errno> {
    let socket = new_socket(AddressFamily::UNIX, SocketType::STREAM)?;
    fchmod(&socket, mode)?;
    bind(&socket, address)?;
    Ok(socket)
}

/// Binds a socket whose file has the permissions `mode` from the start.
#[cfg(any(not(target_os = "linux"), feature = "__portable_poller"))]
pub(super) fn bind_narrow(path: &Path, _: &SocketAddrUnix, mode: Mode) -> Result<OwnedFd, Errno> {
    bind_privately(path, mode)
}

/// Binds in a private directory next to the path, then links the file to the path.
#[cfg(any(test, not(target_os = "linux"), feature = "__portable_poller"))]
fn bind_privately(path: &Path, mode: Mode) -> Result<OwnedFd, Errno> {
    let directory = private_directory(path.parent().unwrap_or(Path::new(".")))?;
    let inside = directory.join("s");
    let bound = SocketAddrUnix::new(&inside).and_then(|address| {
        let socket = new_socket(AddressFamily::UNIX, SocketType::STREAM)?;
        bind(&socket, &address)?;
        chmod(&inside, mode)?;
        link(&inside, path)?;
        Ok(socket)
    });
    // Errors are ignored, because the caller could do nothing about files that remain.
    let _ = unlink(&inside);
    let _ = rmdir(&directory);
    // Another file has been created at the path. `bind` reports that as an address in use.
    bound.map_err(|error| if error == Errno::EXIST { Errno::ADDRINUSE } else { error })
}

/// Creates a directory inside `parent` that only this user can enter.
#[cfg(any(test, not(target_os = "linux"), feature = "__portable_poller"))]
fn private_directory(parent: &Path) -> Result<PathBuf, Errno> {
    loop {
        // Short, because the whole path has to fit in a socket address.
        let directory = parent.join(format!(".{:x}", fastrand::u32(..)));
        match mkdir(&directory, Mode::RWXU) {
            Ok(()) => return Ok(directory),
            Err(Errno::EXIST) => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// An empty directory, removed at the end of the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir(&path).unwrap();
            Self(path)
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(&self.0).unwrap();
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn mode_of(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_socket_file_is_never_wider_than_asked_for() {
        let folder = Folder::new("narrow");
        let path = folder.0.join("s.sock");
        let address = SocketAddrUnix::new(&path).unwrap();
        let _socket = bind_narrow(&path, &address, Mode::from_raw_mode(0o640)).unwrap();
        // The umask may have removed more, but bind alone would have created 777 minus the umask.
        assert_eq!(mode_of(&path) & !0o640, 0);
    }

    #[test]
    fn a_private_bind_serves_its_path_and_leaves_nothing_beside_it() {
        let folder = Folder::new("private");
        let path = folder.0.join("s.sock");
        let socket = bind_privately(&path, Mode::from_raw_mode(0o666)).unwrap();
        assert_eq!(mode_of(&path), 0o666, "the umask takes nothing");
        assert_eq!(folder.names(), ["s.sock"]);
        rustix::net::listen(&socket, 1).unwrap();
        UnixStream::connect(&path).unwrap();
        let directory = private_directory(&folder.0).unwrap();
        assert_eq!(mode_of(&directory) & !0o700, 0);
    }

    #[test]
    fn a_private_bind_replaces_no_file() {
        let folder = Folder::new("occupied");
        let path = folder.0.join("s.sock");
        fs::write(&path, "theirs").unwrap();
        let error = bind_privately(&path, Mode::from_raw_mode(0o600)).unwrap_err();
        assert_eq!(error, Errno::ADDRINUSE);
        assert_eq!(
            (folder.names(), fs::read(&path).unwrap()),
            (vec!["s.sock".into()], b"theirs".into())
        );
        let error = bind_privately(&folder.0.join("none/s.sock"), Mode::RWXU).unwrap_err();
        assert_eq!(error, Errno::NOENT);
    }
}
