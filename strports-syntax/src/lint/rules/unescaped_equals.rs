//! The lint `unescaped-equals`: its documentation page, and its check.

use alloc::format;
use alloc::vec::Vec;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::{Binding, Kind};
use crate::{Code, Diagnostic, Excerpt, Fix, Place, Text, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::UnescapedEquals,
    fixes_errors: true,
    doc: r"
An equals sign that turns a positional argument into a keyword.

The text before it becomes the name of a parameter, which no type has.

    unix:/run/a=b

Write the equals sign with a backslash:

    unix:/run/a\=b

Reference: spec/grammar.abnf, `segment`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = context.signature() else { return };
    // A wrapper's arguments belong to the wrapped description, which is checked separately.
    if matches!(signature.binding, Binding::Wrapper | Binding::Joined(_)) {
        return;
    }
    for argument in &context.written {
        let Some(key) = &argument.key else { continue };
        let is_path = key.bytes().any(|byte| matches!(byte, b'/' | b'\\' | b'.'));
        let known = signature.parameters.iter().any(|parameter| *key == parameter.name);
        if !is_path || known || signature.parameters.is_empty() {
            continue;
        }
        let mut whole: Vec<u8> = key.bytes().collect();
        whole.push(b'=');
        whole.extend(argument.value.bytes());
        // Inside `haproxy`, Twisted misreads even an escaped `=`, so the fix writes the keyword
        // instead.
        let behind_wrapper = context.outer.is_some_and(|it| it.binding == Binding::Wrapper);
        let path = signature.positional().find(|it| it.kind == Kind::Path && behind_wrapper);
        let escaped = match path {
            Some(path) => {
                [path.name.as_bytes(), b"=", &*quote_bytes(&whole, Place::Value)].concat()
            }
            None => quote_bytes(&whole, Place::Positional),
        };
        let shown = Excerpt::new(Text::from(whole));
        let message = format!("the `=` in {shown} turns a value into a keyword");
        findings.push(
            Diagnostic::lint(RULE.code, argument.span, message)
                .with_help("write `\\=` for an equals sign that belongs to the value")
                .with_fix(Fix::safe(argument.span, escaped)),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::UnescapedEquals, text, Role::Server);
        assert_eq!(server("unix:/run/a=b"), r"unix:/run/a\=b");
        assert_eq!(server("haproxy:unix:/a=b"), "haproxy:unix:address=/a=b");
        assert_eq!(server("unix:/a=b=c:mode=660"), r"unix:/a\=b\=c:mode=660");
    }

    #[test]
    fn near_miss() {
        silent(Code::UnescapedEquals, "unix:address=/a=b", Role::Server);
        silent(Code::UnescapedEquals, "unix:/a:mod=660", Role::Server);
    }
}
