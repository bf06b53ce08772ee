//! Socket options of Linux that rustix does not have.

use std::io;
use std::mem::size_of_val;
use std::os::fd::{AsFd, AsRawFd};

/// Leaves the choice of a local port to `connect` when a socket is bound to port 0
/// (`IP_BIND_ADDRESS_NO_PORT`).
///
/// `bind` needs a port that no other socket of the address has. `connect` needs one that no other
/// connection to the same target has, so that each target has all ports.
pub(crate) fn bind_without_port(socket: impl AsFd) -> io::Result<()> {
    // It is an option of the IPv4 level for IPv6 sockets too.
    set(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, &1_i32.to_ne_bytes())
}

/// Sets one option to the bytes of its value.
fn set(socket: impl AsFd, level: i32, option: i32, value: &[u8]) -> io::Result<()> {
    let len = libc::socklen_t::try_from(size_of_val(value)).map_err(io::Error::other)?;
    let raw = socket.as_fd().as_raw_fd();
    // SAFETY: `raw` is open during the call, as `socket` is borrowed. The kernel reads `len` bytes
    // from the pointer, which is the length of `value`, and keeps no pointer.
    let result = unsafe { libc::setsockopt(raw, level, option, value.as_ptr().cast(), len) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn a_socket_that_is_bound_without_a_port_has_none_yet() {
        for (family, address) in
            [(AddressFamily::INET, "127.0.0.1:0"), (AddressFamily::INET6, "[::1]:0")]
        {
            let address: SocketAddr = address.parse().unwrap();
            // A system without IPv6 has no such sockets.
            let Ok(socket) = socket(family, SocketType::STREAM, None) else { continue };
            bind_without_port(&socket).unwrap();
            if bind(&socket, &address).is_ok() {
                assert_eq!(SocketAddr::try_from(getsockname(&socket).unwrap()), Ok(address));
            }
        }
    }

    #[test]
    fn an_option_that_the_socket_does_not_have_is_an_error() {
        let (reader, _writer) = rustix::pipe::pipe().unwrap();
        assert_eq!(bind_without_port(&reader).unwrap_err().raw_os_error(), Some(libc::ENOTSOCK));
    }
}
