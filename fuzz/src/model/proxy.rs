//! Decodes headers of the PROXY protocol, as HAProxy's `proxy-protocol.txt` specifies them.
//!
//! The real decoder takes bytes in pieces. The model takes all bytes at once, and gives no reason
//! when it refuses them.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::ffi::OsStringExt;

use endpoint_runtime::Address;
use endpoint_runtime::plan::{MAX_UNIX_NAME, UnixName};
use endpoint_runtime::proto::proxy::{MAX_LENGTH, MAX_LINE, MAX_UNIQUE_ID};

/// A header that a receiver must accept.
#[derive(Debug, PartialEq, Eq)]
pub struct Header {
    /// The length of the header in bytes.
    pub length: usize,
    /// The version of the protocol, 1 or 2.
    pub version: u8,
    /// Whether the command is LOCAL: the sender itself opened the connection, as for a health
    /// check.
    pub is_local: bool,
    /// The proxied connection: whether it carries datagrams, its source, and its destination.
    pub original: Option<(bool, Address, Address)>,
    /// The type and the value of each field (TLV), without padding and checksum.
    pub tlvs: Vec<(u8, Vec<u8>)>,
    /// Whether the header has a checksum. A header with a wrong one is refused.
    pub has_checksum: bool,
}

/// The bytes do not begin with a valid header.
#[derive(Debug, PartialEq, Eq)]
pub struct NoHeader;

/// Decodes the header at the start of `bytes`; `None` if more bytes are needed.
///
/// # Errors
///
/// Returns an error if the bytes do not begin with a valid header.
pub fn decode(bytes: &[u8]) -> Result<Option<Header>, NoHeader> {
    const LINE: &[u8] = b"PROXY ";
    const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
    if bytes.starts_with(LINE) {
        line(&bytes[..bytes.len().min(MAX_LINE)])
    } else if bytes.starts_with(SIGNATURE) {
        binary(bytes)
    } else if LINE.starts_with(bytes) || SIGNATURE.starts_with(bytes) {
        Ok(None)
    } else {
        Err(NoHeader)
    }
}

/// Decodes a header of version 1. The bytes are at most as long as the longest line.
fn line(bytes: &[u8]) -> Result<Option<Header>, NoHeader> {
    let Some(end) = bytes.iter().position(|it| matches!(it, b'\r' | b'\n')) else {
        return if bytes.len() < MAX_LINE { Ok(None) } else { Err(NoHeader) };
    };
    match &bytes[end..] {
        [b'\r', b'\n', ..] => {}
        [b'\r'] if bytes.len() < MAX_LINE => return Ok(None),
        _ => return Err(NoHeader),
    }
    let fields: Vec<&[u8]> = bytes[..end].split(|byte| *byte == b' ').collect();
    let original = match fields.as_slice() {
        [_, b"UNKNOWN", ..] => None,
        [_, b"TCP4", addresses @ ..] => {
            Some(connection(addresses, |text| text.parse::<Ipv4Addr>().ok().map(IpAddr::from))?)
        }
        [_, b"TCP6", addresses @ ..] => {
            Some(connection(addresses, |text| text.parse::<Ipv6Addr>().ok().map(IpAddr::from))?)
        }
        _ => return Err(NoHeader),
    };
    let (tlvs, has_checksum) = (Vec::new(), false);
    Ok(Some(Header { length: end + 2, version: 1, is_local: false, original, tlvs, has_checksum }))
}

/// Decodes the two addresses and two ports of version 1.
fn connection(
    fields: &[&[u8]],
    address: impl Fn(&str) -> Option<IpAddr>,
) -> Result<(bool, Address, Address), NoHeader> {
    let texts: Option<Vec<&str>> =
        fields.iter().map(|field| std::str::from_utf8(field).ok()).collect();
    let [from, to, from_port, to_port] = texts.as_deref().unwrap_or_default() else {
        return Err(NoHeader);
    };
    let port = |text: &str| text.parse::<u16>().ok().filter(|it| it.to_string() == text);
    let end = |ip, digits| Some(SocketAddr::new(address(ip)?, port(digits)?).into());
    end(from, from_port).zip(end(to, to_port)).map(|(from, to)| (false, from, to)).ok_or(NoHeader)
}

