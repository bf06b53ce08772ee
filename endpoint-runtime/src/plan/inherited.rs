//! Sockets and descriptors that are already open: from systemd, or by number.

use core::fmt::{self, Display, Formatter};

use strports_syntax::value::Domain;

use crate::quoted::Quoted;

/// Listens on one or more sockets that systemd opened and passed to this process.
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
    /// The address family that the passed sockets must have.
    pub domain: Domain,
    /// Which of the passed sockets to listen on.
    pub socket: SystemdSocket,
}

impl SystemdListen {
    /// Listens on the selected sockets, which must be of this family.
    pub fn new(domain: Domain, socket: SystemdSocket) -> Self {
        Self { domain, socket }
    }
}

/// Selects one or more of the sockets that systemd passed.
///
/// See [`SystemdListen`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemdSocket {
    /// The socket at this position in the list of systemd, from 0. Its name is ignored.
    Index(u32),
    /// All sockets with this name and the address family of the plan. Those of other families are
    /// left for other endpoints.
    Name(Vec<u8>),
}

/// A descriptor that is already open: a listening socket for a server, a connection for a client.
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
    /// The number of the open descriptor.
    pub number: u32,
}

impl Descriptor {
    /// The descriptor with this number.
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
