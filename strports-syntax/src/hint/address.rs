//! Hints for a server description with an address where its port should be, as in
//! `tcp:127.0.0.1:80`.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};

use super::answer::Hint;
use super::scan::{address, as_value, is_port, next_segment, positional_run, slice};
use crate::{Role, Span};

/// The hint for a port argument at `span` that is an address; `None` if it does not look like one.
pub(super) fn in_place_of_port(text: &[u8], role: Role, span: Span) -> Option<Hint> {
    let found = slice(text, span);
    // Clients have the host first, and `port=127.0.0.1` is not a matter of order.
    let by_name = span.start.checked_sub(1).is_some_and(|at| text.get(at) == Some(&b'='));
    if role == Role::Client || by_name {
        return None;
    }
    let host =
        if found == b"localhost" { Some(IpAddr::V4(Ipv4Addr::LOCALHOST)) } else { address(found) };
    let port = next_segment(text, span.end).filter(|next| is_port(slice(text, *next)));
    match (host, port) {
        (Some(host), Some(port)) => Some(swapped(host, span.to(port), slice(text, port))),
        (Some(host), None) => Some(alone(host, span)),
        (None, Some(_)) if found.contains(&b'.') => Some(Hint {
            help: Some("a server has its port first; use `interface=` for an address".into()),
            ..Hint::default()
        }),
        (None, _) => {
            let run = positional_run(text, span.start);
            let host = address(slice(text, run)).filter(IpAddr::is_ipv6)?;
            Some(alone(host, run))
        }
    }
}

/// The hint for an address before the port; suggests to swap them.
fn swapped(host: IpAddr, span: Span, port: &[u8]) -> Hint {
    let fixed = if host == IpAddr::V4(Ipv4Addr::UNSPECIFIED) {
        port.to_vec()
    } else {
        [port, b":interface=", &*as_value(host)].concat()
    };
    let help = "a server has its port first, and its address in `interface=`";
    Hint { help: Some(help.into()), fix: Some((span, fixed)), ..Hint::default() }
}

/// The hint for an address without a port, which must be added by hand.
fn alone(host: IpAddr, span: Span) -> Hint {
    let value: Vec<u8> = as_value(host);
    let value = String::from_utf8_lossy(&value).into_owned();
    Hint {
        message: Some(format!("expected a port, but found the address `{host}`")),
        help: Some(format!("write the port first: `PORT:interface={value}`")),
        fix: None,
        whole: Some(span),
    }
}
