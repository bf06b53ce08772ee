//! Hosts: an IP address, an IPv6 address with a zone, or a name to resolve later.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::address::Family;
use crate::quoted::Quoted;

/// The host in a description: an IP address, or a name that is resolved later.
///
/// Part of [`TcpConnect`](crate::plan::TcpConnect).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Host {
    /// An IPv4 address, or an IPv6 address without a zone.
    Address(IpAddr),
    /// An IPv6 address with the name or number of a network interface, such as `fe80::1%eth0`.
    Scoped {
        /// The address before the `%`.
        address: Ipv6Addr,
        /// The network interface after the `%`, which is resolved when the endpoint is used.
        zone: String,
    },
    /// A name, which is resolved when the endpoint is used.
    Name(String),
}

impl Host {
    /// Parses a host without resolving it; every text is valid.
    ///
    /// Empty text means `0.0.0.0`, as in Twisted: every IPv4 address for a server, and this machine
    /// for a client.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::plan::Host;
    ///
    /// assert_eq!(Host::parse("127.0.0.1"), Host::Address([127, 0, 0, 1].into()));
    /// assert_eq!(Host::parse("example.com"), Host::Name("example.com".into()));
    /// assert!(matches!(Host::parse("fe80::1%eth0"), Host::Scoped { zone, .. } if zone == "eth0"));
    /// ```
    pub fn parse(text: &str) -> Self {
        if text.is_empty() {
            return Self::Address(Ipv4Addr::UNSPECIFIED.into());
        }
        if let Ok(address) = text.parse() {
            return Self::Address(address);
        }
        if let Some((address, zone)) = text.split_once('%') {
            if let Ok(address) = address.parse() {
                return Self::Scoped { address, zone: zone.to_owned() };
            }
        }
        Self::Name(text.to_owned())
    }

    /// The host as text, without quotes, from which it can be parsed again.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Address(address) => address.to_string(),
            Self::Scoped { address, zone } => format!("{address}%{zone}"),
            Self::Name(name) => name.clone(),
        }
    }

    /// The IP family of the address; `None` for a name, which may have addresses of both.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::plan::{Family, Host};
    ///
    /// assert_eq!(Host::parse("").family(), Some(Family::V4));
    /// assert_eq!(Host::parse("fe80::1%eth0").family(), Some(Family::V6));
    /// assert_eq!(Host::parse("localhost").family(), None);
    /// ```
    pub fn family(&self) -> Option<Family> {
        match self {
            Self::Address(address) => Some(Family::from_ip(*address)),
            Self::Scoped { .. } => Some(Family::V6),
            Self::Name(_) => None,
        }
    }
}

/// Splits a host and the optional port after it: `127.0.0.1:80`, `localhost:80`, `[::1]:80`,
/// `[fe80::1%eth0]:80`.
///
/// Colons without brackets belong to an IPv6 address, so `::1:80` has no port.
pub(super) fn split_port(text: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        if Host::parse(host).family() == Some(Family::V6)
            && (rest.is_empty() || rest.starts_with(':'))
        {
            return (host, rest.strip_prefix(':'));
        }
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, Some(port)),
        _ => (text, None),
    }
}

/// Prints the host in back-quotes.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "`{address}`"),
            Self::Scoped { address, zone } => Quoted::new(&format!("{address}%{zone}")).fmt(f),
            Self::Name(name) => Quoted::new(name).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_host_is_the_ipv4_wildcard() {
        assert_eq!(Host::parse(""), Host::Address([0, 0, 0, 0].into()));
    }

    #[test]
    fn a_port_follows_the_last_colon_outside_the_host() {
        assert_eq!(split_port("127.0.0.1:80"), ("127.0.0.1", Some("80")));
        assert_eq!(split_port("localhost:"), ("localhost", Some("")));
        assert_eq!(split_port("[::1]:80"), ("::1", Some("80")));
        assert_eq!(split_port("[fe80::1%eth0]:80"), ("fe80::1%eth0", Some("80")));
        assert_eq!(split_port("[::1]"), ("::1", None));
        for text in ["::1:80", "fe80::1%eth0", "127.0.0.1", "[::1]80", "[127.0.0.1]:80:"] {
            assert_eq!(split_port(text), (text, None));
        }
    }

    #[test]
    fn only_ipv6_addresses_have_a_zone() {
        assert_eq!(Host::parse("127.0.0.1%lo"), Host::Name("127.0.0.1%lo".into()));
        assert_eq!(Host::parse("fe80::1%2").to_string(), "`fe80::1%2`");
        assert_eq!(Host::parse("[::1]"), Host::Name("[::1]".into()));
    }
}
