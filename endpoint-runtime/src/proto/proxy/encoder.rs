//! Builds PROXY headers with TLVs, and encodes them as bytes.

use thiserror::Error as ThisError;

use super::header::Header;
use super::tlv::{TLV_HEAD, Tlv, kind};
use super::{MAX_UNIQUE_ID, Version, v1, v2};

/// The maximum length of all TLVs of a header, in bytes.
///
/// The 16-bit length field counts up to 65,535; UNIX addresses take 216, and a checksum takes 7.
///
/// See [`Header`] for an example.
pub const MAX_TLVS: usize = 65_535 - 216 - TLV_HEAD - 4;

/// Why a TLV cannot be added to a header.
///
/// Returned by methods of [`Header`](crate::proto::proxy::Header), which has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum EncodeError {
    /// A TLV was given for a header of version 1, which has only addresses.
    #[error("expected a header of version 2 for a TLV, but found version 1")]
    Version1,
    /// The type is reserved: the encoder writes checksum and padding itself.
    #[error(
        "expected the type of a value, but found {kind:#04x} (the encoder writes checksums itself)"
    )]
    Reserved {
        /// The type that was given for the TLV.
        kind: u8,
    },
    /// The unique id is too long.
    #[error("expected a unique id of at most {MAX_UNIQUE_ID} bytes, but found {found}")]
    UniqueIdTooLong {
        /// The length of the id in bytes.
        found: usize,
    },
    /// The type is `kind::SSL`, which [`Header::with_ssl`] writes, because it has inner TLVs.
    #[error("expected facts about TLS by `with_ssl`, but found the type 0x20")]
    RawSsl,
    /// All TLVs together would be longer than [`MAX_TLVS`].
    #[error("expected at most {MAX_TLVS} bytes of TLVs, but found {found}")]
    TooLong {
        /// The length in bytes that the TLVs would have.
        found: usize,
    },
}

impl Header {
    /// Appends a TLV (type-length-value): a value of the type `kind`.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the header has version 1, which has no TLVs;
    /// - `kind` is the type of the checksum, the padding or the TLS facts;
    /// - the value is a unique id of more than 128 bytes;
    /// - the header would become too long.
    pub fn with_tlv(self, kind: u8, value: &[u8]) -> Result<Self, EncodeError> {
        match kind {
            kind::CRC32C | kind::NOOP => Err(EncodeError::Reserved { kind }),
            kind::SSL => Err(EncodeError::RawSsl),
            kind::UNIQUE_ID if value.len() > MAX_UNIQUE_ID => {
                Err(EncodeError::UniqueIdTooLong { found: value.len() })
            }
            _ => self.with_any_tlv(kind, value),
        }
    }

    /// Appends the TLV that describes TLS between the client and the sender of the header.
    ///
    /// `client` has the bits of [`Ssl::client`](super::Ssl::client). `verify` is the result of
    /// verifying the client's certificate, 0 for success. `details` have types `kind::SSL_…`.
    ///
    /// # Errors
    ///
    /// Returns an error for a header of version 1, and if the header would become too long.
    pub fn with_ssl(
        self,
        client: u8,
        verify: u32,
        details: &[(u8, &[u8])],
    ) -> Result<Self, EncodeError> {
        // The details are TLVs inside a TLV. A temporary header encodes and limits them.
        let mut inner = Self::local(Version::V2);
        for (kind, value) in details {
            inner = inner.with_any_tlv(*kind, value)?;
        }
        let verify = verify.to_be_bytes();
        self.with_any_tlv(kind::SSL, &[&[client], &verify[..], inner.tlv_bytes()].concat())
    }

    /// Appends the TLVs of another header, except types that this header already has. If the other
    /// header had a checksum, this one gets a new one.
    ///
    /// # Errors
    ///
    /// Returns an error for a header of version 1, and if the header would become too long.
    pub fn with_tlvs_of(self, received: &Self) -> Result<Self, EncodeError> {
        let own = self.clone();
        let is_new = |tlv: &Tlv<'_>| own.tlvs().value(tlv.kind).is_none();
        let mut tlvs = received.tlvs().filter(is_new);
        let header = tlvs.try_fold(self, |header, tlv| header.with_any_tlv(tlv.kind, tlv.value))?;
        Ok(header.with_checksum())
    }

    /// Appends a TLV of any type; checks only the version and the total length.
    fn with_any_tlv(mut self, kind: u8, value: &[u8]) -> Result<Self, EncodeError> {
        if self.version() == Version::V1 {
            return Err(EncodeError::Version1);
        }
        let found = self.tlv_bytes().len() + TLV_HEAD + value.len();
        if found > MAX_TLVS {
            return Err(EncodeError::TooLong { found });
        }
        self.push(kind, value);
        Ok(self)
    }

