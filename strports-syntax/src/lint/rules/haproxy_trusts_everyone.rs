//! `haproxy-trusts-everyone`

use alloc::string::ToString;
use core::net::IpAddr;

use crate::lint::{Findings, Rule, Subject};
use crate::{Code, Diagnostic, Role};

pub(crate) const RULE: Rule = Rule {
    code: Code::HaproxyTrustsEveryone,
    mends: false,
    doc: r"
A PROXY header that is believed from anyone.

Whoever reaches the port can claim any address.

    haproxy:tcp:8080

Listen where only the balancer reaches it, or say who the balancer is:

    haproxy:tcp:8080:proxyTrusted=10.0.0.0/8

Reference: the PROXY protocol, versions 1 and 2, section 2.
",
    check,
};

fn check(subject: &Subject<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = subject.signature() else { return };
    if !subject.is(Role::Server, "haproxy") || subject.argument("proxyTrusted").is_some() {
        return;
    }
    let Some(inner) = subject.description.wrapped(signature) else { return };
    let network = ["tcp", "tcp6", "ssl", "tls"];
    let on_network = network.iter().any(|name| inner.type_name().eq_ignore_ascii_case(name));
    let loopback = inner.arguments().take(subject.written.len()).any(|argument| {
        let by_name = argument.key.as_ref().is_some_and(|key| *key == "interface");
        let value = argument.value.to_string();
        let address = value.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        address && (by_name || argument.is_positional()) || by_name && value == "localhost"
    });
    // The keywords of several wrappers are the outermost's.
    let outermost = subject.outer.is_none_or(|outer| outer.name != signature.name);
    if on_network && !loopback && outermost {
        let message = "a PROXY header is believed from anyone who connects";
        let span = subject.description.type_span();
        findings.push(
            Diagnostic::lint(RULE.code, span, message.into())
                .with_help("add `proxyTrusted=NETWORK`, which Twisted does not read"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        for text in ["haproxy:tcp:80", "haproxy:ssl:1:privateKey=localhost", "haproxy:tcp:1:127.x"]
        {
            finds(Code::HaproxyTrustsEveryone, text, Role::Server, &["haproxy"]);
        }
    }

    #[test]
    fn near_miss() {
        let trusted = "haproxy:tcp:80:proxyTrusted=10.0.0.0/8";
        silent(Code::HaproxyTrustsEveryone, trusted, Role::Server);
        silent(Code::HaproxyTrustsEveryone, "haproxy:tcp:80:127.0.0.1", Role::Server);
        silent(Code::HaproxyTrustsEveryone, "haproxy:unix:/x", Role::Server);
    }
}
