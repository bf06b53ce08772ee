//! Typed endpoints, in one file for each type.
//!
//! Types and parameters that Twisted lacks are called extensions. A parameter that extends a type
//! of Twisted is given by name only, so that positions mean the same in both.

pub(crate) mod field;
#[cfg(feature = "alloc")]
mod haproxy;
mod inherited;
mod parameters;
#[cfg(feature = "alloc")]
mod plugin;
mod print;
mod process;
mod ssl;
mod tcp;
mod tls;
#[cfg(feature = "alloc")]
mod tunnel;
mod unix;

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::fmt;

use field::Reader;
#[cfg(feature = "alloc")]
pub use haproxy::{HaproxyClient, HaproxyServer};
pub use inherited::{FdClient, FdServer, PassedSocket, StdioClient, StdioServer, SystemdServer};
pub(crate) use parameters::Sealed;
pub use parameters::{Parameters, Value};
#[cfg(feature = "alloc")]
pub use plugin::PluginEndpoint;
#[cfg(feature = "alloc")]
pub use print::canonical_bytes;
pub use process::ProcessClient;
pub use ssl::{SslClient, SslServer};
pub use tcp::{Tcp6Client, Tcp6Server, TcpClient, TcpServer};
pub use tls::{TlsClient, TlsServer};
#[cfg(feature = "alloc")]
pub use tunnel::{HttpConnectClient, Socks5Client};
pub use unix::{UnixClient, UnixServer};

#[cfg(not(feature = "alloc"))]
use crate::ErrorKind;
use crate::Role;
use crate::bind::{Binder, BoundArguments};
use crate::signature::Signature;
use crate::{Description, Error, Sink};

/// The maximum nesting depth of descriptions; 0 without an allocator, so that nothing nests.
///
/// ```
/// use strports_syntax::{NESTING_LIMIT, ServerEndpoint};
/// let wrapped = |times| "haproxy:".repeat(times) + "tcp:80";
/// assert!(ServerEndpoint::parse(&wrapped(NESTING_LIMIT)).is_ok());
/// assert!(ServerEndpoint::parse(&wrapped(NESTING_LIMIT + 1)).is_err());
/// ```
pub const NESTING_LIMIT: usize = if cfg!(feature = "alloc") { 16 } else { 0 };

/// The server endpoint below a TLS server; `None` listens on a TCP port.
///
/// It is always `None` without an allocator, which a nested endpoint needs.
///
/// See [`TlsServer`] for an example.
#[cfg(feature = "alloc")]
pub type InnerServer<'a> = Option<Box<ServerEndpoint<'a>>>;
/// The client endpoint below a TLS client; `None` connects to a TCP port.
///
/// It is always `None` without an allocator, which a nested endpoint needs.
///
/// See [`TlsClient`] for an example.
#[cfg(feature = "alloc")]
pub type InnerClient<'a> = Option<Box<ClientEndpoint<'a>>>;
/// The server endpoint below a TLS server; `None` listens on a TCP port.
///
/// It is always `None` without an allocator, which a nested endpoint needs.
///
/// See [`TlsServer`] for an example.
#[cfg(not(feature = "alloc"))]
pub type InnerServer<'a> = Option<core::convert::Infallible>;
/// The client endpoint below a TLS client; `None` connects to a TCP port.
///
/// It is always `None` without an allocator, which a nested endpoint needs.
///
/// See [`TlsClient`] for an example.
#[cfg(not(feature = "alloc"))]
pub type InnerClient<'a> = Option<core::convert::Infallible>;