    /// The encoded header, which must be sent first and in one write.
    ///
    /// Decoding the bytes returns an equal header.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self.version() {
            Version::V1 => v1::write(self.original()),
            Version::V2 => v2::write(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ssl;
    use super::*;
    use crate::address::Address;

    fn tcp(text: &str) -> Address {
        Address::Tcp(text.parse().unwrap())
    }

    fn line(source: &Address, destination: &Address) -> String {
        let header = Header::proxied(Version::V1, source, destination);
        String::from_utf8(header.to_bytes()).unwrap()
    }

    #[test]
    fn mixed_address_families_are_unified() {
        let (four, six) = (tcp("192.0.2.1:1"), tcp("[2001:db8::1]:2"));
        let mapped = tcp("[::ffff:192.0.2.3]:3");
        assert_eq!(line(&four, &four), "PROXY TCP4 192.0.2.1 192.0.2.1 1 1\r\n");
        assert_eq!(line(&four, &six), "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 1 2\r\n");
        assert_eq!(line(&mapped, &six), "PROXY TCP6 ::ffff:192.0.2.3 2001:db8::1 3 2\r\n");
        assert_eq!(line(&mapped, &four), "PROXY TCP4 192.0.2.3 192.0.2.1 3 1\r\n");
        assert_eq!(line(&six, &six), "PROXY TCP6 2001:db8::1 2001:db8::1 2 2\r\n");
    }

    #[test]
    fn connections_without_an_address_are_local() {
        for source in [Address::Stdio, Address::UnixUnnamed] {
            assert_eq!(line(&source, &tcp("192.0.2.1:1")), "PROXY UNKNOWN\r\n");
            let header = Header::proxied(Version::V2, &source, &tcp("192.0.2.1:1"));
            assert_eq!(header, Header::local(Version::V2));
        }
        assert_eq!(line(&Address::UnixUnnamed, &Address::UnixUnnamed), "PROXY UNKNOWN\r\n");
        let unix = Header::proxied(Version::V2, &Address::UnixUnnamed, &Address::UnixUnnamed);
        assert_eq!(unix.to_bytes().len(), 16 + 216);
        assert_eq!(Header::local(Version::V2).to_bytes(), b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0");
    }

    #[test]
    fn received_fields_are_appended() {
        let two = || Header::local(Version::V2);
        let received = two()
            .with_tlv(kind::AUTHORITY, b"theirs")
            .and_then(|it| it.with_tlv(0xE0, b"1"))
            .and_then(|it| it.with_ssl(Ssl::CLIENT_SSL, 1, &[]))
            .and_then(|it| it.with_tlv(0xE0, b"2"))
            .unwrap();
        let header = two().with_tlv(kind::AUTHORITY, b"ours").unwrap();
        let header = header.with_tlvs_of(&received).unwrap();
        let kinds: Vec<_> = header.tlvs().map(|tlv| tlv.kind).collect();
        assert_eq!(kinds, [kind::AUTHORITY, 0xE0, kind::SSL, 0xE0]);
        assert_eq!((header.authority(), header.has_checksum()), (Some("ours"), true));
        let one = Header::local(Version::V1).with_tlvs_of(&received);
        assert_eq!(one, Err(EncodeError::Version1));
    }

    #[test]
    fn values_outside_the_format_are_refused() {
        let one = || Header::local(Version::V1);
        let two = || Header::local(Version::V2);
        assert_eq!(one().with_tlv(kind::ALPN, b"h2"), Err(EncodeError::Version1));
        assert_eq!(one().with_ssl(Ssl::CLIENT_SSL, 0, &[]), Err(EncodeError::Version1));
        assert_eq!(one().with_checksum(), one());
        assert_eq!(two().with_tlv(kind::CRC32C, b""), Err(EncodeError::Reserved { kind: 3 }));
        assert_eq!(two().with_tlv(kind::NOOP, b""), Err(EncodeError::Reserved { kind: 4 }));
        assert_eq!(two().with_tlv(kind::SSL, b""), Err(EncodeError::RawSsl));
        let long = vec![b'x'; MAX_TLVS];
        let unique_id = two().with_tlv(kind::UNIQUE_ID, &long[..129]);
        assert_eq!(unique_id, Err(EncodeError::UniqueIdTooLong { found: 129 }));
        assert!(two().with_tlv(kind::UNIQUE_ID, &long[..128]).is_ok());
        let (longest, longer) = (&long[..MAX_TLVS - 3], &long[..MAX_TLVS - 2]);
        let found = MAX_TLVS + 1;
        assert_eq!(two().with_tlv(0xE0, longer), Err(EncodeError::TooLong { found }));
        let ssl = two().with_ssl(0, 0, &[(kind::SSL_CN, longer)]);
        assert_eq!(ssl, Err(EncodeError::TooLong { found }));

        let unix = Header::proxied(Version::V2, &Address::UnixUnnamed, &Address::UnixUnnamed);
        let full = unix.with_tlv(0xE0, longest).unwrap().with_checksum().to_bytes();
        assert_eq!((full.len(), &full[14..16]), (16 + 65_535, &[0xFF, 0xFF][..]));
    }
}
