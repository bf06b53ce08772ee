//! What values a parameter takes.

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
    /// The seconds between two attempts, from 0.1 to 2.
    Delay,
    /// A number that counts from 0: an index or a descriptor.
    Number,
    /// The id of a user or a group.
    Id,
    /// The permissions of a file, in octal.
    Mode,
    /// An integer of which only zero is false.
    Flag,
    /// Any text.
    Text,
    /// A path: any bytes.
    Path,
    /// A host name or an address, checked where the connection is made.
    Host,
    /// A host name that is checked by IDNA's rules, or an address.
    TlsHost,
    /// As `TlsHost`, but an IPv6 address is none.
    TlsHostname,
    /// An address of this machine, or nothing.
    Interface,
    /// The domain of an adopted socket.
    Domain,
    /// A TLS method by the name that OpenSSL gives it.
    TlsMethod,
    /// What becomes of a child's standard error.
    StandardError,
    /// A version of the PROXY protocol, 1 or 2.
    ProxyVersion,
    /// Networks, separated by commas.
    Networks,
    /// What a PROXY header says beside the addresses: words, separated by commas.
    ProxyTlvs,
    /// A description of the same role, escaped.
    Description,
    /// A description to listen with, escaped, whatever the role.
    ServerDescription,
    /// A description to connect with, escaped, whatever the role.
    ClientDescription,
    /// One of a few words.
    Word(&'static Words),
    /// Pairs `NAME:VALUE` separated by commas, their colons escaped, or nothing.
    Pairs,
    /// The positional arguments that are left.
    Rest,
    /// A keyword that may be repeated, gathered in order.
    Repeated,
    /// A value that is not interpreted.
    Ignored,
}

impl Kind {
    /// For integers, which ones it takes.
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
            // The greatest one means "none" to the system.
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

    /// The role of the description that it takes, beside a type of the role `outer`.
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

    /// What it takes, for documentation.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Backlog => "integer",
            Self::Seconds => "seconds",
            Self::Delay => "0.1 to 2 seconds",
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

/// The integers that a parameter takes.
#[derive(Debug)]
pub(crate) struct Range {
    least: i64,
    greatest: u64,
    /// What it may be, for messages.
    pub(crate) words: &'static str,
}

impl Range {
    #[inline]
    pub(crate) fn contains(&self, value: i128) -> bool {
        (i128::from(self.least)..=i128::from(self.greatest)).contains(&value)
    }

    /// As [`contains`](Self::contains), for what most numbers are.
    #[inline]
    pub(crate) fn contains_few(&self, value: u32) -> bool {
        i64::from(value) >= self.least && u64::from(value) <= self.greatest
    }
}
