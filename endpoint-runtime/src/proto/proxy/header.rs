//! The contents of a header, as values that outlive its bytes.

use core::net::{IpAddr, SocketAddr};

use super::tlv::{Ssl, TLV_HEAD, Tlvs, kind};
use super::{Command, Version};
use crate::address::Address;

/// A PROXY header, received or to be sent.
///
/// What [`tlvs`](Self::tlvs) holds was written by the sender, and often by its client: trust it as
/// far as you trust them.
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
    /// Well-formed, without checksum and padding.
    tlvs: Vec<u8>,
    checksum: bool,
}

/// The connection that the sender speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Original {
    /// Whether it was a stream at all; the ports of datagrams are those of UDP.
    pub transport: Transport,
    /// The source address of the connection.
    pub source: Address,
    /// The destination address of the connection.
    pub destination: Address,
}

/// How the original connection carried its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// As a stream: TCP, or a UNIX socket.
    Stream,
    /// As datagrams; only version 2 can say so.
    Datagram,
}

impl Header {
    /// A header for the connection from `source` to `destination`.
    ///
    /// Where the families of the two differ, IPv4 becomes IPv6 (`::ffff:192.0.2.1`); where both are
    /// IPv4 in that form, they become IPv4. Version 1 cannot name UNIX sockets, and no version
    /// names standard input, or an IP address together with a UNIX socket: such a header is
    /// [`local`](Self::local).
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

    /// A header that names no addresses, so that the receiver takes those of the connection itself.
    ///
    /// In version 1, which has no LOCAL, this is `PROXY UNKNOWN`.
    pub fn local(version: Version) -> Self {
        let command = match version {
            Version::V1 => Command::Proxy,
            Version::V2 => Command::Local,
        };
        Self::received(version, command, None)
    }

    pub(super) fn received(version: Version, command: Command, original: Option<Original>) -> Self {
        Self { version, command, original, tlvs: Vec::new(), checksum: false }
    }

    /// Keeps the TLVs that tell something, of well-formed ones.
    pub(super) fn with_received(mut self, tlvs: &[u8], checksum: bool) -> Self {
        self.checksum = checksum;
        for tlv in Tlvs::new(tlvs) {
            if !matches!(tlv.kind, kind::CRC32C | kind::NOOP) {
                self.push(tlv.kind, tlv.value);
            }
        }
        self
    }

    /// Appends a TLV; a value has at most 65535 bytes.
    pub(super) fn push(&mut self, kind: u8, value: &[u8]) {
        let [.., high, low] = value.len().to_be_bytes();
        self.tlvs.reserve(TLV_HEAD + value.len());
        self.tlvs.extend([kind, high, low]);
        self.tlvs.extend(value);
    }

    /// Makes the encoder add a checksum; version 1 has none.
    #[must_use]
    pub fn with_checksum(mut self) -> Self {
        self.checksum = self.version == Version::V2;
        self
    }

    /// The version.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether the sender forwards a connection or made this one itself.
    pub fn command(&self) -> Command {
        self.command
    }

    /// The connection that the sender speaks for; `None` where the addresses of the connection
    /// itself count.
    ///
    /// That is so for LOCAL, `UNKNOWN`, and an unspecified family or transport.
    pub fn original(&self) -> Option<&Original> {
        self.original.as_ref()
    }

    /// The source of the original connection.
    pub fn source(&self) -> Option<&Address> {
        self.original().map(|original| &original.source)
    }

    /// Where the original connection went to.
    pub fn destination(&self) -> Option<&Address> {
        self.original().map(|original| &original.destination)
    }

    /// Whether a checksum was verified, or will be sent.
    pub fn has_checksum(&self) -> bool {
        self.checksum
    }

    /// What else the header says, in its order; checksum and padding are left out.
    pub fn tlvs(&self) -> Tlvs<'_> {
        Tlvs::new(&self.tlvs)
    }

    pub(super) fn tlv_bytes(&self) -> &[u8] {
        &self.tlvs
    }

    /// The protocol above, as `h2`; any bytes.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.tlvs().value(kind::ALPN)
    }

    /// The host name that the client asked for; what is not UTF-8 is left to [`tlvs`](Self::tlvs).
    pub fn authority(&self) -> Option<&str> {
        core::str::from_utf8(self.tlvs().value(kind::AUTHORITY)?).ok()
    }

    /// What the sender calls the connection: at most 128 bytes, any.
    pub fn unique_id(&self) -> Option<&[u8]> {
        self.tlvs().value(kind::UNIQUE_ID)
    }

    /// The network namespace of the sender; what is not UTF-8 is left to [`tlvs`](Self::tlvs).
    pub fn network_namespace(&self) -> Option<&str> {
        core::str::from_utf8(self.tlvs().value(kind::NETNS)?).ok()
    }

    /// What the sender knows about TLS between the client and itself.
    pub fn ssl(&self) -> Option<Ssl<'_>> {
        Ssl::parse(self.tlvs().value(kind::SSL)?)
    }
}

/// Two addresses of one family, without what a header has no place for.
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
