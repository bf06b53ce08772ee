//! Version 2 of a PROXY header: a fixed part of 16 bytes, the addresses, and TLVs.
//!
//! ```text
//! header = signature version-command family-transport length addresses tlvs
//! version-command  = %x20 / %x21       ; LOCAL, PROXY
//! family-transport = OCTET             ; UNSPEC to UNIX; UNSPEC, STREAM, DGRAM
//! length           = 2OCTET            ; of all that follows
//! ```
//!
//! The addresses of LOCAL are skipped ("the receiver must … discard the protocol block including
//! the family which is ignored"). Those of an unspecified family or transport are skipped too. TLVs
//! after them are read if they are well-formed. In all other headers, malformed TLVs are an error.

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::crc32c::crc32c;
use super::error::{Field, HeaderError};
use super::header::{Header, Original, Transport};
use super::tlv::{self, Tlvs, kind};
use super::{Command, Version};
use crate::address::{Address, UnixName};

/// The first bytes of every header of version 2, which no text protocol begins with.
pub(super) const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";

/// The length of the fixed part in bytes: signature, command, family, and length.
pub(super) const FIXED: usize = 16;

/// The length of a UNIX address in bytes: the size of `sun_path` on Linux.
const UNIX_ADDRESS: usize = 108;

/// The numbers of address families, in the upper four bits of byte 14.
mod family {
    pub(super) const INET: u8 = 1;
    pub(super) const INET6: u8 = 2;
    pub(super) const UNIX: u8 = 3;
}

/// Checks those bytes of the fixed part that have arrived.
///
/// Returns the length of the whole header; `None` if its length field has not arrived.
pub(super) fn check_fixed(seen: &[u8], limit: u16) -> Result<Option<usize>, HeaderError> {
    let Some(&version_command) = seen.get(12) else { return Ok(None) };
    match version_command {
        0x20 | 0x21 => {}
        0x22..=0x2F => {
            return Err(HeaderError::UnknownCommand { found: version_command & 0xF });
        }
        _ => return Err(HeaderError::UnknownVersion { found: version_command >> 4 }),
    }
    let is_proxy = version_command == 0x21;
    let Some(&family_transport) = seen.get(13) else { return Ok(None) };
    let (family, transport) = (family_transport >> 4, family_transport & 0xF);
    if is_proxy && family > family::UNIX {
        return Err(HeaderError::UnknownFamily { found: family });
    }
    if is_proxy && transport > 2 {
        return Err(HeaderError::UnknownTransport { found: transport });
    }
    let Some(&[high, low]) = seen.get(14..FIXED).and_then(|bytes| bytes.first_chunk()) else {
        return Ok(None);
    };
    let length = u16::from_be_bytes([high, low]);
    if length > limit {
        return Err(HeaderError::TooLong { found: length, limit });
    }
    if is_proxy && transport != 0 {
        let (expected, family) = addresses(family);
        if length < expected {
            return Err(HeaderError::AddressesTooShort { family, expected, found: length });
        }
    }
    Ok(Some(FIXED + usize::from(length)))
}

/// The length of both addresses of a family in bytes, and the name of the family.
fn addresses(family: u8) -> (u16, &'static str) {
    match family {
        family::INET => (12, "IPv4"),
        family::INET6 => (36, "IPv6"),
        family::UNIX => (216, "UNIX"),
        _ => (0, ""),
    }
}

/// Parses a complete header whose fixed part [`check_fixed`] has accepted.
pub(super) fn parse(header: &[u8]) -> Result<Header, HeaderError> {
    let (fixed, rest) = header.split_at(FIXED);
    let command = if fixed[12] == 0x20 { Command::Local } else { Command::Proxy };
    let family = fixed[13] >> 4;
    let transport = match fixed[13] & 0xF {
        1 => Some(Transport::Stream),
        2 => Some(Transport::Datagram),
        _ => None,
    };
    let size = usize::from(addresses(family).0).min(rest.len());
    let (block, tlvs) = rest.split_at(size);

    let original = match (command, transport) {
        (Command::Proxy, Some(transport)) => parse_original(transport, family, block)?,
        _ => None,
    };
    let tlvs = match tlv::check(tlvs, FIXED + size) {
        Ok(()) => tlvs,
        Err(_) if original.is_none() => &[],
        Err(error) => return Err(error),
    };
    let checksum = check_checksum(header, header.len() - tlvs.len())?;
    Ok(Header::received(Version::V2, command, original).with_received(tlvs, checksum))
}

/// Parses the addresses of a forwarded connection; `None` for an unspecified family.
fn parse_original(
    transport: Transport,
    family: u8,
    block: &[u8],
) -> Result<Option<Original>, HeaderError> {
    let (source, destination) = match family {
        family::INET => inet::<4>(block),
        family::INET6 => inet::<16>(block),
        family::UNIX => {
            let (source, destination) = block.split_at(UNIX_ADDRESS);
            Some((unix(Field::Source, source)?, unix(Field::Destination, destination)?))
        }
        _ => None,
    }
    .unzip();
    let (Some(source), Some(destination)) = (source, destination) else { return Ok(None) };
    Ok(Some(Original { transport, source, destination }))
}

