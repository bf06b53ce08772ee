//! The lint `unescaped-ipv6`: its documentation page, and its check.

use alloc::format;
use alloc::vec::Vec;
use core::net::Ipv6Addr;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Kind;
use crate::{Argument, Code, Diagnostic, Excerpt, Fix, Place, Role, Span, Text, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::UnescapedIpv6,
    fixes_errors: true,
    doc: r"
An IPv6 address whose colons are not escaped.

A colon ends an argument, so the address becomes several arguments. They are too many, or are bound
to unrelated parameters.

    tcp:80:interface=::1

Write each colon of the address with a backslash, and no brackets:

    tcp:80:interface=\:\:1

Reference: spec/grammar.abnf, `escape`; RFC 4291, section 2.2.
",
    check,
};

/// The kinds of parameters that take an address.
const ADDRESSES: &[Kind] = &[Kind::Host, Kind::TlsHost, Kind::TlsHostname, Kind::Interface];

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let mut positional = 0;
    let mut behind = 0;
    for (at, argument) in context.written.iter().enumerate() {
        let index = positional;
        positional += usize::from(argument.is_positional());
        if argument.value_span.start < behind {
            continue;
        }
        // The address may have been written before or instead of a server's port.
        let in_place_of_port = context.role == Role::Server
            && context.errors > 0
            && !argument.value.bytes().next().is_some_and(|byte| byte.is_ascii_digit())
            && argument.is_positional()
            && index == 0
            && context.may_be(argument, 0, &[Kind::Port]);
        // The address may have been written after the port, where another parameter is.
        let in_place_of_other = context.role == Role::Server
            && context.errors > 0
            && argument.is_positional()
            && index > 0
            && !context.may_be(argument, index, ADDRESSES)
            && context.signature().is_some_and(|it| it.parameter("interface").is_some());
        let may_be = context.may_be(argument, index, ADDRESSES);
        if !in_place_of_port && !in_place_of_other && !may_be {
            continue;
        }
        if may_be && let Some(inner) = bracketed(argument) {
            findings.push(
                Diagnostic::lint(
                    RULE.code,
                    argument.value_span,
                    format!(
                        "{} has brackets, but an address is written without them here",
                        shown(argument)
                    ),
                )
                .with_help("write the address without brackets")
                .with_fix(Fix::safe(argument.value_span, quote_bytes(&inner, Place::Value))),
            );
            continue;
        }
        let Some((address, span, last)) = longest(context, at) else { continue };
        behind = span.end;
        let place = if argument.is_positional() { Place::Positional } else { Place::Value };
        let escaped = quote_bytes(&address, place);
        let fix = match context.written.get(last + 1) {
            Some(port) if in_place_of_port && port.is_positional() => {
                let mut swapped = context.raw(port.span).to_vec();
                swapped.extend_from_slice(b":interface=");
                swapped.extend_from_slice(&escaped);
                Fix::suggestion(span.to(port.span), swapped)
            }
            _ if in_place_of_other => {
                Fix::safe(span, [b"interface=", &*quote_bytes(&address, Place::Value)].concat())
            }
            _ => Fix::safe(span, escaped),
        };
        let address = Excerpt::new(Text::from(address));
        let message = format!("{address} is an IPv6 address whose colons are not escaped");
        findings.push(
            Diagnostic::lint(RULE.code, span, message)
                .with_help("a colon ends an argument: write `\\:` for each one of the address")
                .with_fix(fix),
        );
    }
}

/// The IPv6 address in a value that has brackets around it and escaped colons; `None` for other
/// values.
fn bracketed(argument: &Argument<'_>) -> Option<Vec<u8>> {
    let value: Vec<u8> = argument.value.bytes().collect();
    let inner = value.strip_prefix(b"[")?.strip_suffix(b"]")?;
    address(inner).map(<[u8]>::to_vec)
}

fn shown(argument: &Argument<'_>) -> Excerpt {
    Excerpt::new(&argument.value)
}

