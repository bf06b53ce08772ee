//! Hints for an unknown type that is a path, or the syntax of another program.

use alloc::format;
use alloc::vec::Vec;
use core::net::IpAddr;

use super::answer::Hint;
use super::scan::{address, as_value, is_port, slice};
use crate::escape::without_backslashes;
use crate::{Role, Span, Text, Types};

/// Address types of socat, each with the corresponding type and role of descriptions.
const SOCAT: &[(&str, &str, Role)] = &[
    ("TCP-LISTEN", "tcp", Role::Server),
    ("TCP-L", "tcp", Role::Server),
    ("TCP4-LISTEN", "tcp", Role::Server),
    ("TCP6-LISTEN", "tcp6", Role::Server),
    ("OPENSSL-LISTEN", "ssl", Role::Server),
    ("UNIX-LISTEN", "unix", Role::Server),
    ("TCP4", "tcp", Role::Client),
    ("TCP-CONNECT", "tcp", Role::Client),
    ("TCP4-CONNECT", "tcp", Role::Client),
    ("OPENSSL", "tls", Role::Client),
    ("OPENSSL-CONNECT", "tls", Role::Client),
    ("UNIX-CONNECT", "unix", Role::Client),
];

/// Types of other programs for datagram sockets, which descriptions cannot express.
const DATAGRAMS: &[&str] = &["udp", "udp4", "udp6", "dtls", "unixgram", "unix-dgram"];

/// The hint for the unknown type at `span`; `None` if it resembles nothing known.
pub(super) fn unknown(types: Types<'_>, text: &[u8], role: Role, span: Span) -> Option<Hint> {
    let name = slice(text, span);
    let rest = text.get(span.start..)?;
    if DATAGRAMS.iter().any(|it| name.eq_ignore_ascii_case(it.as_bytes())) {
        let help = "descriptions are for streams: there is no type for datagrams";
        return Some(Hint { help: Some(help.into()), ..Hint::default() });
    }
    if [&b"/"[..], b"./", b"../"].iter().any(|start| rest.starts_with(start)) {
        let message = "expected a type such as `unix`, but found a path without one";
        let fix = Some((Span::empty(span.start), b"unix:".to_vec()));
        return Some(Hint { message: Some(message.into()), fix, ..Hint::default() });
    }
    bracketed(rest, role, span.start)
        .or_else(|| socat(rest, role, span))
        .or_else(|| escaped(types, name, role, span))
}

/// The hint for an IPv6 address in brackets and a port: `[::1]:80`.
fn bracketed(rest: &[u8], role: Role, start: usize) -> Option<Hint> {
    let close = rest.iter().position(|byte| *byte == b']').filter(|_| rest.starts_with(b"["))?;
    let host = address(&rest[..=close]).filter(IpAddr::is_ipv6)?;
    let port = rest[close + 1..].strip_prefix(b":")?;
    let port = port.split(|byte| *byte == b':').next().filter(|port| is_port(port))?;
    let host = match host {
        IpAddr::V6(host) if host.is_unspecified() && role == Role::Server => None,
        host => Some(as_value(host)),
    };
    let fixed = match (role, host) {
        (Role::Server, Some(host)) => [b"tcp:", port, b":interface=", &*host].concat(),
        (Role::Client, Some(host)) => [b"tcp:", &*host, b":", port].concat(),
        (_, None) => [b"tcp6:", port].concat(),
    };
    let whole = Span::new(start, start + close + 2 + port.len());
    let message = "expected a type such as `tcp`, but found an address and a port without one";
    Some(Hint {
        message: Some(message.into()),
        fix: Some((whole, fixed)),
        whole: Some(whole),
        ..Hint::default()
    })
}

/// The hint for an address of socat: `TCP-LISTEN:80,fork`.
fn socat(rest: &[u8], role: Role, span: Span) -> Option<Hint> {
    let colon = rest.iter().position(|byte| *byte == b':')?;
    let (name, type_name, _) = SOCAT
        .iter()
        .find(|(name, _, it)| *it == role && rest[..colon].eq_ignore_ascii_case(name.as_bytes()))?;
    let arguments = rest[colon + 1..].split(|byte| *byte == b',').next().unwrap_or_default();
    let fixed = [type_name.as_bytes(), b":", arguments].concat();
    let help = format!("`{name}` is an address of socat, whose options are not supported here");
    let whole = Span::new(span.start, span.start + rest.len());
    Some(Hint { help: Some(help), fix: Some((whole, fixed)), ..Hint::default() })
}

/// The hint for a wrapped description that is escaped: `haproxy:tcp\:80`.
fn escaped(types: Types<'_>, name: &[u8], role: Role, span: Span) -> Option<Hint> {
    let at = name.windows(2).position(|pair| pair == br"\:")?;
    types.find(role, &Text::plain(&name[..at]))?;
    let plain: Vec<u8> = without_backslashes(name).map(|(_, byte)| byte).collect();
    let help = "the description inside a wrapper is written without escapes";
    Some(Hint { help: Some(help.into()), fix: Some((span, plain)), ..Hint::default() })
}
