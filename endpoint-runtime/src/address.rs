//! Where one side of a connection is: an IP address and port, a UNIX name, or standard input and output.

use core::fmt;
use std::net::SocketAddr;

use crate::plan::UnixName;

/// The address of one side of a connection, as the endpoint sees it.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::Address;
///
/// let address = Address::Tcp(([127, 0, 0, 1], 8080).into());
/// assert_eq!(address.to_string(), "127.0.0.1:8080");
/// assert_eq!(address.port(), Some(8080));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Address {
    /// An IPv4 or IPv6 address with a TCP port.
    Tcp(SocketAddr),
    /// A UNIX socket with a name.
    Unix(UnixName),
    /// A UNIX socket without a name, as clients usually are.
    UnixUnnamed,
    /// Standard input and output of this process.
    Stdio,
}

impl Address {
    /// The TCP port, where there is one.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()),
            Self::Unix(_) | Self::UnixUnnamed | Self::Stdio => None,
        }
    }

    /// The IP address and port, where there is one.
    pub fn as_tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            Self::Unix(_) | Self::UnixUnnamed | Self::Stdio => None,
        }
    }

    /// The name of a UNIX socket, where there is one.
    pub fn as_unix(&self) -> Option<&UnixName> {
        match self {
            Self::Unix(name) => Some(name),
            Self::Tcp(_) | Self::UnixUnnamed | Self::Stdio => None,
        }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Tcp(address)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(name) => name.fmt(f),
            Self::UnixUnnamed => f.write_str("an unnamed UNIX socket"),
            Self::Stdio => f.write_str("standard input and output"),
        }
    }
}
