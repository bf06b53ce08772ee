//! Hosts of TLS connections: host names that follow the rules of IDNA, and addresses.

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use super::from_text::FromText;
use crate::signature::{Kind, Parameter};
use crate::{ErrorKind, Excerpt, Text};

/// A host that a certificate can be valid for: a name that IDNA allows, or an IP address.
///
/// ASCII names are checked as Twisted's IDNA does, except that an underscore passes. `h.` and
/// `xn--bcher-kva` pass; `-h`, `ab--c`, `a..b` and `*.x` do not, nor labels over 63 bytes. Names
/// that are not ASCII, and the text after `xn--`, need tables; the resolver checks them.
///
/// ```
/// use strports_syntax::value::{Host, HostKind};
/// assert_eq!(Host::new("example.com").unwrap().kind(), HostKind::Name);
/// assert_eq!(Host::new("::1").unwrap().kind(), HostKind::Ipv6);
/// assert_eq!(Host::new("a..b").unwrap_err(), "a label is empty");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host<'a> {
    text: Text<'a>,
    kind: HostKind,
}

/// Whether a [`Host`] is a name, an IPv4 address or an IPv6 address.
///
/// ```
/// use strports_syntax::value::{Host, HostKind};
/// assert_eq!(Host::new("127.0.0.1").unwrap().kind(), HostKind::Ipv4);
/// assert_eq!(Host::new("fe80::1%eth0").unwrap().kind(), HostKind::Ipv6);
/// assert_eq!(Host::new("localhost").unwrap().kind(), HostKind::Name);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HostKind {
    /// A host name, such as `example.com`.
    Name,
    /// An IPv4 address, such as `192.0.2.1`.
    Ipv4,
    /// An IPv6 address, optionally with a zone as in `fe80::1%eth0`.
    Ipv6,
}

impl<'a> Host<'a> {
    /// Checks that `text` is a host name or an IP address.
    ///
    /// # Errors
    ///
    /// Returns the rule that `text` breaks, in words. Samples: `-h`, `ab--c`, `a..b`, `*.x`, the
    /// empty text.
    pub fn new(text: impl Into<Text<'a>>) -> Result<Self, &'static str> {
        let text = text.into();
        let kind = classify(&text)?;
        Ok(Self { text, kind })
    }

    /// The host as it was written: the name or the address.
    pub const fn text(&self) -> &Text<'a> {
        &self.text
    }

    /// Whether the host is a name or an IP address, and of which family.
    ///
    /// ```
    /// use strports_syntax::value::{Host, HostKind};
    /// assert_eq!(Host::new("example.com")?.kind(), HostKind::Name);
    /// assert_eq!(Host::new("192.0.2.1")?.kind(), HostKind::Ipv4);
    /// # Ok::<(), &'static str>(())
    /// ```
    pub const fn kind(&self) -> HostKind {
        self.kind
    }

    /// Whether the host is a name with an underscore, which Twisted rejects.
    ///
    /// ```
    /// use strports_syntax::value::Host;
    /// assert!(Host::new("my_host").unwrap().has_underscore());
    /// assert!(!Host::new("my-host").unwrap().has_underscore());
    /// ```
    pub fn has_underscore(&self) -> bool {
        self.kind == HostKind::Name && self.text.bytes().any(|byte| byte == b'_')
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Host<'static> {
        Host { text: self.text.into_owned(), kind: self.kind }
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl<'a> FromText<'a> for Host<'a> {
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        let reason = match Self::new(text.clone()) {
            Ok(Self { kind: HostKind::Ipv6, .. }) if parameter.kind == Kind::TlsHostname => {
                "it is an IPv6 address"
            }
            Ok(host) => return Ok(host),
            Err(reason) => reason,
        };
        let (parameter, found) = (parameter.name, Excerpt::new(text));
        Err(ErrorKind::BadHost { parameter, found, reason, network: false })
    }
}

/// The maximum length in bytes of a DNS name, without the final dot of the root.
const LONGEST_NAME: usize = 253;
/// The maximum length in bytes of a label: the part of a name between two dots.
const LONGEST_LABEL: usize = 63;

/// The kind of host; the error is the rule that the text breaks.
fn classify(text: &Text<'_>) -> Result<HostKind, &'static str> {
    if let Some(kind) = address_kind(text) {
        return Ok(kind);
    }
    match text.as_plain() {
        Some(bytes) if bytes.is_ascii() => check_name(bytes.iter().copied().map(char::from)),
        _ => check_name(text.chars()),
    }
}

fn check_name(chars: impl Iterator<Item = char>) -> Result<HostKind, &'static str> {
    let (mut len, mut label, mut ascii) = (0, Label::default(), true);
    for char in chars {
        len += 1;
        if char == '.' {
            label.finish()?;
            label = Label::default();
        } else if char.is_ascii() {
            label.push(char)?;
        } else {
            (label.ascii, ascii) = (false, false);
            label.len += 1;
        }
    }
    let rooted = len > 0 && label.len == 0;
    if !rooted {
        label.finish()?;
    } else if len == 1 {
        return Err("a label is empty");
    }
    if ascii && len > LONGEST_NAME + usize::from(rooted) {
        return Err("it is longer than 253 bytes");
    }
    Ok(HostKind::Name)
}

