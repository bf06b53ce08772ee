//! What is wrong with a header: what was expected, where, and what was found.

use core::fmt;

use thiserror::Error as ThisError;

use super::{MAX_LINE, MAX_UNIQUE_ID, Version};
use crate::quoted::Quoted;

/// Why bytes are no PROXY header.
///
/// Bytes count from 1, as in the protocol's document. The messages show what a stranger sent in
/// back-quotes and escaped.
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
    /// The bytes are neither of the two beginnings.
    #[error(
        "expected `PROXY ` or the signature of version 2, but byte {at} is {}{}",
        Quoted::bytes(&[*.found]),
        looks_like(*.at, *.found)
    )]
    NotProxy {
        /// The first byte that fits neither, from 1.
        at: usize,
        /// That byte.
        found: u8,
    },
    /// Only the other version is taken.
    #[error("expected a header of version {expected}, but found version {}", .expected.other())]
    WrongVersion {
        /// The version that is taken.
        expected: Version,
    },

    /// Version 1: a CR without a LF behind it.
    #[error("byte {at} of the line is a CR without a LF behind it")]
    LoneCr {
        /// Its place, from 1.
        at: usize,
    },
    /// Version 1: a LF without a CR before it.
    #[error("byte {at} of the line is a LF without a CR before it")]
    LoneLf {
        /// Its place, from 1.
        at: usize,
    },
    /// Version 1: no end of line where the longest line ends.
    #[error("expected CR LF within {MAX_LINE} bytes, but the line is longer")]
    LineTooLong,
    /// Version 1: another protocol than the three.
    #[error("expected `TCP4`, `TCP6` or `UNKNOWN` after `PROXY `, but found {}", Quoted::bytes(.found))]
    Protocol {
        /// What stands there.
        found: Vec<u8>,
    },
    /// Version 1: the line ends too early.
    #[error("expected the {field}, but found the end of the line")]
    MissingField {
        /// The first field that is missing.
        field: Field,
    },
    /// Version 1: an address that is none, or of the other family.
    #[error("expected an {family} address as the {field}, but found {}", Quoted::bytes(.found))]
    Address {
        /// Which of the two addresses.
        field: Field,
        /// The family that the line promised, `IPv4` or `IPv6`.
        family: &'static str,
        /// What stands there.
        found: Vec<u8>,
    },
    /// Version 1: a port that is not a plain number up to 65535.
    #[error("expected a number from 0 to 65535 as the {field}, but found {}", Quoted::bytes(.found))]
    Port {
        /// Which of the two ports.
        field: Field,
        /// What stands there.
        found: Vec<u8>,
    },
    /// Version 1: more after the last field.
    #[error("expected the end of the line after the destination port, but found {}", Quoted::bytes(.found))]
    ExtraField {
        /// What stands there.
        found: Vec<u8>,
    },

    /// Version 2: a signature with another version behind it.
    #[error("expected version 2 in byte 13, but found {found}")]
    UnknownVersion {
        /// The upper four bits.
        found: u8,
    },
    /// Version 2: a command that is not assigned.
    #[error("expected the command 0 (LOCAL) or 1 (PROXY) in byte 13, but found {found}")]
    UnknownCommand {
        /// The lower four bits.
        found: u8,
    },
    /// Version 2: an address family that is not assigned.
    #[error("expected an address family from 0 to 3 in byte 14, but found {found}")]
    UnknownFamily {
        /// The upper four bits.
        found: u8,
    },
    /// Version 2: a transport that is not assigned.
    #[error("expected a transport from 0 to 2 in byte 14, but found {found}")]
    UnknownTransport {
        /// The lower four bits.
        found: u8,
    },
    /// Version 2: longer than the limit.
    #[error("expected a length of at most {limit} in bytes 15 and 16, but found {found}")]
    TooLong {
        /// The bytes that the header announces after the first 16.
        found: u16,
        /// The limit.
        limit: u16,
    },
    /// Version 2: too short for its addresses.
    #[error("expected a length of at least {expected} for {family} addresses, but found {found}")]
    AddressesTooShort {
        /// The family: `IPv4`, `IPv6` or `UNIX`.
        family: &'static str,
        /// What its addresses take.
        expected: u16,
        /// The bytes that the header announces after the first 16.
        found: u16,
    },
    /// Version 2: a UNIX address that is no socket's.
    #[error("expected the name of a UNIX socket as the {field}, but found {}", Quoted::bytes(.found))]
    UnixAddress {
        /// Which of the two addresses.
        field: Field,
        /// What stands there, to the first NUL.
        found: Vec<u8>,
    },
    /// Version 2: a TLV reaches beyond the end of what holds it.
    #[error("expected the TLV at byte {at} to take {expected} bytes, but found {found}")]
    TlvTooShort {
        /// Where it begins, from 1.
        at: usize,
        /// Its type, length and value together; 3 where not even these are there.
        expected: usize,
        /// What is left.
        found: usize,
    },
    /// Version 2: a checksum that is no 32-bit number.
    #[error("expected a checksum of 4 bytes, but found {found}")]
    ChecksumLength {
        /// Its length.
        found: usize,
    },
    /// Version 2: more than one checksum.
    #[error("expected one checksum, but found two")]
    SecondChecksum,
    /// Version 2: the checksum does not match the header.
    #[error("expected the checksum {expected:#010x}, but found {found:#010x}")]
    WrongChecksum {
        /// What the bytes amount to.
        expected: u32,
        /// What the header says.
        found: u32,
    },
    /// Version 2: a unique id that is too long.
    #[error("expected a unique id of at most {MAX_UNIQUE_ID} bytes, but found {found}")]
    UniqueIdTooLong {
        /// Its length.
        found: usize,
    },
    /// Version 2: TLS facts without their fixed part.
    #[error("expected TLS facts of at least 5 bytes, but found {found}")]
    SslTooShort {
        /// Their length.
        found: usize,
    },
}

/// A part of a header that its errors name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// Whose the connection is.
    Source,
    /// Where it went to.
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

/// The two mistakes that everybody makes once: a sender without the header, and TLS on the wrong
/// side of it.
fn looks_like(at: usize, found: u8) -> &'static str {
    match (at, found) {
        (1, 0x16) => " (does the sender speak TLS outside the PROXY protocol?)",
        (1, b'A'..=b'Z' | b'a'..=b'z') => " (does the sender send the header at all?)",
        _ => "",
    }
}