/// Decodes a header of version 2.
fn binary(bytes: &[u8]) -> Result<Option<Header>, NoHeader> {
    let Some(command) = bytes.get(12) else { return Ok(None) };
    let is_local = match command {
        0x20 => true,
        0x21 => false,
        _ => return Err(NoHeader),
    };
    let Some(byte) = bytes.get(13) else { return Ok(None) };
    let (family, transport) = (byte / 16, byte % 16);
    if !is_local && (family > 3 || transport > 2) {
        return Err(NoHeader);
    }
    let Some([high, low]) = bytes.get(14..16) else { return Ok(None) };
    let length = 256 * usize::from(*high) + usize::from(*low);
    let size = match family {
        1 => 2 * (4 + 2),
        2 => 2 * (16 + 2),
        3 => 2 * 108,
        _ => 0,
    };
    // Addresses of an unknown family or transport, or of LOCAL, are skipped.
    let counts = !is_local && family != 0 && transport != 0;
    if length > usize::from(MAX_LENGTH) || (!is_local && transport != 0 && length < size) {
        return Err(NoHeader);
    }
    let Some(rest) = bytes.get(16..16 + length) else { return Ok(None) };
    let (block, rest) = rest.split_at(size.min(rest.len()));
    let original = if counts {
        let (from, to) = addresses(family, block).ok_or(NoHeader)?;
        Some((transport == 2, from, to))
    } else {
        None
    };
    let tlvs = match tlvs(rest).filter(|all| all.iter().all(|(kind, value)| fits(*kind, value))) {
        Some(tlvs) => tlvs,
        None if original.is_none() => Vec::new(),
        None => return Err(NoHeader),
    };
    let header = &bytes[..16 + length];
    let has_checksum = checksum(header, &tlvs, 16 + block.len())?;
    let tlvs = tlvs.into_iter().filter(|(kind, _)| !matches!(kind, 3 | 4)).collect();
    Ok(Some(Header { length: 16 + length, version: 2, is_local, original, tlvs, has_checksum }))
}

fn addresses(family: u8, block: &[u8]) -> Option<(Address, Address)> {
    match family {
        1 | 2 => {
            let octets = if family == 1 { 4 } else { 16 };
            let ip = |at: usize| -> Option<IpAddr> {
                Some(if family == 1 {
                    <[u8; 4]>::try_from(&block[at..at + 4]).ok()?.into()
                } else {
                    <[u8; 16]>::try_from(&block[at..at + 16]).ok()?.into()
                })
            };
            let port = |at: usize| 256 * u16::from(block[at]) + u16::from(block[at + 1]);
            let from = SocketAddr::new(ip(0)?, port(2 * octets));
            let to = SocketAddr::new(ip(octets)?, port(2 * octets + 2));
            Some((from.into(), to.into()))
        }
        _ => Some((unix(&block[..108])?, unix(&block[108..])?)),
    }
}

/// Decodes the name of a UNIX socket. A path ends at a NUL. An abstract name begins with a NUL, and
/// NULs pad the field.
fn unix(field: &[u8]) -> Option<Address> {
    let mut name = field.to_vec();
    if field[0] != 0 {
        name.truncate(field.iter().position(|byte| *byte == 0).unwrap_or(field.len()));
        let fits = name.len() <= MAX_UNIX_NAME;
        return fits
            .then(|| UnixName::path(OsString::from_vec(name)).ok())
            .flatten()
            .map(Address::Unix);
    }
    while name.last() == Some(&0) {
        name.pop();
    }
    if name.is_empty() {
        return Some(Address::UnixUnnamed);
    }
    Some(Address::Unix(UnixName::abstract_name(&name[1..]).ok()?))
}

/// Splits `bytes` into TLVs; `None` if they do not fill it exactly.
fn tlvs(mut bytes: &[u8]) -> Option<Vec<(u8, Vec<u8>)>> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let [kind, high, low, rest @ ..] = bytes else { return None };
        let (value, rest) = rest.split_at_checked(256 * usize::from(*high) + usize::from(*low))?;
        all.push((*kind, value.to_vec()));
        bytes = rest;
    }
    Some(all)
}

/// Whether the value of a TLV has a length that its type allows.
fn fits(kind: u8, value: &[u8]) -> bool {
    match kind {
        0x03 => value.len() == 4,
        0x05 => value.len() <= MAX_UNIQUE_ID,
        0x20 => value.get(5..).is_some_and(|inner| tlvs(inner).is_some()),
        _ => true,
    }
}

/// Whether the header has a checksum. Returns an error if it is wrong, or if there are two.
fn checksum(header: &[u8], tlvs: &[(u8, Vec<u8>)], start: usize) -> Result<bool, NoHeader> {
    let (mut at, mut found) = (start, None);
    for (kind, value) in tlvs {
        at += 3;
        if *kind == 3 && found.replace((at, value)).is_some() {
            return Err(NoHeader);
        }
        at += value.len();
    }
    let Some((at, value)) = found else { return Ok(false) };
    let mut zeroed = header.to_vec();
    zeroed[at..at + 4].fill(0);
    if crc32c(&zeroed).to_be_bytes() == value.as_slice() { Ok(true) } else { Err(NoHeader) }
}

/// Returns the `CRC32c` checksum of RFC 3309, computed bit by bit.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    let mut register = u32::MAX;
    for byte in bytes {
        register ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = register & 1;
            register >>= 1;
            if carry == 1 {
                register ^= 0x1EDC_6F41_u32.reverse_bits();
            }
        }
    }
    !register
}
