//! The TLVs (type-length-value) of a PROXY header of version 2, which carry extra information.
//!
//! ```text
//! struct pp2_tlv     { uint8_t type; uint8_t length_hi; uint8_t length_lo; uint8_t value[0]; };
//! struct pp2_tlv_ssl { uint8_t client; uint32_t verify; struct pp2_tlv sub_tlv[0]; };
//! ```

use super::MAX_UNIQUE_ID;
use super::error::HeaderError;

/// The bytes before the value of a TLV: one for the type, and two for the length.
pub(super) const TLV_HEAD: usize = 3;

/// The bytes before the inner TLVs of [`kind::SSL`]: `client` has one, and `verify` four.
const SSL_HEAD: usize = 5;

/// The types of TLVs that the specification assigns, with its names.
///
/// 0xE0 to 0xEF are for applications, and 0xF0 to 0xF7 for experiments.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::proxy::{Header, Version, kind};
///
/// let header = Header::local(Version::V2).with_tlv(kind::ALPN, b"h2")?;
/// assert_eq!(header.tlvs().value(kind::ALPN), Some(&b"h2"[..]));
/// # Ok::<(), endpoint_runtime::proto::proxy::EncodeError>(())
/// ```
pub mod kind {
    /// The application protocol, as in ALPN; see [`Header::alpn`](super::super::Header::alpn).
    pub const ALPN: u8 = 0x01;
    /// The host name that the client requested, with TLS its SNI; see
    /// [`Header::authority`](super::super::Header::authority).
    pub const AUTHORITY: u8 = 0x02;
    /// The checksum of the header; see
    /// [`Header::has_checksum`](super::super::Header::has_checksum).
    pub const CRC32C: u8 = 0x03;
    /// Padding, which [`Header::tlvs`](super::super::Header::tlvs) leaves out.
    pub const NOOP: u8 = 0x04;
    /// The id that the sender gave the connection; see
    /// [`Header::unique_id`](super::super::Header::unique_id).
    pub const UNIQUE_ID: u8 = 0x05;
    /// Parameters of TLS, in further TLVs; see [`Header::ssl`](super::super::Header::ssl).
    pub const SSL: u8 = 0x20;
    /// Inside [`SSL`]: the version of TLS; see [`Ssl::version`](super::Ssl::version).
    pub const SSL_VERSION: u8 = 0x21;
    /// Inside [`SSL`]: the common name of the client's certificate; see
    /// [`Ssl::common_name`](super::Ssl::common_name).
    pub const SSL_CN: u8 = 0x22;
    /// Inside [`SSL`]: the cipher; see [`Ssl::cipher`](super::Ssl::cipher).
    pub const SSL_CIPHER: u8 = 0x23;
    /// Inside [`SSL`]: the signature algorithm of the sender's certificate; see
    /// [`Ssl::signature_algorithm`](super::Ssl::signature_algorithm).
    pub const SSL_SIG_ALG: u8 = 0x24;
    /// Inside [`SSL`]: the key type of the sender's certificate; see
    /// [`Ssl::key_algorithm`](super::Ssl::key_algorithm).
    pub const SSL_KEY_ALG: u8 = 0x25;
    /// Inside [`SSL`]: the group of the key exchange; see [`Ssl::group`](super::Ssl::group).
    pub const SSL_GROUP: u8 = 0x26;
    /// Inside [`SSL`]: the signature scheme of the handshake; see
    /// [`Ssl::signature_scheme`](super::Ssl::signature_scheme).
    pub const SSL_SIG_SCHEME: u8 = 0x27;
    /// Inside [`SSL`]: the client's certificate in DER; see
    /// [`Ssl::client_certificate`](super::Ssl::client_certificate).
    pub const SSL_CLIENT_CERT: u8 = 0x28;
    /// The network namespace of the sender; see
    /// [`Header::network_namespace`](super::super::Header::network_namespace).
    pub const NETNS: u8 = 0x30;
}

/// A TLV: a type and a value.
///
/// Returned by [`Header::tlvs`](crate::proto::proxy::Header::tlvs); see [`kind`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The type: one of [`kind`], or an unknown one.
    pub kind: u8,
    /// The value, which comes from the peer.
    pub value: &'a [u8],
}

/// TLVs in the order of the header.
///
/// Returned by [`Header::tlvs`](crate::proto::proxy::Header::tlvs); see [`kind`] for an example.
#[derive(Clone, Debug, Default)]
pub struct Tlvs<'a> {
    rest: &'a [u8],
}

impl<'a> Tlvs<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The value of the first TLV of this type; `None` if there is none.
    pub fn value(mut self, kind: u8) -> Option<&'a [u8]> {
        self.find(|tlv| tlv.kind == kind).map(|tlv| tlv.value)
    }

    /// The value of the first TLV of this type as text; `None` if there is none in UTF-8.
    fn text(self, kind: u8) -> Option<&'a str> {
        core::str::from_utf8(self.value(kind)?).ok()
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let (&[kind, high, low], rest) = self.rest.split_first_chunk::<TLV_HEAD>()?;
        let length = u16::from_be_bytes([high, low]).into();
        let (value, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Tlv { kind, value })
    }
}

/// The parameters of TLS between the client and the sender of a header.
///
/// Texts come from the sender's client. A text that was not sent, or is not UTF-8, is `None`;
/// [`tlvs`](Self::tlvs) has its bytes.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::proxy::{Header, Ssl, Version, kind};
///
/// let header = Header::local(Version::V2)
///     .with_ssl(Ssl::CLIENT_SSL, 0, &[(kind::SSL_VERSION, b"TLSv1.3")])?;
/// let ssl = header.ssl().unwrap();
/// assert_eq!(ssl.version(), Some("TLSv1.3"));
/// assert!(ssl.is_tls() && !ssl.is_verified());
/// # Ok::<(), endpoint_runtime::proto::proxy::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ssl<'a> {
    client: u8,
    verify: u32,
    tlvs: &'a [u8],
}

