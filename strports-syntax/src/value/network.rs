//! Lists of IP networks in CIDR form, such as `10.0.0.0/8`.

use core::fmt;
use core::net::IpAddr;

use super::from_text::FromText;
use super::items::Items;
use crate::signature::Parameter;
use crate::{ErrorKind, Excerpt, Text};

/// The prefix length in bits of the IPv4-mapped IPv6 addresses, `::ffff:0:0/96`.
const MAPPED: u8 = 96;

/// An IP network: an address and a prefix length.
///
/// ```
/// use strports_syntax::value::Network;
/// let network = Network { address: "fe80::".parse()?, prefix: 10 };
/// assert!(network.contains("fe80::1".parse()?));
/// assert!(!network.contains("fec0::1".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// The address as written; bits after the prefix are ignored.
    pub address: IpAddr,
    /// The prefix length: how many leading bits all addresses of the network share.
    pub prefix: u8,
}

impl Network {
    /// Whether `address` is in the network.
    ///
    /// An IPv4 address is never in an IPv6 network. `::ffff:192.0.2.1` counts as an IPv4 address,
    /// and `::ffff:192.0.2.0/120` as an IPv4 network.
    ///
    /// ```
    /// use strports_syntax::value::Networks;
    /// let networks = Networks::new("10.0.0.0/8").unwrap();
    /// let network = networks.iter().next().unwrap();
    /// assert!(network.contains("10.1.2.3".parse()?));
    /// assert!(network.contains("::ffff:10.1.2.3".parse()?));
    /// assert!(!network.contains("::1".parse()?));
    /// # Ok::<(), core::net::AddrParseError>(())
    /// ```
    pub fn contains(&self, address: IpAddr) -> bool {
        let Self { address: own, prefix } = self.canonical();
        let (ours, theirs, width) = match (own, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            _ => return false,
        };
        let host_bits = width - u32::from(prefix);
        (ours ^ theirs).checked_shr(host_bits).unwrap_or_default() == 0
    }

    /// Converts a network of IPv4-mapped IPv6 addresses to the IPv4 network; others stay as they
    /// are.
    fn canonical(&self) -> Self {
        match (self.address.to_canonical(), self.prefix.checked_sub(MAPPED)) {
            (address @ IpAddr::V4(_), Some(prefix)) if self.address.is_ipv6() => {
                Self { address, prefix }
            }
            _ => *self,
        }
    }

    /// Parses `ADDRESS` or `ADDRESS/PREFIX`; `None` if the text is neither.
    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            // Rust's parser accepts a sign, which a prefix length must not have.
            Some(prefix) if prefix.starts_with('+') => return None,
            Some(prefix) => prefix.parse().ok().filter(|&prefix| prefix <= width)?,
        };
        Some(Self { address, prefix })
    }
}

/// A list of IP networks separated by commas, each `ADDRESS` or `ADDRESS/PREFIX`; at least one.
///
/// ```
/// use strports_syntax::value::Networks;
/// let networks = Networks::new("10.0.0.0/8,::1").unwrap();
/// assert!(networks.contains("10.1.2.3".parse().unwrap()));
/// assert!(!networks.contains("11.1.2.3".parse().unwrap()));
/// assert!(Networks::new("10.0.0.0/33").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Networks<'a>(Text<'a>);

impl<'a> Networks<'a> {
    /// Parses `text`; `None` if an item of the list is not a network.
    pub fn new(text: impl Into<Text<'a>>) -> Option<Self> {
        let text = text.into();
        let valid = networks(&text).all(|item| item.is_some());
        valid.then_some(Self(text))
    }

    /// The list of networks as it was written.
    pub const fn text(&self) -> &Text<'a> {
        &self.0
    }

    /// Iterates over the networks, in the order they were written.
    ///
    /// ```
    /// use strports_syntax::value::Networks;
    /// let networks = Networks::new("10.0.0.0/8,::1").unwrap();
    /// assert!(networks.iter().map(|network| network.prefix).eq([8, 128]));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = Network> + '_ {
        networks(&self.0).flatten()
    }

    /// Whether `address` is in one of the networks; see [`Network::contains`].
    pub fn contains(&self, address: IpAddr) -> bool {
        self.iter().any(|network| network.contains(address))
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Networks<'static> {
        Networks(self.0.into_owned())
    }
}

impl fmt::Display for Networks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'a> FromText<'a> for Networks<'a> {
    fn from_text(text: &Text<'a>, parameter: &'static Parameter) -> Result<Self, ErrorKind> {
        Self::new(text.clone()).ok_or_else(|| ErrorKind::BadHost {
            parameter: parameter.name,
            found: Excerpt::new(text),
            reason: "separate several by commas",
            network: true,
        })
    }
}

/// Parses each item of a list as a network; `None` for items that are not one.
fn networks<'t>(text: &'t Text<'_>) -> impl Iterator<Item = Option<Network>> + 't {
    Items::new(text).map(|item| item.as_str().and_then(Network::parse))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_every_width_are_parsed() {
        let all = Networks::new("0.0.0.0/0,::/0").unwrap();
        assert!(all.contains("255.1.2.3".parse().unwrap()));
        assert!(all.contains("ffff::".parse().unwrap()));
        let one = Networks::new("::1/128").unwrap();
        assert!(!one.contains("::2".parse().unwrap()));
    }

    #[test]
    fn ipv4_mapped_addresses_are_ipv4() {
        let holds = |networks, address: &str| {
            Networks::new(networks).unwrap().contains(address.parse().unwrap())
        };
        for networks in ["192.0.2.0/24", "::ffff:192.0.2.0/120"] {
            assert!(holds(networks, "192.0.2.7") && holds(networks, "::ffff:192.0.2.7"));
            assert!(!holds(networks, "192.0.3.7") && !holds(networks, "::ffff:192.0.3.7"));
        }
        assert!(holds("::ffff:0:0/96", "198.51.100.1") && holds("::ffff:192.0.2.1", "192.0.2.1"));
        // `::/0` contains every IPv6 address except the IPv4-mapped ones, which count as IPv4.
        assert!(!holds("::/0", "::ffff:192.0.2.7") && !holds("::/0", "192.0.2.7"));
        assert!(holds("::/0", "::1") && !holds("0.0.0.0/0", "::1"));
    }

    #[test]
    fn invalid_networks_are_refused() {
        for text in ["", ",", "10.0.0.0/8,", "10.0.0.0/33", "::/129", "host", "1.2.3.4/+8", "1/8"] {
            assert_eq!(Networks::new(text), None, "{text}");
        }
    }
}
