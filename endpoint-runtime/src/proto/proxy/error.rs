//! Errors of decoding a PROXY header: what was expected, where, and what was found.

use core::fmt;

use thiserror::Error as ThisError;

use super::{MAX_LINE, MAX_UNIQUE_ID, Version};
use crate::quoted::Quoted;

/// Why bytes are not a PROXY header.
///
/// Positions count from 1, as in the specification. Messages show bytes of the peer escaped and in
/// back-quotes.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::proxy::Decoder;
///
/// let error = Decoder::default().feed(b"PROXY TCP4 1.2.3.4 5.6.7.8 1000 +443\r\n").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "expected a number from 0 to 65535 as the destination port, but found `+443`"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum HeaderError {
    /// The first bytes do not begin a header of either version.
    #[error(
        "expected `PROXY ` or the signature of version 2, but byte {at} is {}{}",
        Quoted::bytes(&[*.found]),
        looks_like(*.at, *.found)
    )]
    NotProxy {
        /// The position of the first wrong byte, from 1.
        at: usize,
        /// The byte at that position, which neither version has there.
        found: u8,
    },
    /// The header has the other version than the accepted one.
    #[error("expected a header of version {expected}, but found version {}", .expected.other())]
    WrongVersion {
        /// The version that the endpoint accepts.
        expected: Version,
    },

    /// Version 1: a CR that no LF follows.
    #[error("byte {at} of the line is a CR without a LF after it")]
    LoneCr {
        /// The position of the CR, from 1.
        at: usize,
    },
    /// Version 1: an LF without a CR before it.
    #[error("byte {at} of the line is a LF without a CR before it")]
    LoneLf {
        /// The position of the LF, from 1.
        at: usize,
    },
    /// Version 1: no end of line within the longest line.
    #[error("expected CR LF within {MAX_LINE} bytes, but the line is longer")]
    LineTooLong,
    /// Version 1: an unknown protocol.
    #[error("expected `TCP4`, `TCP6` or `UNKNOWN` after `PROXY `, but found {}", Quoted::bytes(.found))]
    Protocol {
        /// The field after `PROXY `.
        found: Vec<u8>,
    },
    /// Version 1: a field is missing.
    #[error("expected the {field}, but found the end of the line")]
    MissingField {
        /// The first missing field.
        field: Field,
    },
    /// Version 1: an invalid address, or one of the wrong family.
    #[error("expected an {family} address as the {field}, but found {}", Quoted::bytes(.found))]
    Address {
        /// The source or the destination address.
        field: Field,
        /// The expected family, `IPv4` or `IPv6`.
        family: &'static str,
        /// The text of the field.
        found: Vec<u8>,
    },
    /// Version 1: a port that is not a plain decimal number up to 65535.
    #[error("expected a number from 0 to 65535 as the {field}, but found {}", Quoted::bytes(.found))]
    Port {
        /// The source or the destination port.
        field: Field,
        /// The text of the field.
        found: Vec<u8>,
    },
    /// Version 1: text after the last field.
    #[error("expected the end of the line after the destination port, but found {}", Quoted::bytes(.found))]
    ExtraField {
        /// The text after the destination port.
        found: Vec<u8>,
    },

    /// Version 2: an unknown version after the signature.
    #[error("expected version 2 in byte 13, but found {found}")]
    UnknownVersion {
        /// The upper four bits of byte 13.
        found: u8,
    },
    /// Version 2: an unassigned command.
    #[error("expected the command 0 (LOCAL) or 1 (PROXY) in byte 13, but found {found}")]
    UnknownCommand {
        /// The lower four bits of byte 13.
        found: u8,
    },
    /// Version 2: an unassigned address family.
    #[error("expected an address family from 0 to 3 in byte 14, but found {found}")]
    UnknownFamily {
        /// The upper four bits of byte 14.
        found: u8,
    },
    /// Version 2: an unassigned transport.
    #[error("expected a transport from 0 to 2 in byte 14, but found {found}")]
    UnknownTransport {
        /// The lower four bits of byte 14.
        found: u8,
    },
    /// Version 2: a header longer than the limit.
    #[error("expected a length of at most {limit} in bytes 15 and 16, but found {found}")]
    TooLong {
        /// The length field of the header, in bytes.
        found: u16,
        /// The longest accepted header, in bytes after the first 16.
        limit: u16,
    },
    /// Version 2: a header too short for its addresses.
    #[error("expected a length of at least {expected} for {family} addresses, but found {found}")]
    AddressesTooShort {
        /// The family: `IPv4`, `IPv6` or `UNIX`.
        family: &'static str,
        /// The length of the addresses in bytes.
        expected: u16,
        /// The length field of the header, in bytes.
        found: u16,
    },
    /// Version 2: a UNIX address that is not a valid socket name.
    #[error("expected the name of a UNIX socket as the {field}, but found {}", Quoted::bytes(.found))]
    UnixAddress {
        /// The source or the destination address.
        field: Field,
        /// The address up to the first NUL.
        found: Vec<u8>,
    },
    /// Version 2: a TLV that extends beyond the end of the header or of the TLV around it.
    #[error("expected the TLV at byte {at} to take {expected} bytes, but found {found}")]
    TlvTooShort {
        /// The position of the TLV, from 1.
        at: usize,
        /// The length of type, length and value; 3 if even type and length are incomplete.
        expected: usize,
        /// The number of bytes that are left.
        found: usize,
    },
    /// Version 2: a checksum that is not four bytes long.
    #[error("expected a checksum of 4 bytes, but found {found}")]
    ChecksumLength {
        /// The length of the value in bytes, instead of 4.
        found: usize,
    },
    /// Version 2: more than one checksum.
    #[error("expected one checksum, but found two")]
    SecondChecksum,
    /// Version 2: the checksum does not match the header.
    #[error("expected the checksum {expected:#010x}, but found {found:#010x}")]
    WrongChecksum {
        /// The CRC-32C of the header as received.
        expected: u32,
        /// The checksum in the header.
        found: u32,
    },
    /// Version 2: a unique id that is too long.
    #[error("expected a unique id of at most {MAX_UNIQUE_ID} bytes, but found {found}")]
    UniqueIdTooLong {
        /// The length of the id in bytes.
        found: usize,
    },
    /// Version 2: a TLV for TLS that is shorter than its fixed part of 5 bytes.
    #[error("expected TLS facts of at least 5 bytes, but found {found}")]
    SslTooShort {
        /// The length of the value in bytes.
        found: usize,
    },
}

/// A field of a header that an error is about.
///
/// Part of [`HeaderError`](crate::proto::proxy::HeaderError).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// The IP address or socket path of the sender.
    Source,
    /// The IP address or socket path that the sender connected to.
    Destination,
    /// The port of the source.
    SourcePort,
    /// The port of the destination.
    DestinationPort,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Source => "source",
            Self::Destination => "destination",
            Self::SourcePort => "source port",
            Self::DestinationPort => "destination port",
        })
    }
}

/// A hint for two frequent mistakes: a sender without the header, and TLS outside the PROXY
/// protocol.
fn looks_like(at: usize, found: u8) -> &'static str {
    match (at, found) {
        (1, 0x16) => " (does the sender speak TLS outside the PROXY protocol?)",
        (1, b'A'..=b'Z' | b'a'..=b'z') => " (does the sender send the header at all?)",
        _ => "",
    }
}
