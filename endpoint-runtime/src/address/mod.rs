//! The address of one side of a connection: an IP address and port, a UNIX name, a process, or a
//! descriptor.

mod sockaddr;
mod unix_name;

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use strports_syntax::value::Flag;
use strports_syntax::{ClientEndpoint, TcpClient, Text, UnixClient};

pub use self::sockaddr::{Family, MAX_UNIX_NAME};
pub use self::unix_name::UnixName;
use crate::quoted::Quoted;

/// The address of one side of a connection, from the point of view of the endpoint.
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
    /// A UNIX socket that is bound to a path or an abstract name.
    Unix(UnixName),
    /// A UNIX socket that is bound to no name, as client sockets usually are.
    UnixUnnamed,
    /// Standard input and output of this process.
    Stdio,
    /// The number of a descriptor that was already open and is no TCP or UNIX socket.
    Descriptor(u32),
    /// This process's end of the pipes or the terminal that connect it to a child process.
    Pipe,
    /// The child process at the other end: a program that was started for the connection.
    Process {
        /// The name or path of the program, as the plan has it.
        executable: PathBuf,
        /// The process id of the child.
        pid: u32,
    },
}

impl Address {
    /// The port of a TCP address; `None` for other addresses.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Tcp(address) => Some(address.port()),
            _ => None,
        }
    }

    /// The socket address of a TCP address; `None` for other addresses.
    pub fn as_tcp(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) => Some(*address),
            _ => None,
        }
    }

    /// The name of a UNIX socket; `None` if it has none, and for other addresses.
    pub fn as_unix(&self) -> Option<&UnixName> {
        match self {
            Self::Unix(name) => Some(name),
            _ => None,
        }
    }

    /// The client description that connects to this address from this machine: the inverse of
    /// binding.
    ///
    /// For a socket that listens on every address, the client connects to the loopback address.
    /// Returns `None` for an address that no client can connect to: a descriptor, a pipe, a
    /// process, standard input and output, or a socket without a name.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::Address;
    ///
    /// let every = Address::Tcp(([0, 0, 0, 0], 8080).into());
    /// assert_eq!(every.client_endpoint().unwrap().to_string(), "tcp:127.0.0.1:8080");
    /// assert_eq!(Address::Stdio.client_endpoint(), None);
    /// ```
    pub fn client_endpoint(&self) -> Option<ClientEndpoint<'static>> {
        match self {
            Self::Tcp(address) => {
                let host = match *address {
                    SocketAddr::V4(it) if it.ip().is_unspecified() => {
                        Ipv4Addr::LOCALHOST.to_string()
                    }
                    SocketAddr::V6(it) if it.ip().is_unspecified() => {
                        Ipv6Addr::LOCALHOST.to_string()
                    }
                    SocketAddr::V6(it) if it.scope_id() != 0 => {
                        format!("{}%{}", it.ip(), it.scope_id())
                    }
                    _ => address.ip().to_string(),
                };
                Some(TcpClient::new(Text::from(host), address.port()).into())
            }
            Self::Unix(name) => {
                let (bytes, is_abstract) = match name.as_abstract() {
                    Some(name) => (name.to_vec(), true),
                    None => (name.as_path()?.as_os_str().as_encoded_bytes().to_vec(), false),
                };
                let mut unix = UnixClient::new(Text::from(bytes));
                unix.abstract_name = Flag::new(is_abstract);
                Some(unix.into())
            }
            Self::UnixUnnamed
            | Self::Stdio
            | Self::Descriptor(_)
            | Self::Pipe
            | Self::Process { .. } => None,
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
            Self::Descriptor(number) => write!(f, "descriptor {number}"),
            Self::Pipe => f.write_str("a pipe"),
            Self::Process { executable, pid } => {
                write!(f, "{} (process {pid})", Quoted::new(executable))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reached(address: &Address) -> String {
        let endpoint = address.client_endpoint().unwrap();
        let text = endpoint.to_string();
        assert_eq!(ClientEndpoint::parse(&text).unwrap(), endpoint, "it is read as it was meant");
        text
    }

    #[test]
    fn an_address_is_reached_by_a_client() {
        let tcp = |text: &str| reached(&Address::Tcp(text.parse().unwrap()));
        assert_eq!(tcp("127.0.0.1:43211"), "tcp:127.0.0.1:43211");
        assert_eq!(tcp("0.0.0.0:80"), "tcp:127.0.0.1:80");
        assert_eq!(tcp("[::]:80"), r"tcp:\:\:1:80");
        assert_eq!(tcp("[2001:db8::1]:80"), r"tcp:2001\:db8\:\:1:80");
        assert_eq!(tcp("[fe80::1%3]:80"), r"tcp:fe80\:\:1%3:80");
        assert_eq!(
            reached(&Address::Unix(UnixName::path("/run/a:b=c").unwrap())),
            r"unix:/run/a\:b\=c"
        );
        let name = UnixName::abstract_name(*b"app\\").unwrap();
        assert_eq!(reached(&Address::Unix(name)), r"unix:app\\:abstract=1");
        assert_eq!(Address::UnixUnnamed.client_endpoint(), None);
    }
}
