//! Helpers that find and interpret the segments around an error.

use alloc::vec::Vec;
use core::net::IpAddr;

use crate::{Place, Span, Text, quote_bytes};

/// The segment after the colon at the offset `end`; `None` if there is no colon.
pub(super) fn next_segment(text: &[u8], end: usize) -> Option<Span> {
    let start = end + 1;
    if text.get(end) != Some(&b':') {
        return None;
    }
    Some(Span::new(start, segment_end(text, start)))
}

/// The end offset of the segment that begins at `start`: the next unescaped colon, or the end of
/// the text.
fn segment_end(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b':' => break,
            _ => at += 1,
        }
    }
    at.min(text.len())
}

/// The span from `start` to before the next segment with `=`, or to the end of the text.
pub(super) fn positional_run(text: &[u8], start: usize) -> Span {
    let mut end = segment_end(text, start);
    while let Some(next) = next_segment(text, end) {
        if slice(text, next).contains(&b'=') {
            break;
        }
        end = next.end;
    }
    Span::new(start, end)
}

pub(super) fn slice(text: &[u8], span: Span) -> &[u8] {
    text.get(span.start..span.end).unwrap_or_default()
}

pub(super) fn is_port(text: &[u8]) -> bool {
    matches!(text.len(), 1..=5) && text.iter().all(u8::is_ascii_digit)
}

/// Parses a text as an IP address, ignoring backslashes and a pair of brackets; `None` if it is
/// none.
pub(super) fn address(text: &[u8]) -> Option<IpAddr> {
    let plain: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'\\').collect();
    let inner = plain.strip_prefix(b"[").and_then(|it| it.strip_suffix(b"]"));
    core::str::from_utf8(inner.unwrap_or(&plain)).ok()?.parse().ok()
}

/// Prints an address with escaped colons, for use as the value of a keyword.
pub(super) fn as_value(address: IpAddr) -> Vec<u8> {
    let text = alloc::format!("{address}");
    quote_bytes(&Text::plain(&*text).to_bytes(), Place::Value)
}
