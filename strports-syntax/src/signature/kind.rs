//! The kinds of values that parameters take, with their ranges.

use crate::Role;
use crate::words::Words;

/// The kind of values that a [`Parameter`](super::Parameter) takes.
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
    /// The length of a listen queue: any 32-bit integer, even a negative one.
    Backlog,
    /// A whole number of seconds, at least 1.
    Seconds,
    /// The delay between two connection attempts: 0.1 to 2 seconds.
    Delay,
    /// The TCP keep-alive times of a connection: up to three numbers, separated by commas.
    KeepAlive,
    /// An integer from 0: the index of a passed socket, or a file descriptor.
    Number,
    /// The number of a user or of a group.
    Id,
    /// The permissions of a file, in octal.
    Mode,
    /// A Boolean, written as an integer: 0 is false and any other is true.
    Flag,
    /// Any text, which may be empty.
    Text,
    /// The path of a file, a directory or a socket: any bytes.
    Path,
    /// A host name or an address, which is resolved at connection time.
    Host,
    /// A host name that follows the rules of IDNA, or an address.
    TlsHost,
    /// As [`TlsHost`](Self::TlsHost), but an IPv6 address is an error.
    TlsHostname,
    /// A local address to listen on or connect from, or the empty text.
    Interface,
    /// The address family of an inherited socket: `INET`, `INET6` or `UNIX`.
    Domain,
    /// The TLS versions of a server, by the name of OpenSSL's method.
    TlsMethod,
    /// The destination of a child process's standard error.
    StandardError,
    /// A version of the PROXY protocol, 1 or 2.
    ProxyVersion,
    /// Networks such as `10.0.0.0/8`, separated by commas.
    Networks,
    /// The TLVs to send in a PROXY header: words, separated by commas.
    ProxyTlvs,
    /// A nested description of the same role, escaped.
    Description,
    /// A nested server description, escaped, in a type of either role.
    ServerDescription,
    /// A nested client description, escaped, in a type of either role.
    ClientDescription,
    /// One of this fixed set of words.
    Word(&'static Words),
    /// Pairs `NAME:VALUE` with escaped colons, separated by commas; the list may be empty.
    Pairs,
    /// All remaining positional arguments, as a list of texts.
    Rest,
    /// A keyword that may be repeated; its values are collected in order.
    Repeated,
    /// A value that has no effect and is not checked.
    Ignored,
}

impl Kind {
    /// The permitted range of integers; `None` for kinds without one.
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
            // The greatest 32-bit number means "no id" to system calls such as `setresuid`.
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

    /// The role of the nested description that the value is, in a type of the role `outer`.
    ///
    /// Returns `None` for kinds that are not a nested description.
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

    /// The kind of value in words, such as "octal mode", for documentation.
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

/// An inclusive range of integers.
#[derive(Debug)]
pub(crate) struct Range {
    least: i64,
    greatest: u64,
    /// The range in words, to complete "expected …" in messages.
    pub(crate) words: &'static str,
}

impl Range {
    #[inline]
    pub(crate) fn contains(&self, value: i128) -> bool {
        (i128::from(self.least)..=i128::from(self.greatest)).contains(&value)
    }

    /// Like [`contains`](Self::contains), but faster, for values of at most 32 bits.
    #[inline]
    pub(crate) fn contains_few(&self, value: u32) -> bool {
        i64::from(value) >= self.least && u64::from(value) <= self.greatest
    }
}
