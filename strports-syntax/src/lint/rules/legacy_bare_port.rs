//! The lint `legacy-bare-port`: its documentation page, and its check.

use alloc::format;
use alloc::vec::Vec;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic, Fix, Place, Role, Span, Text, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::LegacyBarePort,
    fixes_errors: true,
    doc: r"
A port, or a host and a port, without a type.

Up to release 16.6, `strports.service` of Twisted read a number as a TCP port. Now Twisted looks for
a type with that name.

    8080

Write the type:

    tcp:8080

Reference: spec/versions.md, release 17.1.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    if context.signature().is_some() {
        return;
    }
    let name = context.description.type_name();
    let span = context.description.type_span();
    let next = context.written.first().filter(|it| it.span.start == span.end + 1);
    let port = next.filter(|it| it.is_positional() && is_port(&it.value));
    let (what, fix) = match port {
        None if is_port(&name) && context.role == Role::Server => {
            ("a port without a type", Fix::safe(Span::empty(span.start), "tcp:"))
        }
        Some(port) if is_host(&name) => {
            let whole = span.to(port.span);
            let fix = Fix::suggestion(whole, with_type(context, &name, context.raw(port.span)));
            ("a host and a port without a type", fix)
        }
        _ => return,
    };
    let place = port.map_or(span, |port| span.to(port.span));
    let message = format!("expected a type such as `tcp`, but found {what}");
    let mut diagnostic = Diagnostic::lint(RULE.code, place, message);
    // "Before it" would be wrong for a server's address: its fix moves the port to the front.
    if port.is_none() || context.role == Role::Client {
        diagnostic.help = Some("write `tcp:` before it".into());
    }
    findings.push(diagnostic.with_fix(fix));
}

/// The corrected description with the type `tcp`; a server's port comes before the address.
fn with_type(context: &RuleContext<'_, '_>, host: &Text<'_>, port: &[u8]) -> Vec<u8> {
    let host = host.to_bytes();
    match (context.role, &*host) {
        (Role::Client, host) => {
            [b"tcp:", &*quote_bytes(host, Place::Positional), b":", port].concat()
        }
        (Role::Server, b"" | b"*" | b"0.0.0.0") => [b"tcp:", port].concat(),
        (Role::Server, host) => {
            [b"tcp:", port, b":interface=", &*quote_bytes(host, Place::Value)].concat()
        }
    }
}

fn is_port(text: &Text<'_>) -> bool {
    matches!(text.raw().len(), 1..=5) && text.raw().iter().all(u8::is_ascii_digit)
}

/// Whether the text looks like a host, and not like the type of a plugin, which has no dot.
fn is_host(text: &Text<'_>) -> bool {
    *text == "localhost" || *text == "*" || text.is_empty() || text.bytes().any(|it| it == b'.')
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::LegacyBarePort, text, Role::Server);
        assert_eq!(server("8080"), "tcp:8080");
        assert_eq!(server("8080:interface=127.0.0.1"), "tcp:8080:interface=127.0.0.1");
        assert_eq!(server("haproxy:80"), "haproxy:tcp:80");
        assert_eq!(server("127.0.0.1:80"), "tcp:80:interface=127.0.0.1");
        assert_eq!(server(":80"), "tcp:80");
        assert_eq!(server("*:80:backlog=5"), "tcp:80:backlog=5");
        let client = |text| fixed(Code::LegacyBarePort, text, Role::Client);
        assert_eq!(client("localhost:80"), "tcp:localhost:80");
    }

    #[test]
    fn near_miss() {
        silent(Code::LegacyBarePort, "8080", Role::Client);
        silent(Code::LegacyBarePort, "123456", Role::Server);
        silent(Code::LegacyBarePort, "onion:80", Role::Server);
    }
}
