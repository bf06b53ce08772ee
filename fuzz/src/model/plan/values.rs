//! Parses hosts, names and options from the texts of arguments, for expected plans.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use endpoint_runtime::plan::{Host, KeepAlive, SocketOptions, UnixName};

use super::{Planned, Refused};
use crate::model::endpoint::{Endpoint, Value};
use crate::model::python::{Kwargs, int};

/// Splits `HOST`, `HOST:PORT`, `[IPV6]` or `[IPV6]:PORT` into host and port.
pub(super) fn host_and_port(text: &str) -> (&str, Option<&str>) {
    if let Some((inside, behind)) = text.strip_prefix('[').and_then(|it| it.split_once(']')) {
        let is_v6 = match host(inside) {
            Host::Address(address) => address.is_ipv6(),
            Host::Scoped { .. } => true,
            _ => false,
        };
        if is_v6 && behind.is_empty() {
            return (inside, None);
        }
        if is_v6 && behind.starts_with(':') {
            return (inside, Some(&behind[1..]));
        }
    }
    match text.split_once(':') {
        Some((host, port)) if text.matches(':').count() == 1 => (host, Some(port)),
        _ => (text, None),
    }
}

/// Parses a host. The empty text is the unspecified IPv4 address. Only IPv6 addresses have a zone.
pub(super) fn host(text: &str) -> Host {
    if text.is_empty() {
        return Host::Address(Ipv4Addr::UNSPECIFIED.into());
    }
    if let Ok(address) = text.parse() {
        return Host::Address(address);
    }
    let scoped = text.split_once('%').and_then(|(address, zone)| match address.parse() {
        Ok(IpAddr::V6(address)) => Some(Host::Scoped { address, zone: zone.into() }),
        _ => None,
    });
    scoped.unwrap_or_else(|| Host::Name(text.into()))
}

pub(super) fn options(more: &Kwargs) -> Option<SocketOptions> {
    let mut options = SocketOptions::default();
    if let Some(probes) = more.get("keepAlive") {
        let numbers: Vec<u64> =
            probes.split(',').map(|it| it.parse().ok()).collect::<Option<_>>()?;
        let mut probes = KeepAlive::new(Duration::from_secs(*numbers.first()?));
        probes.interval = numbers.get(1).copied().map(Duration::from_secs);
        probes.count = numbers.get(2).map(|it| u32::try_from(*it)).transpose().ok()?;
        options.keep_alive = Some(probes);
    }
    if let Some(timeout) = more.get("userTimeout") {
        let seconds = u64::try_from(int(timeout).ok()?).ok()?;
        options.user_timeout = Some(Duration::from_secs(seconds));
    }
    options.device = more.get("device").cloned();
    Some(options)
}

/// Parses ALPN protocols: names of 1 to 255 bytes, separated by commas.
pub(super) fn protocols(more: &Kwargs) -> Planned<Vec<Vec<u8>>> {
    let names = more.get("alpn").into_iter().flat_map(|it| it.split(','));
    let fits = |name: &str| (1..=255).contains(&name.len());
    names.map(|it| if fits(it) { Ok(it.into()) } else { Err(Refused) }).collect()
}

/// Parses the name of a UNIX socket: 1 to 107 bytes, and no NUL in a path.
pub(super) fn unix_name(text: &str, is_abstract: bool) -> Planned<UnixName> {
    let fits = (1..=107).contains(&text.len()) && (is_abstract || !text.contains('\0'));
    let name = match (fits, is_abstract) {
        (false, _) => return Err(Refused),
        (true, true) => UnixName::abstract_name(text),
        (true, false) => UnixName::path(text),
    };
    Ok(name.expect("it fits into a socket address"))
}

/// Removes the keywords `names`, and returns those that were present.
pub(super) fn taken<'k>(keywords: &mut Kwargs, names: impl IntoIterator<Item = &'k str>) -> Kwargs {
    let found = names.into_iter().filter_map(|it| keywords.remove_entry(it));
    found.collect::<BTreeMap<_, _>>()
}

/// Returns the description that a wrapper passes on. `None` for a text with `=`, for which there is
/// no model: it would become a keyword.
pub(super) fn wrapped(args: &[String], keywords: &Kwargs) -> Option<String> {
    let is_plain = !args.iter().chain(keywords.keys()).any(|it| it.contains('='));
    is_plain.then(|| unparse(&args[1..], keywords)).flatten()
}

/// Writes arguments as a description, escaped.
pub(super) fn unparse(args: &[String], keywords: &Kwargs) -> Option<String> {
    let escaped = |text: &str| {
        let escape = |it: char| if "\\:=".contains(it) { vec!['\\', it] } else { vec![it] };
        text.chars().flat_map(escape).collect::<String>()
    };
    let positional = args.iter().map(|it| escaped(it));
    let named = keywords.iter().map(|(key, value)| format!("{}={}", escaped(key), escaped(value)));
    (!args.is_empty()).then(|| positional.chain(named).collect::<Vec<_>>().join(":"))
}

pub(super) fn flag(text: Option<&str>) -> Option<bool> {
    text.map_or(Some(false), |text| int(text).ok().map(|number| number != 0))
}

pub(super) fn text<'e>(it: &'e Endpoint, name: &str) -> &'e str {
    optional(it, name).unwrap_or_default()
}

pub(super) fn optional<'e>(it: &'e Endpoint, name: &str) -> Option<&'e str> {
    match it.values.get(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

/// Returns a parameter's number. `None` if it does not fit `N`, which the parser refuses.
pub(super) fn number<N: TryFrom<i128>>(it: &Endpoint, name: &str) -> Option<N> {
    match it.values.get(name) {
        Some(Value::Integer(number)) => N::try_from(*number).ok(),
        _ => None,
    }
}

pub(super) fn seconds(it: &Endpoint) -> Option<Duration> {
    number(it, "timeout").map(Duration::from_secs)
}

pub(super) fn is_on(it: &Endpoint, name: &str) -> bool {
    it.values.get(name) == Some(&Value::Flag(true))
}
