//! Version 1 of a PROXY header: one line of text.
//!
//! ```text
//! line    = "PROXY" SP ( tcp4 / tcp6 / unknown ) CR LF     ; at most 107 bytes
//! tcp4    = "TCP4" SP ipv4 SP ipv4 SP port SP port         ; sources first
//! tcp6    = "TCP6" SP ipv6 SP ipv6 SP port SP port
//! unknown = "UNKNOWN" [ SP anything ]
//! port    = "0" / ( %x31-39 *DIGIT )                       ; up to 65535
//! ```
//!
//! "Any sequence which does not exactly match the protocol must be discarded": two spaces, signs,
//! leading zeros, and a CR or LF alone are errors. An IPv6 address may end in a dotted IPv4
//! address, as `inet_ntop` writes it.

use core::fmt::Write;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use core::str::FromStr;

use super::error::{Field, HeaderError};
use super::header::{Header, Original, Transport};
use super::{Command, MAX_LINE, Version};
use crate::address::Address;

/// The first bytes of every header of version 1.
pub(super) const START: &[u8] = b"PROXY ";

/// The length of the shortest line in bytes: `PROXY UNKNOWN` with CR LF.
pub(super) const MIN_LINE: usize = 15;

/// Whether a line is complete, and how long it is.
pub(super) enum Line {
    /// The line is complete; its length in bytes, including CR LF.
    Whole(usize),
    /// The line is incomplete: at least so many bytes are missing.
    Partial(usize),
}

/// Finds the end of a line that begins with [`START`]; returns an error if it is malformed.
pub(super) fn end(seen: &[u8]) -> Result<Line, HeaderError> {
    let seen = &seen[..seen.len().min(MAX_LINE)];
    match seen.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
        Some(at) if seen[at] == b'\n' => Err(HeaderError::LoneLf { at: at + 1 }),
        Some(at) => match seen.get(at + 1) {
            Some(b'\n') => Ok(Line::Whole(at + 2)),
            Some(_) => Err(HeaderError::LoneCr { at: at + 1 }),
            None if seen.len() < MAX_LINE => Ok(Line::Partial(1)),
            None => Err(HeaderError::LineTooLong),
        },
        None if seen.len() < MAX_LINE => {
            let missing = at_least(seen).min(MAX_LINE - seen.len());
            Ok(Line::Partial(missing))
        }
        None => Err(HeaderError::LineTooLong),
    }
}

/// How many bytes a line without an end lacks at least.
///
/// They are CR LF, and a space and a character for each field that has not begun.
fn at_least(seen: &[u8]) -> usize {
    if seen.len() < MIN_LINE {
        return MIN_LINE - seen.len();
    }
    if !seen.starts_with(b"PROXY TCP") {
        return 2;
    }
    let begun = seen.split(|byte| *byte == b' ').count();
    2 * 6_usize.saturating_sub(begun) + 2
}

/// Parses a complete line without its CR LF.
pub(super) fn parse(line: &[u8]) -> Result<Header, HeaderError> {
    let mut fields = line.split(|byte| *byte == b' ').skip(1);
    let protocol = fields.next().unwrap_or_default();
    let original = match protocol {
        b"TCP4" => Some(parse_original::<Ipv4Addr>("IPv4", fields)?),
        b"TCP6" => Some(parse_original::<Ipv6Addr>("IPv6", fields)?),
        b"UNKNOWN" => None,
        _ => return Err(HeaderError::Protocol { found: protocol.to_vec() }),
    };
    Ok(Header::received(Version::V1, Command::Proxy, original))
}

/// Parses the fields after `TCP4` or `TCP6`: two addresses of one family, then two ports.
fn parse_original<'a, A: FromStr + Into<IpAddr>>(
    family: &'static str,
    mut fields: impl Iterator<Item = &'a [u8]>,
) -> Result<Original, HeaderError> {
    let mut next = |field| fields.next().ok_or(HeaderError::MissingField { field });
    let source: A = parse_address(family, Field::Source, next(Field::Source)?)?;
    let destination: A = parse_address(family, Field::Destination, next(Field::Destination)?)?;
    let source_port = parse_port(Field::SourcePort, next(Field::SourcePort)?)?;
    let destination_port = parse_port(Field::DestinationPort, next(Field::DestinationPort)?)?;
    if let Some(found) = fields.next() {
        return Err(HeaderError::ExtraField { found: found.to_vec() });
    }
    Ok(Original {
        transport: Transport::Stream,
        source: SocketAddr::new(source.into(), source_port).into(),
        destination: SocketAddr::new(destination.into(), destination_port).into(),
    })
}

fn parse_address<A: FromStr>(
    family: &'static str,
    field: Field,
    found: &[u8],
) -> Result<A, HeaderError> {
    let text = core::str::from_utf8(found).ok();
    text.and_then(|text| text.parse().ok()).ok_or_else(|| HeaderError::Address {
        field,
        family,
        found: found.to_vec(),
    })
}

fn parse_port(field: Field, found: &[u8]) -> Result<u16, HeaderError> {
    // Rust's parser accepts a plus sign and leading zeros, which the format forbids.
    let plain = found.iter().all(u8::is_ascii_digit) && (found == b"0" || !found.starts_with(b"0"));
    let text = core::str::from_utf8(found).ok().filter(|_| plain);
    text.and_then(|text| text.parse().ok())
        .ok_or_else(|| HeaderError::Port { field, found: found.to_vec() })
}

/// Writes a header of version 1. Connections that it cannot express become `UNKNOWN`.
pub(super) fn write(original: Option<&Original>) -> Vec<u8> {
    let mut line = String::from("PROXY UNKNOWN");
    if let Some(Original { transport: Transport::Stream, source, destination }) = original {
        if let (Address::Tcp(source), Address::Tcp(destination)) = (source, destination) {
            let family = if source.is_ipv4() { "TCP4" } else { "TCP6" };
            line.clear();
            // Writing to a string cannot fail.
            let _ = write!(line, "PROXY {family} {} {}", source.ip(), destination.ip());
            let _ = write!(line, " {} {}", source.port(), destination.port());
        }
    }
    line.push_str("\r\n");
    line.into_bytes()
}
