//! The lint `not-in-twisted`: its documentation page, and its check.

use alloc::format;
use alloc::string::String;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::value::{Host, HostKind, TlsMethod};
use crate::{Code, Diagnostic, NESTING_LIMIT, Role, Span};

pub(crate) const RULE: Rule = Rule {
    code: Code::NotInTwisted,
    fixes_errors: false,
    doc: r"
An extension, which Twisted refuses.

This matters if a program on Twisted has to read the same description.

    tcp:8080:reusePort=1

Without the extension:

    tcp:8080

Reference: spec/endpoints.md, the rows of extensions.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = context.signature() else { return };
    let mut say = |span: Span, what: String| {
        findings.push(Diagnostic::lint(RULE.code, span, format!("Twisted has no {what}")));
    };
    if signature.extension {
        let what = format!("`{}` {}", signature.name, signature.role);
        say(context.description.type_span(), what);
    }
    let swallowed = context.is(Role::Server, "haproxy") && innermost_is_stdio(context);
    for (parameter, argument) in context.bound() {
        if parameter.extension && !swallowed {
            say(argument.span, format!("`{}` for `{}`", parameter.name, signature.name));
        } else if parameter.name == "sslmethod" && argument.value == TlsMethod::Tls13.as_str() {
            say(argument.span, format!("`{}`", TlsMethod::Tls13));
        }
    }
    hosts(context, &mut say);
    if context.is(Role::Server, "haproxy") {
        equals_in_haproxy(context, swallowed, &mut say);
    }
}

/// Reports hosts that Twisted's IDNA check rejects: IPv6 addresses and names with underscores.
fn hosts(context: &RuleContext<'_, '_>, say: &mut dyn FnMut(Span, String)) {
    let argument = if context.is(Role::Client, "tls") {
        context.argument("host")
    } else if context.is(Role::Client, "ssl") {
        context.argument("hostname")
    } else {
        None
    };
    let Some(argument) = argument else { return };
    let Ok(host) = Host::new(argument.value.clone()) else { return };
    if host.has_underscore() {
        say(argument.value_span, "host names with underscores".into());
    }
    if host.kind() == HostKind::Ipv6 && context.argument("endpoint").is_none() {
        say(argument.value_span, "IPv6 addresses for `tls`, unless over an `endpoint`".into());
    }
}

/// Reports positional values with `=` inside `haproxy`, which Twisted misreads.
///
/// Twisted prints the wrapped description without escaping `=`, and parses it again. The value is
/// then a keyword. `stdio` accepts any keyword, except for its own ones and those that are not
/// ASCII.
fn equals_in_haproxy(
    context: &RuleContext<'_, '_>,
    stdio: bool,
    say: &mut dyn FnMut(Span, String),
) {
    for argument in context.written.iter().filter(|argument| argument.is_positional()) {
        let value = argument.value.to_bytes();
        let Some(equals) = value.iter().position(|&byte| byte == b'=') else { continue };
        let key = &value[..equals];
        if !stdio || !key.is_ascii() || matches!(key, b"self" | b"reactor") {
            say(argument.span, "`=` in a positional argument inside `haproxy`".into());
        }
    }
}

/// Whether `haproxy` wraps `stdio`. In Twisted, `stdio` accepts any keyword and ignores it.
fn innermost_is_stdio(context: &RuleContext<'_, '_>) -> bool {
    let positional = context.written.iter().filter(|argument| argument.is_positional());
    let mut types = positional.take(NESTING_LIMIT).map(|argument| &argument.value);
    let innermost = types.find(|name| !name.eq_ignore_ascii_case("haproxy"));
    innermost.is_some_and(|name| name.eq_ignore_ascii_case("stdio"))
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text, found: &[&str]| finds(Code::NotInTwisted, text, Role::Server, found);
        server("tcp:80:reusePort=1", &["reusePort=1"]);
        server("fd:3", &["fd"]);
        server("ssl:443:sslmethod=TLSv1_3_METHOD", &["sslmethod=TLSv1_3_METHOD"]);
        server(r"haproxy:unix:/a\=b", &[r"/a\=b"]);
        let client = |text, found: &[&str]| finds(Code::NotInTwisted, text, Role::Client, found);
        server(r"haproxy:stdio:self\=x", &[r"self\=x"]);
        client(r"tls:\:\:1:443", &[r"\:\:1"]);
        client("tls:a_b:443", &["a_b"]);
        client(r"tls:h:443:endpoint=process\:/bin/x", &["process"]);
    }

    #[test]
    fn near_miss() {
        silent(Code::NotInTwisted, r"unix:/a\=b", Role::Server);
        silent(Code::NotInTwisted, r"haproxy:stdio:a\=b", Role::Server);
        silent(Code::NotInTwisted, "haproxy:stdio:proxyVersion=1", Role::Server);
        silent(Code::NotInTwisted, r"tls:\:\:1:443:endpoint=unix\:/x", Role::Client);
    }
}
