//! Sockets on every Unix system: creation, whether they listen, and interface indices.
//!
//! The feature `__portable_poller` selects the code of other systems on Linux too.

use std::ffi::CString;
use std::os::fd::{AsFd, AsRawFd};

use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketType};

/// Creates a socket that is non-blocking and close-on-exec.
#[cfg(not(any(target_vendor = "apple", feature = "__portable_poller")))]
pub(crate) fn new_socket(family: AddressFamily, kind: SocketType) -> Result<OwnedFd, Errno> {
    use rustix::net::{SocketFlags, socket_with};
    socket_with(family, kind, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK, None)
}

/// Creates a socket that is non-blocking and close-on-exec.
///
/// macOS can set neither flag while creating the socket. A program that another thread starts
/// between the two calls inherits it.
#[cfg(any(target_vendor = "apple", feature = "__portable_poller"))]
pub(crate) fn new_socket(family: AddressFamily, kind: SocketType) -> Result<OwnedFd, Errno> {
    let socket = rustix::net::socket(family, kind, None)?;
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

/// Whether a socket listens for connections; false for other files, and if it is unknown.
pub(crate) fn is_listening(socket: impl AsFd) -> bool {
    let mut on: libc::c_int = 0;
    let Ok(mut len) = libc::socklen_t::try_from(size_of_val(&on)) else { return false };
    let raw = socket.as_fd().as_raw_fd();
    let value = (&raw mut on).cast();
    // SAFETY: `socket` is borrowed, so `raw` is open during the call. The kernel writes at most
    // `len` bytes to `value`, which is the size of `on`, and keeps no pointer.
    let result = unsafe {
        libc::getsockopt(raw, libc::SOL_SOCKET, libc::SO_ACCEPTCONN, value, &raw mut len)
    };
    result == 0 && on != 0
}

/// The index of the network interface with this name; `None` if there is none.
pub(crate) fn interface_index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: `name` ends with a NUL byte and is valid until the call returns. The C library keeps
    // no pointer to it.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    (index > 0).then_some(index)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_new_socket_has_both_flags_and_does_not_listen() {
        let socket = new_socket(AddressFamily::INET, SocketType::STREAM).unwrap();
        let flags = rustix::io::fcntl_getfd(&socket).unwrap();
        assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
        let flags = rustix::fs::fcntl_getfl(&socket).unwrap();
        assert!(flags.contains(rustix::fs::OFlags::NONBLOCK));
        assert!(!is_listening(&socket));
        rustix::net::listen(&socket, 1).unwrap();
        assert!(is_listening(&socket));
    }

    #[test]
    fn a_file_that_is_not_a_socket_does_not_listen() {
        assert!(is_listening(TcpListener::bind("127.0.0.1:0").unwrap()));
        assert!(!is_listening(std::fs::File::open(".").unwrap()));
    }

    #[test]
    fn a_name_with_a_nul_byte_is_no_interface() {
        assert_eq!(interface_index("lo\0"), None);
        assert_eq!(interface_index("no-such-interface"), None);
    }
}