macro_rules! endpoints {
    (
        $(#[$doc:meta])*
        $Endpoint:ident, $ROLE:ident {
            $($(#[$attribute:meta])* $Variant:ident($Type:ident $(<$a:lifetime>)?),)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "each type is described where it is")]
        pub enum $Endpoint<'a> {
            $($(#[$attribute])* $Variant($Type $(<$a>)?),)*
            #[cfg(feature = "alloc")]
            Plugin(PluginEndpoint<'a>),
        }

        impl<'a> $Endpoint<'a> {
            /// Parses `text` and reports every error to `sink`; returns `None` if there is one.
            ///
            /// See the example of [`Sink`].
            pub fn parse_with<T: AsRef<[u8]> + ?Sized>(
                text: &'a T,
                sink: &mut dyn Sink,
            ) -> Option<Self> {
                Self::bind_text(text.as_ref(), &mut Binder::new(Some(sink))).ok()
            }

            pub(crate) fn bind_text(
                text: &'a [u8],
                binder: &mut Binder<'_>,
            ) -> Result<Self, Error> {
                if let Ok(description) = Description::parse(text) {
                    return Self::bind(&description, binder);
                }
                // Arguments before a trailing backslash are checked too, so that all errors are
                // reported.
                let (description, error) = Description::recover(text);
                if let Some(error) = error {
                    binder.error(*error.kind(), error.span());
                }
                if let Some(description) = description {
                    let _ = Self::bind(&description, binder);
                }
                Err(binder.first_error())
            }

            pub(crate) fn bind(
                description: &Description<'a>,
                binder: &mut Binder<'_>,
            ) -> Result<Self, Error> {
                let Some(signature) = binder.signature(Role::$ROLE, description) else {
                    binder.report_bound(Role::$ROLE, description, None);
                    return Err(binder.first_error());
                };
                let mut arguments = BoundArguments::new(signature, *description);
                binder.bind(&mut arguments);
                Self::read(&mut Reader { binder, arguments: &arguments })
            }

            fn read(reader: &mut Reader<'_, '_, 'a>) -> Result<Self, Error> {
                let signature = reader.arguments.signature();
                $($(#[$attribute])* if core::ptr::eq(signature, $Type::SIGNATURE) {
                    let endpoint = $Type::read(reader);
                    // `Ok` is built in the return expression to avoid a copy of the large result.
                    let faultless = reader.finish();
                    return match endpoint {
                        Some(endpoint) if faultless => Ok(Self::$Variant(endpoint)),
                        _ => Err(reader.binder.first_error()),
                    };
                })*
                Self::read_other(reader)
            }

            #[cfg(feature = "alloc")]
            fn read_other(reader: &mut Reader<'_, '_, 'a>) -> Result<Self, Error> {
                let endpoint = PluginEndpoint::read(reader);
                let faultless = reader.finish();
                match endpoint {
                    Some(endpoint) if faultless => Ok(Self::Plugin(endpoint)),
                    _ => Err(reader.binder.first_error()),
                }
            }

            /// Reports a type that contains another endpoint, which cannot be built without an
            /// allocator.
            #[cfg(not(feature = "alloc"))]
            fn read_other(reader: &mut Reader<'_, '_, 'a>) -> Result<Self, Error> {
                let span = reader.arguments.description().type_span();
                reader.binder.error(ErrorKind::NestedTooDeep { limit: NESTING_LIMIT }, span);
                reader.finish();
                Err(reader.binder.first_error())
            }

            /// Copies the borrowed text, so that the result outlives the parsed description.
            #[cfg(feature = "alloc")]
            pub fn into_owned(self) -> $Endpoint<'static> {
                match self {
                    $(
                        $(#[$attribute])*
                        Self::$Variant(it) => $Endpoint::$Variant(it.into_owned()),
                    )*
                    Self::Plugin(it) => $Endpoint::Plugin(it.into_owned()),
                }
            }

            fn parameters(&self) -> &dyn Parameters {
                match self {
                    $($(#[$attribute])* Self::$Variant(it) => it,)*
                    #[cfg(feature = "alloc")]
                    Self::Plugin(it) => it,
                }
            }
        }

        impl Sealed for $Endpoint<'_> {}

        impl Parameters for $Endpoint<'_> {
            fn signature(&self) -> &'static Signature {
                self.parameters().signature()
            }

            fn value(&self, name: &str) -> Value<'_> {
                self.parameters().value(name)
            }
        }

        /// Prints the canonical description.
        impl fmt::Display for $Endpoint<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                print::print(self, f)
            }
        }

        $($(#[$attribute])* impl<'a> From<$Type $(<$a>)?> for $Endpoint<'a> {
            fn from(endpoint: $Type $(<$a>)?) -> Self {
                Self::$Variant(endpoint)
            }
        })*
    };
}

endpoints! {
    /// A server: where to listen. Fields and types that Twisted lacks are called extensions.
    ///
    /// ```
    /// use strports_syntax::ServerEndpoint;
    /// let ServerEndpoint::Unix(unix) = ServerEndpoint::parse("unix:/run/a:mode=660")? else {
    ///     unreachable!()
    /// };
    /// assert_eq!(unix.mode.bits(), 0o660);
    /// # Ok::<(), strports_syntax::ParseError>(())
    /// ```
    ServerEndpoint, Server {
        Tcp(TcpServer<'a>),
        Tcp6(Tcp6Server<'a>),
        Ssl(SslServer<'a>),
        Unix(UnixServer<'a>),
        Tls(TlsServer<'a>),
        Systemd(SystemdServer<'a>),
        Stdio(StdioServer),
        #[cfg(feature = "alloc")]
        Haproxy(HaproxyServer<'a>),
        Fd(FdServer<'a>),
    }
}

endpoints! {
    /// A client: where to connect. Fields and types that Twisted lacks are called extensions.
    ///
    /// ```
    /// use strports_syntax::ClientEndpoint;
    /// let ClientEndpoint::Tcp(tcp) = ClientEndpoint::parse("tcp:example.com:80")? else {
    ///     unreachable!()
    /// };
    /// assert_eq!((tcp.host.to_string().as_str(), tcp.port.value()), ("example.com", 80));
    /// # Ok::<(), strports_syntax::ParseError>(())
    /// ```
    ClientEndpoint, Client {
        Tcp(TcpClient<'a>),
        Tcp6(Tcp6Client<'a>),
        Ssl(SslClient<'a>),
        Unix(UnixClient<'a>),
        Tls(TlsClient<'a>),
        Stdio(StdioClient),
        #[cfg(feature = "alloc")]
        Haproxy(HaproxyClient<'a>),
        Fd(FdClient<'a>),
        Process(ProcessClient<'a>),
        #[cfg(feature = "alloc")]
        Socks5(Socks5Client<'a>),
        #[cfg(feature = "alloc")]
        HttpConnect(HttpConnectClient<'a>),
    }
}
