//! What is open already when this process starts: sockets that systemd passed, and descriptors by
//! number.

use core::fmt::{self, Display, Formatter};

use strports_syntax::value::Domain;

use crate::quoted::Quoted;

/// Sockets that systemd opened.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{SystemdSocket, SystemdListen};
/// use strports_syntax::value::Domain;
///
/// let listen = SystemdListen::new(Domain::Inet6, SystemdSocket::Name(b"web".to_vec()));
/// assert_eq!(
///     listen.to_string(),
///     "listen on each INET6 socket that systemd passed under the name `web`"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SystemdListen {
    /// The address family that they must have.
    pub domain: Domain,
    /// Which of those passed.
    pub socket: SystemdSocket,
}

impl SystemdListen {
    /// Listens on these sockets.
    pub fn new(domain: Domain, socket: SystemdSocket) -> Self {
        Self { domain, socket }
    }
}

/// Which of the sockets that systemd passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemdSocket {
    /// The one at this place, counted from 0; its name, if it has one, does not matter.
    Index(u32),
    /// Every one of this name that has the address family; one of another family is left for
    /// another endpoint.
    Name(Vec<u8>),
}

/// A descriptor that is open already: a socket that listens, for a server; a connection, for a
/// client.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{ClientPlan, ClientTransport, Descriptor};
///
/// let plan = ClientPlan::from(ClientTransport::Fd(Descriptor::new(3)));
/// assert_eq!(plan.to_string(), "use descriptor 3 as the connection");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Descriptor {
    /// Its number.
    pub number: u32,
}

impl Descriptor {
    /// The descriptor of this number.
    pub fn new(number: u32) -> Self {
        Self { number }
    }
}

impl Display for SystemdListen {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let domain = self.domain;
        match &self.socket {
            SystemdSocket::Index(index) => {
                write!(f, "listen on the {domain} socket that systemd passed at index {index}")
            }
            SystemdSocket::Name(name) => {
                let name = Quoted::bytes(name);
                write!(
                    f,
                    "listen on each {domain} socket that systemd passed under the name {name}"
                )
            }
        }
    }
}

impl Display for Descriptor {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "descriptor {}", self.number)
    }
}
