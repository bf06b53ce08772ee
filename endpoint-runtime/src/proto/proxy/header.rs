//! The content of a PROXY header, independent of how its bytes are written.

use core::net::{IpAddr, SocketAddr};

use super::tlv::{Ssl, TLV_HEAD, Tlvs, kind};
use super::{Command, Version};
use crate::address::Address;

/// A PROXY header, received or to be sent: the addresses of the original client, and TLVs.
///
/// The values of [`tlvs`](Self::tlvs) come from the sender, and often from its client. They are
/// only as trustworthy as these.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::Address;
/// use endpoint_runtime::proto::proxy::{Header, Version, kind};
///
/// let client = Address::Tcp(([192, 0, 2, 1], 4711).into());
/// let server = Address::Tcp(([192, 0, 2, 2], 443).into());
/// let header = Header::proxied(Version::V2, &client, &server)
///     .with_tlv(kind::AUTHORITY, b"example.com")?
///     .with_checksum();
/// assert_eq!(header.source(), Some(&client));
/// assert_eq!(header.authority(), Some("example.com"));
/// assert_eq!(header.to_bytes().len(), 16 + 12 + 3 + 11 + 3 + 4);
/// # Ok::<(), endpoint_runtime::proto::proxy::EncodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    version: Version,
    command: Command,
    original: Option<Original>,
    /// Well-formed TLVs as bytes, without checksum and padding.
    tlvs: Vec<u8>,
    /// Whether a received checksum was correct, or the encoder writes one.
    checksum: bool,
}

/// The connection of a client that the sender of the header forwards.
///
/// See [`Header`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Original {
    /// Whether the client sends a stream or datagrams. Ports of datagrams are UDP ports.
    pub transport: Transport,
    /// The address of the client.
    pub source: Address,
    /// The address that the client connected to.
    pub destination: Address,
}

/// Whether the original connection is a stream or datagrams.
///
/// Part of [`Header`](crate::proto::proxy::Header).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A stream: TCP, or a UNIX stream socket.
    Stream,
    /// Datagrams; only version 2 can express them.
    Datagram,
}

impl Header {
    /// Creates a header for a connection from `source` to `destination`.
    ///
    /// If the IP families differ, the IPv4 address is mapped to IPv6 (`::ffff:192.0.2.1`). If both
    /// are mapped addresses, they become IPv4. Version 1 cannot express UNIX sockets, and no
    /// version can express standard input, or an IP address together with a UNIX socket: such a
    /// header is [`local`](Self::local).
    pub fn proxied(version: Version, source: &Address, destination: &Address) -> Self {
        let mut header = Self::local(version);
        let (source, destination) = match (source, destination) {
            (Address::Tcp(source), Address::Tcp(destination)) => same_family(*source, *destination),
            (Address::Unix(_) | Address::UnixUnnamed, Address::Unix(_) | Address::UnixUnnamed)
                if version == Version::V2 =>
            {
                (source.clone(), destination.clone())
            }
            _ => return header,
        };
        header.command = Command::Proxy;
        header.original = Some(Original { transport: Transport::Stream, source, destination });
        header
    }

    /// Creates a header without addresses: the receiver uses those of the connection itself.
    ///
    /// In version 1, which has no LOCAL, this is `PROXY UNKNOWN`.
    pub fn local(version: Version) -> Self {
        let command = match version {
            Version::V1 => Command::Proxy,
            Version::V2 => Command::Local,
        };
        Self::received(version, command, None)
    }

    /// Creates a header with these fields, and without TLVs.
    pub(super) fn received(version: Version, command: Command, original: Option<Original>) -> Self {
        Self { version, command, original, tlvs: Vec::new(), checksum: false }
    }

    /// Adds the TLVs of a received header, except padding and checksum. They must be well-formed.
    ///
    /// `checksum` is whether the header had a correct checksum.
    pub(super) fn with_received(mut self, tlvs: &[u8], checksum: bool) -> Self {
        self.checksum = checksum;
        for tlv in Tlvs::new(tlvs) {
            if !matches!(tlv.kind, kind::CRC32C | kind::NOOP) {
                self.push(tlv.kind, tlv.value);
            }
        }
        self
    }

    /// Appends a TLV, whose value has at most 65535 bytes.
    pub(super) fn push(&mut self, kind: u8, value: &[u8]) {
        let [.., high, low] = value.len().to_be_bytes();
        self.tlvs.reserve(TLV_HEAD + value.len());
        self.tlvs.extend([kind, high, low]);
        self.tlvs.extend(value);
    }

    /// Requests a checksum from the encoder; version 1 has none.
    #[must_use]
    pub fn with_checksum(mut self) -> Self {
        self.checksum = self.version == Version::V2;
        self
    }

    /// The version of the format: text or binary.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether the sender forwards a connection or opened this one itself.
    pub fn command(&self) -> Command {
        self.command
    }

    /// The connection that the sender forwards; `None` if the addresses of the connection itself
    /// apply.
    ///
    /// They apply after LOCAL, `UNKNOWN`, and an unspecified family or transport.
    pub fn original(&self) -> Option<&Original> {
        self.original.as_ref()
    }

    /// The address of the original client; `None` if [`original`](Self::original) is.
    pub fn source(&self) -> Option<&Address> {
        self.original().map(|original| &original.source)
    }

    /// The address that the original client connected to; `None` if
    /// [`original`](Self::original) is.
    pub fn destination(&self) -> Option<&Address> {
        self.original().map(|original| &original.destination)
    }

    /// Whether the received checksum was verified, or a header to be sent gets one.
    pub fn has_checksum(&self) -> bool {
        self.checksum
    }

    /// The TLVs in the order of the header, without checksum and padding.
    pub fn tlvs(&self) -> Tlvs<'_> {
        Tlvs::new(&self.tlvs)
    }

    /// The encoded TLVs, without checksum and padding.
    pub(super) fn tlv_bytes(&self) -> &[u8] {
        &self.tlvs
    }

    /// The application protocol, such as `h2`; it may be any bytes. `None` if it was not sent.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.tlvs().value(kind::ALPN)
    }

    /// The host name that the client requested; `None` if it was not sent, or is not UTF-8.
    pub fn authority(&self) -> Option<&str> {
        core::str::from_utf8(self.tlvs().value(kind::AUTHORITY)?).ok()
    }

    /// The id that the sender gave the connection: up to 128 bytes of any values, if it was sent.
    pub fn unique_id(&self) -> Option<&[u8]> {
        self.tlvs().value(kind::UNIQUE_ID)
    }

    /// The network namespace of the sender; `None` if it was not sent, or is not UTF-8.
    pub fn network_namespace(&self) -> Option<&str> {
        core::str::from_utf8(self.tlvs().value(kind::NETNS)?).ok()
    }

    /// The parameters of TLS between the client and the sender; `None` if they were not sent.
    pub fn ssl(&self) -> Option<Ssl<'_>> {
        Ssl::parse(self.tlvs().value(kind::SSL)?)
    }
}

/// Converts both addresses to one IP family, and drops scope ids, which a header cannot contain.
fn same_family(source: SocketAddr, destination: SocketAddr) -> (Address, Address) {
    let ips = match (source.ip().to_canonical(), destination.ip().to_canonical()) {
        ips @ (IpAddr::V4(_), IpAddr::V4(_)) => ips,
        (source, destination) => (as_ipv6(source), as_ipv6(destination)),
    };
    (
        SocketAddr::new(ips.0, source.port()).into(),
        SocketAddr::new(ips.1, destination.port()).into(),
    )
}

fn as_ipv6(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().into(),
        IpAddr::V6(_) => ip,
    }
}
