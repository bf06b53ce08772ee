//! A port without a listener, for which no other socket can take its place.

#![allow(dead_code, reason = "each test program uses its part")]

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};

/// A loopback port that refuses connections: its socket is bound, but does not listen. A port that
/// is only free is not enough, because the system gives it to the next socket that is bound to port
/// 0.
pub(crate) struct ClosedPort {
    socket: OwnedFd,
    pub(crate) address: SocketAddr,
}

impl ClosedPort {
    pub(crate) fn new() -> Self {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
        bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = getsockname(&socket).unwrap().try_into().unwrap();
        Self { socket, address }
    }

    /// The description of a client for this port.
    pub(crate) fn client(&self) -> String {
        format!("tcp:{}", self.address)
    }

    /// Opens the port.
    pub(crate) fn listen(self) -> TcpListener {
        listen(&self.socket, 16).unwrap();
        self.socket.into()
    }
}

/// The description of a client for a port that stays closed until the test program ends.
pub(crate) fn closed() -> String {
    let port = ClosedPort::new();
    let client = port.client();
    std::mem::forget(port);
    client
}
