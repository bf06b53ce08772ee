//! The lint `needless-escape`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Binding;
use crate::{Code, Diagnostic, Fix, Place, Span, Text, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::NeedlessEscape,
    fixes_errors: false,
    doc: r"
A backslash before a character that needs no escape.

The backslash is dropped. The intention may have been a literal backslash or a line feed.

    unix:/run/a\nb

Remove it, or double it for a literal backslash:

    unix:/run/anb

Reference: spec/grammar.abnf, `escape`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let description = context.description;
    one(context, findings, &description.type_name(), description.type_span(), Place::Positional);
    let Some(signature) = context.signature() else { return };
    // A wrapper's arguments belong to the wrapped description, which is checked separately.
    if signature.binding == Binding::Wrapper {
        return;
    }
    for argument in &context.written {
        if let Some(key) = &argument.key {
            one(context, findings, key, argument.key_span(), Place::Key);
            one(context, findings, &argument.value, argument.value_span, Place::Value);
        } else {
            one(context, findings, &argument.value, argument.value_span, Place::Positional);
        }
    }
}

/// Reports `text` at `span` if it has more escapes than `place` requires.
fn one(
    context: &RuleContext<'_, '_>,
    findings: &mut Findings<'_, '_>,
    text: &Text<'_>,
    span: Span,
    place: Place,
) {
    if !text.is_escaped() || findings.touches(span) {
        return;
    }
    let needed = quote_bytes(&text.to_bytes(), place);
    let raw = context.raw(span);
    if needed != raw {
        // Before a letter or a digit, the backslash itself may be part of the value.
        let maybe_meant = |pair: &[u8]| matches!(pair, [b'\\', it] if it.is_ascii_alphanumeric());
        let fix = Fix { safe: !raw.windows(2).any(maybe_meant), ..Fix::safe(span, needed) };
        findings.push(
            Diagnostic::lint(RULE.code, span, "a backslash escapes a plain character".into())
                .with_fix(fix),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::NeedlessEscape, text, Role::Server);
        assert_eq!(server(r"unix:/run/a\nb"), "unix:/run/anb");
        assert_eq!(server(r"t\cp:80:inter\face=\:\:1"), r"tcp:80:interface=\:\:1");
        assert_eq!(server(r"unix:address=/a\=b"), "unix:address=/a=b");
    }

    #[test]
    fn near_miss() {
        silent(Code::NeedlessEscape, r"unix:/run/a\=b\:c\\d", Role::Server);
    }
}
