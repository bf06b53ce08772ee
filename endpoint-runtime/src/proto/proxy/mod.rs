//! The PROXY protocol: a header in which a load balancer describes a connection, before its data.
//!
//! Implements both versions of <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt>
//! (2026/04/27), from which the quotations here are. The [`Decoder`] converts bytes in any pieces
//! to a [`Header`], and [`Header::to_bytes`] converts back. Each format has its own file, which
//! begins with the grammar.
//!
//! # Rules
//!
//! - The header is required: its presence is never guessed ("MUST not try to guess").
//! - A header may arrive in any pieces, even if the sender writes it at once.
//! - A header of version 1 has at most 107 bytes, including the end of the line. A header of
//!   version 2 has 16 bytes and at most [`MAX_LENGTH`] more. A decoder never holds more bytes.
//! - After LOCAL and `UNKNOWN`, and an unspecified family or transport, the addresses of the
//!   connection itself apply.
//! - A checksum is verified if there is one. Unknown TLVs are kept unchanged.

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

/// The default time limit for receiving the whole header.
///
/// The specification requires "a short timeout … (at least 3 seconds to cover a TCP retransmit)".
/// 5 seconds allow for two retransmissions, after 1 and 3 seconds.
///
/// See [`Decoder`] for an example.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(5);

/// The default limit of a header of version 2, in bytes after the first 16.
///
/// Both formats are designed to fit in 536 bytes. Only a client certificate is longer, about 2,000
/// bytes; HAProxy rejects TLVs of more than 1,024.
///
/// See [`Config`] for an example.
pub const MAX_LENGTH: u16 = 4096;

/// The length of the longest line of version 1 in bytes, including CR LF.
///
/// It is `PROXY UNKNOWN` with the longest IPv6 addresses and ports.
///
/// See [`Decoder`] for an example.
pub const MAX_LINE: usize = 107;

/// The length of the longest unique id in bytes.
///
/// Section 2.2.5: "an opaque byte sequence of up to 128 bytes".
///
/// See [`Header`] for an example.
pub const MAX_UNIQUE_ID: usize = 128;

/// A version of the PROXY protocol, which decides the format of the header.
///
/// See [`Header`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// One line of text, with addresses only.
    V1,
    /// A binary header with addresses and TLVs, such as the requested host name.
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

/// Whether the sender of a header forwards the connection of a client.
///
/// Returned by [`Header::command`]; see [`Header`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The sender opened this connection itself, for example for a health check. Version 1 cannot
    /// express it.
    Local,
    /// The sender forwards the connection of a client.
    Proxy,
}
