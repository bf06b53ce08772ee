//! The lint `type-not-first`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Binding;
use crate::{Code, Diagnostic, Fix, Span};

pub(crate) const RULE: Rule = Rule {
    code: Code::TypeNotFirst,
    fixes_errors: false,
    doc: r"
Keyword arguments before the type.

The type is the first positional argument, even after keywords. Readers expect it at the beginning.

    port=80:tcp

Write the type first:

    tcp:port=80

Reference: spec/grammar.abnf, `description`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let span = context.description.type_span();
    let behind_wrapper = context.outer.is_some_and(|outer| outer.binding == Binding::Wrapper);
    if span.start == 0 || behind_wrapper || context.signature().is_none() {
        return;
    }
    let before = context.raw(Span::new(0, span.start - 1));
    let moved = [context.raw(span), b":", before].concat();
    findings.push(
        Diagnostic::lint(RULE.code, span, "the type comes after arguments".into())
            .with_fix(Fix::safe(Span::new(0, span.end), moved)),
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::TypeNotFirst, text, Role::Server);
        assert_eq!(server("port=80:tcp"), "tcp:port=80");
        assert_eq!(server(r"interface=\:\::port=80:tcp"), r"tcp:interface=\:\::port=80");
    }

    #[test]
    fn near_miss() {
        silent(Code::TypeNotFirst, "haproxy:port=80:tcp", Role::Server);
    }
}
