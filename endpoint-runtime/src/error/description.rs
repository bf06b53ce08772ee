//! Mistakes in endpoint descriptions, which their author can fix.

use std::path::PathBuf;

use thiserror::Error as ThisError;

use crate::address::{Family, MAX_UNIX_NAME};
use crate::quoted::Quoted;

/// A mistake in the description of an endpoint, which its author can fix.
///
/// See [`Error`](crate::Error) for an example.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum DescriptionProblem {
    /// The text cannot be parsed: its syntax, its type or an argument is wrong.
    #[error("{0}")]
    Syntax(strports_syntax::ParseError),
    /// The type is known, but this build does not support it.
    #[error(
        "{} endpoints are described but not run by this version \
         (expected `tcp`, `tcp6`, `unix`, `systemd`, `fd`, `stdio`, `process`, `ssl`, `tls`, \
         `haproxy`, `socks5` or `http-connect`)",
        Quoted::new(.name)
    )]
    Unsupported {
        /// The type of the endpoint, such as `onion`.
        name: String,
    },
    /// The type belongs to a plugin, and the endpoint was built without its registry.
    #[error("there is no plugin for {} here", Quoted::new(.name))]
    NoPlugin {
        /// The type of the endpoint, which a plugin defines.
        name: String,
    },
    /// The parse function of a plugin rejected the description.
    #[error("{message}")]
    Plugin {
        /// The reason in the plugin's own words.
        message: String,
    },
    /// A host, interface or bind address is not UTF-8.
    #[error("{} is {}, which is not UTF-8", Quoted::new(.argument), Quoted::bytes(.value))]
    NotUtf8 {
        /// The keyword of the argument, such as `interface`.
        argument: &'static str,
        /// The value of the argument, without the escapes of the description.
        value: Vec<u8>,
    },
    /// The name of a UNIX socket is empty; the kernel would choose a name.
    #[error("the name of the socket is empty")]
    EmptySocketPath,
    /// The name of a passed socket contains a colon, which separates names in systemd's list.
    #[error("{} contains a colon, which the name of a passed socket cannot contain", Quoted::bytes(.name))]
    ColonInSocketName {
        /// The value of `name=` in the `systemd` description.
        name: Vec<u8>,
    },
    /// The path of a UNIX socket contains a NUL byte.
    #[error("{} contains a NUL byte, which a path cannot contain", Quoted::new(.path))]
    NulInSocketPath {
        /// The path without escapes.
        path: PathBuf,
    },
    /// The name of a UNIX socket does not fit in a socket address.
    #[error(
        "{} is {} bytes long, but a socket name has at most {MAX_UNIX_NAME}",
        Quoted::bytes(.name),
        .name.len()
    )]
    SocketPathTooLong {
        /// The path or the abstract name, which is too long.
        name: Vec<u8>,
    },
    /// An owner is given for an abstract name, which has none.
    ///
    /// Every process of the network namespace may connect to an abstract name.
    #[error("`{argument}` expects a socket in the file system, but an abstract name has no owner")]
    OwnerOfAbstractName {
        /// The keyword of the argument: `user` or `group`.
        argument: &'static str,
    },
    /// The text after the colon in `bindAddress` is not a port.
    #[error("expected a port from 0 to 65535 in `bindAddress`, but found {}", Quoted::new(.port))]
    BindAddressPort {
        /// The text after the colon, which is not a port.
        port: String,
    },
    /// The program of a `process` endpoint has an empty name.
    #[error("the name of the program is empty")]
    EmptyExecutable,
    /// An entry of a program's environment has no variable name.
    ///
    /// The message does not show the value, which may be secret.
    #[error("expected `NAME=VALUE` or `NAME` for `env`, but found no name")]
    NoVariable,
    /// An argument or variable of a program contains a NUL byte, which would truncate it.
    #[error("`{argument}` contains a NUL byte, which no argument of a program can contain")]
    NulForProgram {
        /// The keyword of the argument, such as `env`.
        argument: &'static str,
    },
    /// The host has no address of the same IP family as `bindAddress`.
    #[error("`bindAddress` is {bind_address}, but the host has no such address")]
    BindAddressFamily {
        /// The family of `bindAddress`.
        bind_address: Family,
    },
    /// A protocol name in `alpn` does not fit in TLS: it is empty or too long.
    #[error("expected names of 1 to 255 bytes in `alpn`, but found {}", Quoted::bytes(.name))]
    BadProtocol {
        /// The protocol name; empty, or longer than 255 bytes.
        name: Vec<u8>,
    },
    /// The host to verify is neither a DNS name nor an IP address.
    ///
    /// A certificate contains no other names, so none could be valid for this host.
    #[error("{} is not a name that a certificate can contain", Quoted::new(.name))]
    NoServerName {
        /// The host as it is written in the description.
        name: String,
    },
    /// A SOCKS5 or HTTP proxy cannot be given this target host, such as an address with a zone.
    #[error(
        "{} is not a host that a proxy can connect to (expected a name or an address without a zone)",
        Quoted::new(.host)
    )]
    NotForProxy {
        /// The host as it is written in the description.
        host: String,
    },
    /// `proxyTrusted` lists networks, but the peers on this transport have no IP address.
    #[error("`proxyTrusted` expects senders with IP addresses, but those on {transport} have none")]
    TrustedWithoutAddress {
        /// The transport, in words, such as `a UNIX socket`.
        transport: &'static str,
    },
}
