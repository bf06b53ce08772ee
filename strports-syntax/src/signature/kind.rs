//! What values a parameter takes.

/// The kind of a [`Parameter`](super::Parameter).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A TCP port, 0 to 65535.
    Port,
    /// The length of a listen queue, any 32-bit integer.
    Backlog,
    /// A number of seconds, at least 1.
    Seconds,
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
    /// A description of the same role, escaped.
    Description,
    /// The positional arguments that are left.
    Rest,
    /// A keyword that may be repeated, gathered in order.
    Repeated,
    /// A value that nobody looks at.
    Ignored,
}

impl Kind {
    /// For integers the least and greatest value, and what it may be in words.
    pub(crate) const fn range(self) -> Option<(i128, i128, &'static str)> {
        Some(match self {
            Self::Port => (0, u16::MAX as i128, "a port from 0 to 65535"),
            Self::Backlog => (i32::MIN as i128, i32::MAX as i128, "a 32-bit integer"),
            Self::Seconds => (1, u64::MAX as i128, "a number of seconds above 0"),
            Self::Number => (0, i32::MAX as i128, "a number from 0 to 2147483647"),
            Self::Id => (0, u32::MAX as i128 - 1, "an id from 0 to 4294967294"),
            Self::Mode => (0, 0o7777, "an octal mode from 0 to 7777"),
            Self::ProxyVersion => (1, 2, "1 or 2"),
            _ => return None,
        })
    }

    /// What it takes, for documentation.
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Backlog => "integer",
            Self::Seconds => "seconds",
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
            Self::Description => "description",
            Self::Rest => "texts",
            Self::Repeated => "text, repeatable",
            Self::Ignored => "ignored",
        }
    }
}