/// The label of a host name that is being read: the part between two dots.
struct Label {
    len: usize,
    /// The first four characters of the label, to which the rules on hyphens and `xn--` apply.
    first: [char; 4],
    last: char,
    /// Whether all characters so far are ASCII.
    ascii: bool,
}

impl Default for Label {
    fn default() -> Self {
        Self { len: 0, first: ['\0'; 4], last: '\0', ascii: true }
    }
}

impl Label {
    fn push(&mut self, char: char) -> Result<(), &'static str> {
        if !(char.is_ascii_alphanumeric() || matches!(char, '-' | '_')) {
            return Err(match char {
                '*' => "a wildcard is not a host",
                '[' | ']' => "write an IPv6 address without brackets",
                ':' => "a name has no port",
                _ => "a name has letters, digits, hyphens and dots",
            });
        }
        if let Some(slot) = self.first.get_mut(self.len) {
            *slot = char.to_ascii_lowercase();
        }
        self.last = char;
        self.len += 1;
        Ok(())
    }

    fn finish(&self) -> Result<(), &'static str> {
        match self {
            Self { len: 0, .. } => Err("a label is empty"),
            // The rules apply to the form encoded with `xn--`, which needs tables to compute.
            Self { ascii: false, .. } => Ok(()),
            Self { len, .. } if *len > LONGEST_LABEL => Err("a label is longer than 63 bytes"),
            Self { first: ['x', 'n', '-', '-'], len: 4, .. } => Err("nothing follows `xn--`"),
            Self { first: ['-', ..], .. } | Self { last: '-', .. } => {
                Err("a label begins or ends with a hyphen")
            }
            Self { first: ['x', 'n', '-', '-'], .. } => Ok(()),
            Self { first: [_, _, '-', '-'], .. } => Err("a label has hyphens in places 3 and 4"),
            _ => Ok(()),
        }
    }
}

/// The maximum length in bytes of an address without its zone; longer text is a name.
const LONGEST_ADDRESS: usize = 64;

/// The kind of IP address that `text` is; `None` if it is not one.
fn address_kind(text: &Text<'_>) -> Option<HostKind> {
    // Skips parsing for most names: they have no colon, and rarely end in a digit as IPv4 addresses
    // do.
    let raw = text.raw();
    if !raw.contains(&b':') && !raw.last().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let mut buffer = [0; LONGEST_ADDRESS];
    let mut len = 0;
    for byte in text.bytes() {
        // The zone after `%` may be any text and is not checked.
        if byte == b'%' && len > 0 {
            let address = core::str::from_utf8(&buffer[..len]).ok()?;
            return address.parse::<Ipv6Addr>().ok().map(|_| HostKind::Ipv6);
        }
        *buffer.get_mut(len)? = byte;
        len += 1;
    }
    let address = core::str::from_utf8(&buffer[..len]).ok()?;
    if address.parse::<Ipv4Addr>().is_ok() {
        Some(HostKind::Ipv4)
    } else {
        address.parse::<Ipv6Addr>().ok().map(|_| HostKind::Ipv6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_parsed() {
        let label = "a".repeat(63);
        for name in ["h", "h.", "Example.COM", "1.2.3", "a-b", "xn--bcher-kva", "h_x", "é", &label]
        {
            assert_eq!(Host::new(name).unwrap().kind(), HostKind::Name, "{name}");
        }
        assert_eq!(Host::new("127.0.0.1").unwrap().kind(), HostKind::Ipv4);
        for address in ["::1", "fe80::1%eth0", "::ffff:1.2.3.4"] {
            assert_eq!(Host::new(address).unwrap().kind(), HostKind::Ipv6, "{address}");
        }
    }

    #[test]
    fn invalid_idna_names_are_refused() {
        let (label, name) = ("a".repeat(64), "a.".repeat(127));
        for name in [
            "", ".", "..", "a..b", ".a", "-h", "h-", "ab--c", "*.x", "a b", "[::1]", "xn--", "a:b",
            "xn--a-", &label,
        ] {
            assert!(Host::new(name).is_err(), "{name}");
        }
        assert!(Host::new(&*std::format!("{name}a")).is_err());
        assert!(Host::new(&name[..253]).is_ok());
        assert!(Host::new(name.as_str()).is_ok());
    }
}
