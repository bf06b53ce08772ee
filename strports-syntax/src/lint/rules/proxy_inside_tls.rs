//! The lint `proxy-inside-tls`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Binding;
use crate::{Code, Diagnostic, Role};

pub(crate) const RULE: Rule = Rule {
    code: Code::ProxyInsideTls,
    fixes_errors: false,
    doc: r"
A PROXY header that is expected inside TLS.

`haproxy:` around a TLS server reads the header from the decrypted data, as in Twisted. Balancers
send it before the handshake.

    haproxy:tls:/etc/certs:443

End TLS at the balancer, and listen on an address that only the balancer can reach:

    haproxy:tcp:443:interface=127.0.0.1

If Twisted need not read the description, an extension reads the header before TLS:
`tls:/etc/certs:endpoint=haproxy\:tcp\:443`.

Reference: the PROXY protocol, versions 1 and 2, section 2.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let wrapped = context.outer.is_some_and(|outer| outer.binding == Binding::Wrapper);
    let tls = context.is(Role::Server, "ssl") || context.is(Role::Server, "tls");
    if wrapped && tls {
        let span = context.description.type_span();
        let message = "the PROXY header is expected inside TLS, where balancers do not send it";
        findings.push(
            Diagnostic::lint(RULE.code, span, message.into())
                .with_help("end TLS at the balancer: write `haproxy:tcp:PORT`")
                .with_help_with_extensions(
                    r"write `endpoint=haproxy\:tcp\:PORT` on the TLS server",
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
        finds(Code::ProxyInsideTls, "haproxy:tls:/c:443", Role::Server, &["tls"]);
        finds(Code::ProxyInsideTls, "haproxy:ssl:443", Role::Server, &["ssl"]);
    }

    #[test]
    fn near_miss() {
        silent(Code::ProxyInsideTls, r"tls:/c:endpoint=haproxy\:tcp\:443", Role::Server);
        silent(Code::ProxyInsideTls, "haproxy:tcp:443", Role::Server);
    }
}
