//! The host and port that a proxy connects to.

use core::fmt;
use core::net::IpAddr;

/// The longest host name in bytes: SOCKS5 has one byte for its length.
///
/// See [`Target`] for an example.
pub const MAX_NAME: usize = 255;

/// The host and the port to which a proxy connects for its client.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::tunnel::Target;
///
/// assert_eq!(Target::named("example.com", 443).unwrap().to_string(), "example.com:443");
/// assert_eq!(Target::new("::1".parse()?, 443).to_string(), "[::1]:443");
/// assert_eq!(Target::named("example.com\r\nEvil: 1", 443), None);
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    host: TargetHost,
    port: u16,
}

/// The host of a [`Target`], which has an example.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TargetHost {
    /// An IP address, which the proxy connects to directly.
    Address(IpAddr),
    /// A name, which the proxy resolves.
    Name(Box<str>),
}

impl Target {
    /// A target whose host is an IP address.
    pub fn new(address: IpAddr, port: u16) -> Self {
        Self { host: TargetHost::Address(address), port }
    }

    /// A target with a name of 1 to 255 ASCII letters, digits, hyphens, underscores and dots;
    /// `None` for other names.
    pub fn named(name: &str, port: u16) -> Option<Self> {
        let fits = (1..=MAX_NAME).contains(&name.len());
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let host = (fits && name.bytes().all(allowed)).then(|| TargetHost::Name(name.into()))?;
        Some(Self { host, port })
    }

    /// The address or the name of the host.
    pub fn host(&self) -> &TargetHost {
        &self.host
    }

    /// The TCP port of the target.
    pub fn port(&self) -> u16 {
        self.port
    }
}

/// Prints the target like the authority of a URI: IPv6 addresses are in brackets.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            TargetHost::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
            TargetHost::Address(address) => address.fmt(f)?,
            TargetHost::Name(name) => f.write_str(name)?,
        }
        write!(f, ":{}", self.port)
    }
}