impl<'a> Ssl<'a> {
    /// A bit of [`client`](Self::client): the client uses TLS.
    pub const CLIENT_SSL: u8 = 0x01;
    /// A bit of [`client`](Self::client): the client presented a certificate on this connection.
    pub const CLIENT_CERT_CONN: u8 = 0x02;
    /// A bit of [`client`](Self::client): the client presented a certificate in this TLS session.
    pub const CLIENT_CERT_SESS: u8 = 0x04;

    pub(super) fn parse(value: &'a [u8]) -> Option<Self> {
        let (&[client, ref verify @ ..], tlvs) = value.split_first_chunk::<SSL_HEAD>()?;
        Some(Self { client, verify: u32::from_be_bytes(*verify), tlvs })
    }

    /// The flags of the client's use of TLS and certificates, such as [`Self::CLIENT_SSL`].
    pub fn client(&self) -> u8 {
        self.client
    }

    /// The result of verifying the client's certificate; 0 means success.
    pub fn verify(&self) -> u32 {
        self.verify
    }

    /// Whether the client uses TLS.
    pub fn is_tls(&self) -> bool {
        self.client & Self::CLIENT_SSL != 0
    }

    /// Whether the client presented a certificate, on this connection or earlier in its session.
    pub fn has_certificate(&self) -> bool {
        self.client & (Self::CLIENT_CERT_CONN | Self::CLIENT_CERT_SESS) != 0
    }

    /// Whether the client presented a certificate that was verified. Without a certificate,
    /// [`verify`](Self::verify) may also be 0.
    pub fn is_verified(&self) -> bool {
        self.has_certificate() && self.verify == 0
    }

    /// The TLS version, such as `TLSv1.3`.
    pub fn version(&self) -> Option<&'a str> {
        self.tlvs().text(kind::SSL_VERSION)
    }

    /// The common name of the client's certificate.
    pub fn common_name(&self) -> Option<&'a str> {
        self.tlvs().text(kind::SSL_CN)
    }

    /// The cipher, such as `ECDHE-RSA-AES128-GCM-SHA256`.
    pub fn cipher(&self) -> Option<&'a str> {
        self.tlvs().text(kind::SSL_CIPHER)
    }

    /// The signature algorithm of the sender's certificate, such as `RSA-SHA256`.
    pub fn signature_algorithm(&self) -> Option<&'a str> {
        self.tlvs().text(kind::SSL_SIG_ALG)
    }

    /// The key type of the sender's certificate, such as `RSA2048`.
    pub fn key_algorithm(&self) -> Option<&'a str> {
        self.tlvs().text(kind::SSL_KEY_ALG)
    }

    /// The group of the key exchange, such as `secp256r1`.
    pub fn group(&self) -> Option<&'a str> {
        self.tlvs().text(kind::SSL_GROUP)
    }

    /// The signature scheme of the handshake, such as `rsa_pss_rsae_sha256`.
    pub fn signature_scheme(&self) -> Option<&'a str> {
        self.tlvs().text(kind::SSL_SIG_SCHEME)
    }

    /// The client's certificate in DER; `None` if it was not sent.
    pub fn client_certificate(&self) -> Option<&'a [u8]> {
        self.tlvs().value(kind::SSL_CLIENT_CERT)
    }

    /// All TLVs after the fixed part, including unknown types.
    pub fn tlvs(&self) -> Tlvs<'a> {
        Tlvs::new(self.tlvs)
    }
}

/// Checks the lengths of all TLVs in `bytes`, which begin at offset `at` of the header.
///
/// Returns an error unless they fill `bytes` exactly.
pub(super) fn check(bytes: &[u8], at: usize) -> Result<(), HeaderError> {
    let mut tlvs = Tlvs::new(bytes);
    loop {
        let place = at + bytes.len() - tlvs.rest.len();
        let Some(Tlv { kind, value }) = tlvs.next() else { break };
        match kind {
            kind::CRC32C if value.len() != 4 => {
                return Err(HeaderError::ChecksumLength { found: value.len() });
            }
            kind::UNIQUE_ID if value.len() > MAX_UNIQUE_ID => {
                return Err(HeaderError::UniqueIdTooLong { found: value.len() });
            }
            kind::SSL => match value.get(SSL_HEAD..) {
                Some(inner) => check_shape(inner, place + TLV_HEAD + SSL_HEAD)?,
                None => return Err(HeaderError::SslTooShort { found: value.len() }),
            },
            _ => {}
        }
    }
    check_shape(tlvs.rest, at + bytes.len() - tlvs.rest.len())
}

/// Checks that TLVs fill `bytes` exactly. `at` is the offset of `bytes` in the header.
fn check_shape(bytes: &[u8], at: usize) -> Result<(), HeaderError> {
    let mut tlvs = Tlvs::new(bytes);
    tlvs.by_ref().for_each(drop);
    let rest = tlvs.rest;
    let expected = match rest {
        [] => return Ok(()),
        [_, high, low, ..] => TLV_HEAD + usize::from(u16::from_be_bytes([*high, *low])),
        _ => TLV_HEAD,
    };
    let at = at + bytes.len() - rest.len() + 1;
    Err(HeaderError::TlvTooShort { at, expected, found: rest.len() })
}
