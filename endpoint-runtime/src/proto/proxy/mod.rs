//! The PROXY protocol: what a balancer says about a connection before its first byte.
//!
//! Both versions, after <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt> (2026/04/27);
//! the quotations in here are from that document. The [`Decoder`] takes bytes in any pieces and
//! gives a [`Header`]; [`Header::to_bytes`] is the way back. Each of the two formats has a file,
//! which begins with its grammar.
//!
//! # Rules
//!
//! - The header must come: whether it is there is never guessed ("MUST not try to guess").
//! - A header may come in any pieces, though senders send it at once: nothing forces what lies
//!   between to keep it so.
//! - The line of version 1 is at most 107 bytes with its end, that of version 2 16 bytes and its
//!   length field, at most [`MAX_LENGTH`]. A decoder never holds more than that.
//! - LOCAL and `UNKNOWN`, and an unspecified family or transport, keep the addresses of the
//!   connection itself.
//! - A checksum that is there is verified. Unknown TLVs are kept as they came.

mod crc32c;
mod decoder;
mod encoder;
mod error;
mod header;
mod tlv;
mod v1;
mod v2;

use core::fmt;
use std::time::Duration;

pub use self::decoder::{Config, Decoded, Decoder};
pub use self::encoder::{EncodeError, MAX_TLVS};
pub use self::error::{Field, HeaderError};
pub use self::header::{Header, Original, Transport};
pub use self::tlv::{Ssl, Tlv, Tlvs, kind};

/// How long a sender may take for the whole header: "a short timeout … (at least 3 seconds to cover
/// a TCP retransmit)".
///
/// 5 seconds cover two retransmits, after 1 and 3 seconds.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(5);

/// The longest header of version 2 that is taken unless told otherwise, in bytes after the first
/// 16.
///
/// Both formats are meant to fit in 536 bytes. The one thing that is longer is a client's
/// certificate, some 2,000 bytes; HAProxy refuses any TLV of more than 1,024.
pub const MAX_LENGTH: u16 = 4096;

/// The longest line of version 1, its end included: `PROXY UNKNOWN` with the longest IPv6 addresses
/// and ports.
pub const MAX_LINE: usize = 107;

/// The longest unique id (section 2.2.5): "an opaque byte sequence of up to 128 bytes".
pub const MAX_UNIQUE_ID: usize = 128;

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// A line of text.
    V1,
    /// Binary, with TLVs.
    V2,
}

impl Version {
    fn other(self) -> Self {
        match self {
            Self::V1 => Self::V2,
            Self::V2 => Self::V1,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "1",
            Self::V2 => "2",
        })
    }
}

/// The party that the sender speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// For itself, as in health checks; version 1 cannot say so.
    Local,
    /// For the client whose connection it forwards.
    Proxy,
}
