//! The lint `haproxy-trusts-everyone`: its documentation page, and its check.

use alloc::string::ToString;
use core::net::IpAddr;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic, Role};

pub(crate) const RULE: Rule = Rule {
    code: Code::HaproxyTrustsEveryone,
    fixes_errors: false,
    doc: r"
A PROXY header that is accepted from every sender.

Every client that can reach the port can claim any address.

    haproxy:tcp:8080

Listen on an address that only the balancer can reach:

    haproxy:tcp:8080:interface=127.0.0.1

If Twisted need not read the description, the extension `proxyTrusted=10.0.0.0/8` restricts the
senders.

Reference: the PROXY protocol, versions 1 and 2, section 2.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = context.signature() else { return };
    if !context.is(Role::Server, "haproxy") || context.argument("proxyTrusted").is_some() {
        return;
    }
    let Some(inner) = context.description.wrapped(signature) else { return };
    let network = ["tcp", "tcp6", "ssl", "tls"];
    let on_network = network.iter().any(|name| inner.type_name().eq_ignore_ascii_case(name));
    let loopback = inner.arguments().take(context.written.len()).any(|argument| {
        let by_name = argument.key.as_ref().is_some_and(|key| *key == "interface");
        let value = argument.value.to_string();
        let address = value.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        address && (by_name || argument.is_positional()) || by_name && value == "localhost"
    });
    let is_narrow = inner.arguments().take(context.written.len()).any(|argument| {
        let by_name = argument.key.as_ref().is_some_and(|key| *key == "interface");
        let address = argument.value.to_string().parse::<IpAddr>();
        by_name && address.is_ok_and(|address| !address.is_unspecified())
    });
    let help = if is_narrow {
        "let a firewall admit only the balancer"
    } else {
        "add `interface=` with an address that only the balancer can reach"
    };
    // If `haproxy` wraps `haproxy`, only the outermost one can have `proxyTrusted=`.
    let outermost = context.outer.is_none_or(|outer| outer.name != signature.name);
    if on_network && !loopback && outermost {
        let message = "PROXY headers are accepted from every sender";
        let span = context.description.type_span();
        findings.push(
            Diagnostic::lint(RULE.code, span, message.into())
                .with_help(help)
                .with_help_with_extensions(
                    "add `proxyTrusted=NETWORK`, which Twisted does not read",
                ),
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