/// Parses two IP addresses and then two ports, as source and destination.
fn inet<const N: usize>(block: &[u8]) -> Option<(Address, Address)>
where
    [u8; N]: Bits,
{
    let (source, rest) = block.split_first_chunk::<N>()?;
    let (destination, rest) = rest.split_first_chunk::<N>()?;
    let (source_port, rest) = rest.split_first_chunk::<2>()?;
    let destination_port = rest.first_chunk::<2>()?;
    Some((source.with_port(*source_port), destination.with_port(*destination_port)))
}

/// The bytes of an IPv4 or IPv6 address, so that [`inet`] can parse both.
trait Bits {
    fn with_port(&self, port: [u8; 2]) -> Address;
}

impl Bits for [u8; 4] {
    fn with_port(&self, port: [u8; 2]) -> Address {
        SocketAddr::from((Ipv4Addr::from(*self), u16::from_be_bytes(port))).into()
    }
}

impl Bits for [u8; 16] {
    fn with_port(&self, port: [u8; 2]) -> Address {
        SocketAddr::from((Ipv6Addr::from(*self), u16::from_be_bytes(port))).into()
    }
}

/// Parses the `sun_path` of a UNIX address.
///
/// A path ends at the first NUL. A name that begins with NUL is abstract; only NULs are no name.
fn unix(field: Field, bytes: &[u8]) -> Result<Address, HeaderError> {
    let end = |bytes: &[u8]| bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let (found, name) = match bytes {
        [0, name @ ..] => match &name[..end(name)] {
            [] => return Ok(Address::UnixUnnamed),
            name => (name, UnixName::abstract_name(name)),
        },
        path => {
            let path = path.split(|byte| *byte == 0).next().unwrap_or_default();
            (path, UnixName::path_of_bytes(path))
        }
    };
    let name = name.map_err(|_| HeaderError::UnixAddress { field, found: found.to_vec() })?;
    Ok(Address::Unix(name))
}

/// Verifies the checksum of a header whose TLVs begin at offset `at`.
///
/// Returns whether there is one. It is computed with zeros in its own place.
fn check_checksum(header: &[u8], at: usize) -> Result<bool, HeaderError> {
    let mut place = at;
    let mut checksum = None;
    for tlv in Tlvs::new(&header[at..]) {
        place += tlv::TLV_HEAD;
        if tlv.kind == kind::CRC32C && checksum.replace(place).is_some() {
            return Err(HeaderError::SecondChecksum);
        }
        place += tlv.value.len();
    }
    let Some(place) = checksum else { return Ok(false) };
    let (before, rest) = header.split_at(place);
    let Some((found, after)) = rest.split_first_chunk::<4>() else { return Ok(false) };
    let (expected, found) = (crc32c(&[before, &[0; 4], after]), u32::from_be_bytes(*found));
    if expected != found {
        return Err(HeaderError::WrongChecksum { expected, found });
    }
    Ok(true)
}

/// Writes a header of version 2. The checksum comes last, because it covers all other bytes.
pub(super) fn write(header: &Header) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    bytes.push(if header.command() == Command::Local { 0x20 } else { 0x21 });
    let block = header.original().and_then(address_block);
    let (family_transport, block) = block.unwrap_or_default();
    bytes.push(family_transport);
    let checksum_length = if header.has_checksum() { tlv::TLV_HEAD + 4 } else { 0 };
    let length = block.len() + header.tlv_bytes().len() + checksum_length;
    // The methods that add TLVs limit the length, so it always fits.
    bytes.extend(u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes());
    bytes.extend(block);
    bytes.extend(header.tlv_bytes());
    if header.has_checksum() {
        bytes.extend([kind::CRC32C, 0, 4]);
        let checksum = crc32c(&[&bytes, &[0; 4]]);
        bytes.extend(checksum.to_be_bytes());
    }
    bytes
}

/// Byte 14 (family and transport) and the encoded addresses; `None` if the families differ.
fn address_block(original: &Original) -> Option<(u8, Vec<u8>)> {
    let transport = match original.transport {
        Transport::Stream => 1,
        Transport::Datagram => 2,
    };
    let (family, block) = match (&original.source, &original.destination) {
        (Address::Tcp(source), Address::Tcp(destination)) => {
            let ports = [source.port().to_be_bytes(), destination.port().to_be_bytes()].concat();
            match (source, destination) {
                (SocketAddr::V4(source), SocketAddr::V4(destination)) => {
                    let ips = [source.ip().octets(), destination.ip().octets()].concat();
                    (family::INET, [ips, ports].concat())
                }
                (SocketAddr::V6(source), SocketAddr::V6(destination)) => {
                    let ips = [source.ip().octets(), destination.ip().octets()].concat();
                    (family::INET6, [ips, ports].concat())
                }
                _ => return None,
            }
        }
        (source, destination) => {
            let block = [unix_block(source)?, unix_block(destination)?].concat();
            (family::UNIX, block)
        }
    };
    Some((family << 4 | transport, block))
}

/// A UNIX address as `sun_path`; `None` for an address of another family.
fn unix_block(address: &Address) -> Option<[u8; UNIX_ADDRESS]> {
    let (start, name) = match address {
        Address::Unix(name) => match (name.as_path(), name.as_abstract()) {
            (Some(path), _) => (0, path.as_os_str().as_encoded_bytes()),
            (None, name) => (1, name.unwrap_or_default()),
        },
        Address::UnixUnnamed => (0, &[][..]),
        _ => return None,
    };
    let mut block = [0; UNIX_ADDRESS];
    block.get_mut(start..start + name.len())?.copy_from_slice(name);
    Some(block)
}
