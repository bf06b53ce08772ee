//! The lint `legacy-ssl-client`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic, Role};

pub(crate) const RULE: Rule = Rule {
    code: Code::LegacySslClient,
    fixes_errors: false,
    doc: r"
The older of two TLS clients.

`tls` verifies the server's name, tries every address of the host, and can run over any endpoint.

    ssl:example.com:443

Use the newer one:

    tls:example.com:443

Reference: the Twisted manual, Getting Connected with Endpoints, `tls`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    if context.is(Role::Client, "ssl") {
        let message = "`ssl` is the older of two TLS clients";
        let span = context.description.type_span();
        findings.push(
            Diagnostic::lint(RULE.code, span, message.into()).with_help("write `tls:HOST:PORT`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        finds(Code::LegacySslClient, "ssl:h:443", Role::Client, &["ssl"]);
    }

    #[test]
    fn near_miss() {
        silent(Code::LegacySslClient, "ssl:443", Role::Server);
        silent(Code::LegacySslClient, "tls:h:443", Role::Client);
    }
}
