//! The lint `unescaped-endpoint`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Parameter;
use crate::{Argument, Code, Diagnostic, Fix, Place, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::UnescapedEndpoint,
    fixes_errors: true,
    doc: r"
A description inside another one whose colons are not escaped.

The first colon ends the inner description, and the rest belongs to the outer one.

    tls:h:443:endpoint=tcp:proxy:8443

Write each colon of the inner description with a backslash:

    tls:h:443:endpoint=tcp\:proxy\:8443

Reference: spec/grammar.abnf, `escape`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    for (at, argument) in context.written.iter().enumerate() {
        let Some(parameter) = takes(context, argument) else { continue };
        let Some(role) = parameter.kind.nests(context.role) else { continue };
        if context.errors == 0 || context.types.find(role, &argument.value).is_none() {
            continue;
        }
        // Assumes that the nested description extends to the next keyword of the outer description.
        let inside = |it: &&Argument<'_>| context.named(it).is_none();
        let Some(last) = context.written.iter().skip(at + 1).take_while(inside).last() else {
            continue;
        };
        let span = argument.value_span.to(last.span);
        let place = if argument.is_positional() { Place::Positional } else { Place::Value };
        let escaped = quote_bytes(context.raw(span), place);
        let message = "the colons of the inner description are not escaped";
        findings.push(
            Diagnostic::lint(RULE.code, span, message.into())
                .with_help(format!(
                    "write `\\:` for each colon in the value of `{}`",
                    parameter.name
                ))
                .with_fix(Fix::safe(span, escaped)),
        );
    }
}

/// The parameter of an argument: the one that its keyword names, or that it is bound to.
fn takes(context: &RuleContext<'_, '_>, argument: &Argument<'_>) -> Option<&'static Parameter> {
    if !argument.is_positional() {
        return context.named(argument);
    }
    let mut bound = context.bound().filter(|(_, bound)| bound.span == argument.span);
    bound.next().map(|(parameter, _)| parameter)
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
