//! The lint `type-case`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic, Fix};

pub(crate) const RULE: Rule = Rule {
    code: Code::TypeCase,
    fixes_errors: false,
    doc: r"
A type that is not written in lower case.

Twisted accepts capitals for clients and some servers, but not for the server types `tcp`, `unix`
and `ssl`.

    TLS:example.com:443

Write it in lower case:

    tls:example.com:443

Reference: spec/endpoints.md.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = context.signature() else { return };
    let name = context.description.type_name();
    if name != *signature.name {
        let message = format!("`{name}` is an unusual spelling of `{}`", signature.name);
        let span = context.description.type_span();
        findings.push(
            Diagnostic::lint(RULE.code, span, message).with_fix(Fix::safe(span, signature.name)),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        assert_eq!(fixed(Code::TypeCase, "TLS:h:443", Role::Client), "tls:h:443");
    }

    #[test]
    fn near_miss() {
        silent(Code::TypeCase, "TCP:80", Role::Server);
        silent(Code::TypeCase, r"t\ls:h:443", Role::Client);
    }
}
