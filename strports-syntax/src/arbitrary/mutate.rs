//! Mutates descriptions by tokens. A fuzzer that changes single bytes rarely adds a second keyword.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::signature::{Kind, Signature};
use crate::{Role, TokenKind, quote_string_argument, tokens};

/// Values to insert, many at the limits of Python's `int()`, of parameters or of the system.
const VALUES: [&str; 24] = [
    "",
    "0",
    "1",
    "80",
    "-1",
    "+5",
    " 7 ",
    "1_0",
    "100_0",
    "0o660",
    "660",
    "65536",
    "2147483648",
    "18446744073709551616",
    "\u{664}",
    "::1",
    "[::1]",
    "127.0.0.1",
    "example.com",
    "-h",
    "a=b",
    "/run/a b",
    "TLS_METHOD",
    "INET",
];

/// Returns `text` after one random change; equal seeds make equal changes.
///
/// A change swaps, drops, doubles, escapes or nests segments, or takes a type, a keyword or a value
/// from the signature table.
///
/// ```
/// use strports_syntax::arbitrary::mutate;
/// let changed = mutate(b"tcp:8080:interface=127.0.0.1", 7);
/// assert_eq!(changed, mutate(b"tcp:8080:interface=127.0.0.1", 7));
/// ```
pub fn mutate(text: &[u8], seed: u32) -> Vec<u8> {
    let mut numbers = Numbers(seed);
    let mut segments = segments(text);
    let at = numbers.below(segments.len());
    match numbers.below(11) {
        0 => {
            let other = numbers.below(segments.len());
            segments.swap(at, other);
        }
        1 if segments.len() > 1 => drop(segments.remove(at)),
        2 => {
            let twice = segments[at].clone();
            segments.insert(numbers.below(segments.len() + 1), twice);
        }
        3 => segments[at] = escape_a_byte(&segments[at], &mut numbers),
        4 => segments[at] = without_a_backslash(&segments[at], &mut numbers),
        5 => segments.insert(0, b"haproxy".to_vec()),
        6 => return nested(text, &mut numbers),
        7 => segments[0] = signature(&mut numbers).name.into(),
        8 => segments.insert(at + 1, keyword(&segments[0], &mut numbers)),
        9 => segments[at] = value(&mut numbers).into(),
        _ => segments[at] = with_value(&segments[at], value(&mut numbers)),
    }
    segments.join(&b':')
}

/// Splits a description at its unescaped colons; an empty text is one empty segment.
fn segments(text: &[u8]) -> Vec<Vec<u8>> {
    let mut segments = Vec::from([Vec::new()]);
    for token in tokens(text) {
        match token.kind {
            TokenKind::Colon => segments.push(Vec::new()),
            _ => {
                if let Some(last) = segments.last_mut() {
                    last.extend(token.span.slice(text));
                }
            }
        }
    }
    segments
}

fn escape_a_byte(segment: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut escaped = segment.to_vec();
    escaped.insert(numbers.below(segment.len() + 1), b'\\');
    escaped
}

fn without_a_backslash(segment: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let places = (0..segment.len()).filter(|at| segment[*at] == b'\\');
    let places: Vec<usize> = places.collect();
    let mut plain = segment.to_vec();
    if !places.is_empty() {
        plain.remove(places[numbers.below(places.len())]);
    }
    plain
}

/// Nests `text` as the escaped value of `endpoint=` in a random type that has this keyword.
fn nested(text: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let outer = ["tls:h:443", "ssl:443", "tls:/certs", "socks5:h:80", "http-connect:h:80"];
    let outer = outer[numbers.below(outer.len())];
    let inner = quote_string_argument(&String::from_utf8_lossy(text)).into_bytes();
    [outer.as_bytes(), b":endpoint=", &inner].concat()
}

fn signature(numbers: &mut Numbers) -> &'static Signature {
    let role = if numbers.below(2) == 0 { Role::Server } else { Role::Client };
    let all = Signature::all(role);
    all[numbers.below(all.len())]
}

/// A random `KEYWORD=VALUE` of the type `type_name`, or of a random type if none has this name.
///
/// The value suits numbers, modes, flags and descriptions; other kinds get a random one of
/// [`VALUES`].
fn keyword(type_name: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let all = [Role::Server, Role::Client].into_iter().flat_map(Signature::all);
    let own = all.filter(|it| it.name.as_bytes() == type_name);
    let own: Vec<&Signature> = own.copied().collect();
    let signature = match own.len() {
        0 => signature(numbers),
        count => own[numbers.below(count)],
    };
    if signature.parameters.is_empty() {
        return b"a=b".to_vec();
    }
    let parameter = &signature.parameters[numbers.below(signature.parameters.len())];
    let value = match parameter.kind {
        Kind::Port => "8080",
        Kind::Backlog | Kind::Seconds | Kind::Number => "1_0",
        Kind::Mode => "0o600",
        Kind::Flag => "1",
        Kind::Description | Kind::ServerDescription => r"tcp\:127.0.0.1\:80",
        _ => value(numbers),
    };
    format!("{}={value}", parameter.name).into_bytes()
}

fn value(numbers: &mut Numbers) -> &'static str {
    VALUES[numbers.below(VALUES.len())]
}

/// Replaces the value after the `=` of a segment, or all of a segment without `=`.
fn with_value(segment: &[u8], value: &str) -> Vec<u8> {
    let key = segment.iter().position(|byte| *byte == b'=').map_or(0, |equals| equals + 1);
    [&segment[..key], value.as_bytes()].concat()
}

/// A linear congruential generator, seeded with the given number.
///
/// Its low bits repeat after few steps, so only the upper 24 bits are used.
struct Numbers(u32);

impl Numbers {
    /// The next random number below `bound`; 0 if `bound` is 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(self.0 >> 8).unwrap_or_default() % bound.max(1)
    }
}
