//! The lint `dh-parameters-ignored`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic, Fix};

pub(crate) const RULE: Rule = Rule {
    code: Code::DhParametersIgnored,
    fixes_errors: false,
    doc: r"
Diffie-Hellman parameters, which have no effect.

TLS 1.3 and the ECDHE key exchange of TLS 1.2 do not need the file.

    ssl:443:dhParameters=dh.pem

Remove it:

    ssl:443

Reference: RFC 8446, appendix C; `twisted.internet.ssl.DiffieHellmanParameters`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(argument) = context.argument("dhParameters") else { return };
    let message = "`dhParameters` has no effect: keys are exchanged by ECDHE";
    let mut diagnostic = Diagnostic::lint(RULE.code, argument.span, message.into());
    if !argument.is_positional() {
        diagnostic = diagnostic.with_fix(Fix::suggestion(context.removal(&argument), ""));
    }
    findings.push(diagnostic);
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::DhParametersIgnored, text, Role::Server);
        assert_eq!(server("ssl:443:dhParameters=dh.pem"), "ssl:443");
    }

    #[test]
    fn near_miss() {
        silent(Code::DhParametersIgnored, "ssl:443", Role::Server);
    }
}
