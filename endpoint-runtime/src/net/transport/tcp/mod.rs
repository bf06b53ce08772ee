//! TCP: listening sockets for servers, and races between the addresses of a host for clients.

mod accept;
mod connect;
mod listen;
mod race;
mod socket;

pub(crate) use self::accept::{Accepted, TcpAcceptor};
pub(crate) use self::connect::{Connected, connect_as, target};
pub(crate) use self::listen::{address_of, listen_as, try_bind};
pub(crate) use self::race::Won;
