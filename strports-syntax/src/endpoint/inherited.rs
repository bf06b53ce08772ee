//! Endpoints on sockets and file descriptors that are already open: `systemd`, `fd` and `stdio`.

use super::Sealed;
use super::field::{Reader, display, fields};
use crate::signature::{Signature, client, server};
use crate::value::{Domain, Number};
use crate::{ErrorKind, Parameters, Text, Value};

/// Listens on a socket that systemd opened and passed to the process (socket activation).
///
/// ```
/// use strports_syntax::{SystemdServer, value::Domain};
/// let endpoint = SystemdServer::named(Domain::Inet, "web");
/// assert_eq!(endpoint.to_string(), "systemd:INET:name=web");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct SystemdServer<'a> {
    /// The address family of the passed socket.
    pub domain: Domain,
    /// Which of the passed sockets to use.
    pub socket: PassedSocket<'a>,
}

/// One of the sockets that systemd passed, by index or by name.
///
/// ```
/// use strports_syntax::{PassedSocket, SystemdServer, value::Domain};
/// let endpoint = SystemdServer::at(Domain::Unix, 0);
/// assert!(matches!(&endpoint.socket, PassedSocket::Index(index) if index.value() == 0));
/// assert_eq!(endpoint.to_string(), "systemd:UNIX:index=0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PassedSocket<'a> {
    /// The position of the socket in the order that systemd passed them, from 0.
    Index(Number<'a, u32>),
    /// The name of the socket: `FileDescriptorName=` in its systemd unit.
    Name(Text<'a>),
}

impl<'a> SystemdServer<'a> {
    /// The row of the signature table that describes this type.
    pub const SIGNATURE: &'static Signature = &server::SYSTEMD;

    /// Selects the socket at position `index`, from 0.
    ///
    /// The printed description parses only if `index` is below 2147483648.
    pub const fn at(domain: Domain, index: u32) -> Self {
        Self { domain, socket: PassedSocket::Index(Number::new(index)) }
    }

    /// Selects the socket whose `FileDescriptorName` is `name`.
    pub fn named(domain: Domain, name: impl Into<Text<'a>>) -> Self {
        Self { domain, socket: PassedSocket::Name(name.into()) }
    }

    pub(crate) fn read(reader: &mut Reader<'_, '_, 'a>) -> Option<Self> {
        let domain = reader.read(const { server::SYSTEMD.row("domain") });
        let index = reader.read(const { server::SYSTEMD.row("index") });
        let name = reader.read(const { server::SYSTEMD.row("name") });
        let given = |name| reader.arguments.get(name).map(|argument| argument.span);
        let kind = match (given("index"), given("name")) {
            (Some(a), Some(b)) => Some((ErrorKind::IndexAndName { both: true }, a.to(b))),
            (None, None) => {
                let kind = ErrorKind::IndexAndName { both: false };
                Some((kind, reader.arguments.description().type_span()))
            }
            _ => None,
        };
        if let Some((kind, span)) = kind {
            reader.binder.error(kind, span);
        }
        let index: Option<Number<'a, u32>> = index?;
        let name: Option<Text<'a>> = name?;
        let socket = index.map(PassedSocket::Index).or(name.map(PassedSocket::Name));
        Some(Self { domain: domain?, socket: socket? })
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> SystemdServer<'static> {
        let socket = match self.socket {
            PassedSocket::Index(index) => PassedSocket::Index(index.into_owned()),
            PassedSocket::Name(name) => PassedSocket::Name(name.into_owned()),
        };
        SystemdServer { domain: self.domain, socket }
    }
}

impl Sealed for SystemdServer<'_> {}

impl Parameters for SystemdServer<'_> {
    fn signature(&self) -> &'static Signature {
        Self::SIGNATURE
    }

    fn value(&self, name: &str) -> Value<'_> {
        match (name, &self.socket) {
            ("domain", _) => Value::Word(self.domain.as_str()),
            ("index", PassedSocket::Index(index)) => Value::Integer(index.value().into()),
            ("name", PassedSocket::Name(name)) => Value::Text(name),
            _ => Value::Absent,
        }
    }
}

display!(SystemdServer<'_>);

/// Listens on an inherited socket, given by its file descriptor; an extension to Twisted.
///
/// ```
/// use strports_syntax::FdServer;
/// assert_eq!(FdServer::new(3).to_string(), "fd:3");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct FdServer<'a> {
    /// The number of the inherited file descriptor, from 0.
    pub fd: Number<'a, u32>,
}

impl FdServer<'_> {
    /// Listens on the socket with the file descriptor `fd`.
    ///
    /// The printed description parses only if `fd` is below 2147483648.
    pub const fn new(fd: u32) -> Self {
        Self { fd: Number::new(fd) }
    }
}

fields!(FdServer = server::FD { fd: "fd" });

/// Uses an inherited file descriptor as the connection; an extension to Twisted.
///
/// ```
/// use strports_syntax::FdClient;
/// assert_eq!(FdClient::new(4).to_string(), "fd:4");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct FdClient<'a> {
    /// The number of the inherited file descriptor, from 0.
    pub fd: Number<'a, u32>,
}

impl FdClient<'_> {
    /// Uses the file descriptor `fd`.
    ///
    /// The printed description parses only if `fd` is below 2147483648.
    pub const fn new(fd: u32) -> Self {
        Self { fd: Number::new(fd) }
    }
}

fields!(FdClient = client::FD { fd: "fd" });

macro_rules! stdio {
    ($(#[$doc:meta])* $Type:ident = $SIGNATURE:path) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub struct $Type;

        impl $Type {
            /// The row of the signature table that describes this type.
            pub const SIGNATURE: &'static Signature = &$SIGNATURE;

            /// Creates the endpoint, which has no parameters: it is always standard input and
            /// output.
            pub const fn new() -> Self {
                Self
            }

            #[allow(clippy::unnecessary_wraps, reason = "as every endpoint is read")]
            pub(crate) fn read(_: &mut Reader<'_, '_, '_>) -> Option<Self> {
                Some(Self)
            }

            /// Returns the value unchanged, because it contains no text.
            #[cfg(feature = "alloc")]
            #[must_use]
            pub const fn into_owned(self) -> Self {
                self
            }
        }

        impl Sealed for $Type {}

        impl Parameters for $Type {
            fn signature(&self) -> &'static Signature {
                Self::SIGNATURE
            }

            fn value(&self, _: &str) -> Value<'_> {
                Value::Absent
            }
        }

        display!($Type);
    };
}

stdio! {
    /// Serves one connection on standard input and output.
    ///
    /// ```
    /// use strports_syntax::StdioServer;
    /// assert_eq!(StdioServer::new().to_string(), "stdio:");
    /// ```
    StdioServer = server::STDIO
}

stdio! {
    /// Uses standard input and output as the connection; an extension to Twisted.
    ///
    /// ```
    /// use strports_syntax::{ClientEndpoint, StdioClient};
    /// assert_eq!(ClientEndpoint::parse("stdio:")?, ClientEndpoint::Stdio(StdioClient::new()));
    /// # Ok::<(), strports_syntax::ParseError>(())
    /// ```
    StdioClient = client::STDIO
}
