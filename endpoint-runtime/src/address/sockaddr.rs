//! Limits of socket addresses: IP families, and the length of UNIX socket names.

use core::fmt;
use core::net::IpAddr;

/// The longest UNIX socket name in bytes: the size of `sun_path` without its NUL.
///
/// The NUL ends a path or begins an abstract name. Linux accepts a path that fills `sun_path`
/// without a NUL, but other programs cannot connect to it.
///
/// See [`UnixName::path`](crate::plan::UnixName::path) for an example.
pub const MAX_UNIX_NAME: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// The version of an IP address or of a socket: IPv4 or IPv6.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::Family;
///
/// assert_eq!(Family::from_ip("::1".parse()?).to_string(), "IPv6");
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// Internet protocol version 4.
    V4,
    /// Internet protocol version 6.
    V6,
}

impl Family {
    /// The family of an IP address. An IPv4-mapped address, such as `::ffff:1.2.3.4`, is IPv6.
    pub fn from_ip(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}
