//! The kinds of values that parameters take.

use crate::Role;
use crate::words::Words;

/// The kind of a [`Parameter`](super::Parameter).
///
/// ```
/// use strports_syntax::signature::{Kind, server};
/// let port = server::TCP.parameter("port").unwrap();
/// assert_eq!((port.kind, port.kind.describe()), (Kind::Port, "port"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A TCP port, 0 to 65535.
    Port,
    /// The length of a listen queue, any 32-bit integer.
    Backlog,
    /// A number of seconds, at least 1.
    Seconds,
    /// The seconds between two connection attempts, from 0.1 to 2.
    Delay,
    /// The TCP keep-alive times of a connection: up to three numbers, separated by commas.
    KeepAlive,
    /// An integer from 0: an index or a descriptor.
    Number,
    /// A user id or a group id.
    Id,
    /// The permissions of a file, in octal.
    Mode,
    /// An integer; 0 is false and any other is true.
    Flag,
    /// Any text.
    Text,
    /// A path: any bytes.
    Path,
    /// A host name or an address, which is resolved at connection time.
    Host,
    /// A host name that follows the rules of IDNA, or an address.
    TlsHost,
    /// As `TlsHost`, but not an IPv6 address.
    TlsHostname,
    /// An address of this machine, or the empty text.
    Interface,
    /// The address family of an inherited socket.
    Domain,
    /// A TLS method, by its name in OpenSSL.
    TlsMethod,
    /// The destination of a child's standard error.
    StandardError,
    /// A version of the PROXY protocol, 1 or 2.
    ProxyVersion,
    /// Networks, separated by commas.
    Networks,
    /// The TLVs of a PROXY header: words, separated by commas.
    ProxyTlvs,
    /// An escaped description of the same role.
    Description,
    /// An escaped server description, for either role.
    ServerDescription,
    /// An escaped client description, for either role.
    ClientDescription,
    /// One of a fixed set of words.
    Word(&'static Words),
    /// Pairs `NAME:VALUE` with escaped colons, separated by commas; may be empty.
    Pairs,
    /// The remaining positional arguments.
    Rest,
    /// A keyword that may be repeated; the values are collected in order.
    Repeated,
    /// A value that is not interpreted.
    Ignored,
}

impl Kind {
    /// The range of integers, for kinds that have one.
    #[inline]
    pub(crate) const fn range(self) -> Option<&'static Range> {
        Some(match self {
            Self::Port => &Range { least: 0, greatest: 65535, words: "a port from 0 to 65535" },
            Self::Backlog => &Range {
                least: i32::MIN as i64,
                greatest: i32::MAX as u64,
                words: "a 32-bit integer",
            },
            Self::Seconds => {
                &Range { least: 1, greatest: u64::MAX, words: "a number of seconds above 0" }
            }
            Self::Number => &Range {
                least: 0,
                greatest: i32::MAX as u64,
                words: "a number from 0 to 2147483647",
            },
            // The greatest 32-bit id means "no id" to the system.
            Self::Id => &Range {
                least: 0,
                greatest: u32::MAX as u64 - 1,
                words: "an id from 0 to 4294967294",
            },
            Self::Mode => {
                &Range { least: 0, greatest: 0o7777, words: "an octal mode from 0 to 7777" }
            }
            Self::ProxyVersion => &Range { least: 1, greatest: 2, words: "1 or 2" },
            _ => return None,
        })
    }

    /// The role of the nested description, in a type of the role `outer`.
    ///
    /// ```
    /// use strports_syntax::{Role, signature::Kind};
    /// assert_eq!(Kind::Description.nests(Role::Client), Some(Role::Client));
    /// assert_eq!(Kind::ClientDescription.nests(Role::Server), Some(Role::Client));
    /// assert_eq!(Kind::Path.nests(Role::Server), None);
    /// ```
    pub const fn nests(self, outer: Role) -> Option<Role> {
        match self {
            Self::Description => Some(outer),
            Self::ServerDescription => Some(Role::Server),
            Self::ClientDescription => Some(Role::Client),
            _ => None,
        }
    }

    /// The kind of value in words, for documentation.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Backlog => "integer",
            Self::Seconds => "seconds",
            Self::Delay => "0.1 to 2 seconds",
            Self::KeepAlive => "`IDLE[,INTERVAL[,COUNT]]`",
            Self::Number | Self::Id => "number",
            Self::Mode => "octal mode",
            Self::Flag => "flag (0 or 1)",
            Self::Text => "text",
            Self::Path => "path",
            Self::Host => "host",
            Self::TlsHost | Self::TlsHostname => "host name",
            Self::Interface => "address",
            Self::Domain => "`INET`, `INET6` or `UNIX`",
            Self::TlsMethod => "TLS method",
            Self::StandardError => "`log`, `drop` or `inherit`",
            Self::ProxyVersion => "1 or 2",
            Self::Networks => "networks",
            Self::ProxyTlvs => "list of `authority`, `alpn`, `ssl`, `unique-id`, `forward`",
            Self::Description => "description",
            Self::ServerDescription => "server description",
            Self::ClientDescription => "client description",
            Self::Word(_) => "word",
            Self::Pairs => "`NAME:VALUE` pairs",
            Self::Rest => "texts",
            Self::Repeated => "text, repeatable",
            Self::Ignored => "ignored",
        }
    }
}

/// A range of integers.
#[derive(Debug)]
pub(crate) struct Range {
    least: i64,
    greatest: u64,
    /// The range in words, for messages.
    pub(crate) words: &'static str,
}

impl Range {
    #[inline]
    pub(crate) fn contains(&self, value: i128) -> bool {
        (i128::from(self.least)..=i128::from(self.greatest)).contains(&value)
    }

    /// Like [`contains`](Self::contains), for the common case of a small number.
    #[inline]
    pub(crate) fn contains_few(&self, value: u32) -> bool {
        i64::from(value) >= self.least && u64::from(value) <= self.greatest
    }
}
