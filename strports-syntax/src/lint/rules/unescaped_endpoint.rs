//! `unescaped-endpoint`

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Kind;
use crate::{Code, Diagnostic, Fix, Place, Signature, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::UnescapedEndpoint,
    fixes_errors: true,
    doc: r"
A description inside another one whose colons are not escaped.

The first colon ends the inner description, and what follows belongs to the outer one.

    tls:h:443:endpoint=tcp:proxy:8443

Write each colon of the inner description with a backslash:

    tls:h:443:endpoint=tcp\:proxy\:8443

Reference: spec/grammar.abnf, `escape`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    for (at, argument) in context.written.iter().enumerate() {
        let nests = context.named(argument).is_some_and(|it| it.kind == Kind::Description);
        let names_type = Signature::find(context.role, &argument.value).is_some();
        if !nests || !names_type || context.errors == 0 {
            continue;
        }
        // It goes on up to a keyword of the outer description.
        let inside = |it: &&crate::Argument<'_>| context.named(it).is_none();
        let Some(last) = context.written.iter().skip(at + 1).take_while(inside).last() else {
            continue;
        };
        let span = argument.value_span.to(last.span);
        let escaped = quote_bytes(context.raw(span), Place::Value);
        let message = "the colons of the inner description are not escaped";
        findings.push(
            Diagnostic::lint(RULE.code, span, message.into())
                .with_help("write `\\:` for each colon in the value of `endpoint`")
                .with_fix(Fix::safe(span, escaped)),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let client = |text| fixed(Code::UnescapedEndpoint, text, Role::Client);
        assert_eq!(
            client("tls:h:443:endpoint=tcp:p:8443:trustRoots=/x"),
            r"tls:h:443:endpoint=tcp\:p\:8443:trustRoots=/x"
        );
        let server = |text| fixed(Code::UnescapedEndpoint, text, Role::Server);
        assert_eq!(
            server("tls:/certs:endpoint=haproxy:tcp:443"),
            r"tls:/certs:endpoint=haproxy\:tcp\:443"
        );
    }

    #[test]
    fn near_miss() {
        silent(Code::UnescapedEndpoint, r"tls:h:443:endpoint=unix\:/x", Role::Client);
        silent(Code::UnescapedEndpoint, "tls:h:443:endpoint=stdio", Role::Client);
    }
}