/// Finds the longest run of arguments from index `at` that are an IPv6 address when joined by
/// colons.
///
/// Returns the address, its span, and the index of its last argument.
fn longest(context: &RuleContext<'_, '_>, at: usize) -> Option<(Vec<u8>, Span, usize)> {
    let first = context.written.get(at).filter(|first| !has_colon(first))?;
    let mut joined: Vec<u8> = first.value.bytes().collect();
    let mut best = None;
    for (last, next) in context.written.iter().enumerate().skip(at + 1).take(8) {
        if !next.is_positional()
            || has_colon(next)
            || next.span.start != context.written[last - 1].span.end + 1
        {
            break;
        }
        joined.push(b':');
        joined.extend(next.value.bytes());
        if let Some(address) = address(&joined).filter(|address| is_host(address)) {
            if is_port(context, at, next) && best.is_some() {
                break;
            }
            best = Some((address.to_vec(), first.value_span.to(next.value_span), last));
        }
    }
    best
}

/// Whether the address is plausible: `80::` is more likely a port and two empty arguments.
fn is_host(address: &[u8]) -> bool {
    address == b"::" || !address.ends_with(b"::")
}

/// Whether the argument contains an escaped colon. Its author then knew that colons need escapes.
fn has_colon(argument: &Argument<'_>) -> bool {
    argument.value.is_escaped() && argument.value.bytes().any(|byte| byte == b':')
}

/// Whether `last`, the last part of an address that begins at index `at`, is more likely the port
/// of a client.
fn is_port(context: &RuleContext<'_, '_>, at: usize, last: &Argument<'_>) -> bool {
    let is_host = |parameter: &crate::signature::Parameter| {
        matches!(parameter.kind, Kind::Host | Kind::TlsHost)
    };
    let of_host = match context.written.get(at) {
        Some(first) if first.is_positional() => context.role == Role::Client || at == 0,
        Some(first) => context.named(first).is_some_and(is_host),
        None => false,
    };
    let positional = context.written.iter().rfind(|argument| argument.is_positional());
    let last_of_all = positional.is_some_and(|argument| argument.span == last.span);
    of_host && last_of_all && last.value.bytes().all(|byte| byte.is_ascii_digit())
}

/// The IPv6 address in `text`, without brackets; `None` if it is not one.
fn address(text: &[u8]) -> Option<&[u8]> {
    let inner = text.strip_prefix(b"[").and_then(|text| text.strip_suffix(b"]"));
    let address = inner.unwrap_or(text);
    let bare = address.split(|&byte| byte == b'%').next()?;
    core::str::from_utf8(bare).ok()?.parse::<Ipv6Addr>().ok().map(|_| address)
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let client = |text| fixed(Code::UnescapedIpv6, text, Role::Client);
        assert_eq!(client("tcp:::1:80"), r"tcp:\:\:1:80");
        assert_eq!(client("tcp:[::1]:80"), r"tcp:\:\:1:80");
        assert_eq!(client("tcp:host=fe80::1%eth0:port=80"), r"tcp:host=fe80\:\:1%eth0:port=80");
        assert_eq!(client("tcp:host=::1:80"), r"tcp:host=\:\:1:80");
        assert_eq!(client("tls:2001:db8::5:443"), r"tls:2001\:db8\:\:5:443");
        assert_eq!(client("tcp:h:80:bindAddress=::1"), r"tcp:h:80:bindAddress=\:\:1");
        let server = |text| fixed(Code::UnescapedIpv6, text, Role::Server);
        assert_eq!(server("tcp:80:interface=::1"), r"tcp:80:interface=\:\:1");
        assert_eq!(server("tcp6:80:interface=::"), r"tcp6:80:interface=\:\:");
        assert_eq!(server("haproxy:tcp:80:interface=::1"), r"haproxy:tcp:80:interface=\:\:1");
        assert_eq!(server("tcp6:80:::1"), r"tcp6:80:interface=\:\:1");
        assert_eq!(server("tcp:::1:80"), r"tcp:80:interface=\:\:1");
        assert_eq!(server(r"tcp:80:interface=[\:\:1]"), r"tcp:80:interface=\:\:1");
        assert_eq!(client(r"tcp:[\:\:1]:80"), r"tcp:\:\:1:80");
    }

    #[test]
    fn near_miss() {
        silent(Code::UnescapedIpv6, r"tcp:\:\:1:80", Role::Client);
        silent(Code::UnescapedIpv6, "unix:a::b", Role::Server);
        silent(Code::UnescapedIpv6, "tcp:80::50", Role::Server);
    }
}
