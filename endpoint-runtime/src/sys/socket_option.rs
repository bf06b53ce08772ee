//! Linux socket options that rustix does not have.

use std::io;
use std::mem::size_of_val;
use std::os::fd::{AsFd, AsRawFd};

/// Lets `connect` choose the local port of a socket that is bound to port 0
/// (`IP_BIND_ADDRESS_NO_PORT`).
///
/// `bind` needs a port that no other socket of the address uses. `connect` needs one that no other
/// connection to the same target uses, so all ports are available for each target.
pub(crate) fn bind_without_port(socket: impl AsFd) -> io::Result<()> {
    // The option belongs to the IPv4 level, even for IPv6 sockets.
    set(socket, libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, &1_i32.to_ne_bytes())
}

/// Binds a socket to a network interface, by its name (`SO_BINDTODEVICE`).
pub(crate) fn bind_to_device(socket: impl AsFd, name: &str) -> io::Result<()> {
    set(socket, libc::SOL_SOCKET, libc::SO_BINDTODEVICE, name.as_bytes())
}

/// Sets a socket option to a value, given as the bytes that `setsockopt` takes.
fn set(socket: impl AsFd, level: i32, option: i32, value: &[u8]) -> io::Result<()> {
    let len = libc::socklen_t::try_from(size_of_val(value)).map_err(io::Error::other)?;
    let raw = socket.as_fd().as_raw_fd();
    // SAFETY: `socket` is borrowed, so `raw` is open during the call. The kernel reads `len` bytes
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
            // A system without IPv6 cannot create the socket.
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
