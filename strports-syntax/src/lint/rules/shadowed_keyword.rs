//! The lint `shadowed-keyword`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Binding;
use crate::{Code, Diagnostic, Fix};

pub(crate) const RULE: Rule = Rule {
    code: Code::ShadowedKeyword,
    fixes_errors: false,
    doc: r"
A keyword that a positional argument overwrites.

Clients of the types `tcp`, `ssl` and `unix` silently prefer positional arguments.

    tcp:example.com:80:port=8080

Give it once:

    tcp:example.com:80

Reference: `twisted.internet.endpoints._parseClientTCP`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = context.signature() else { return };
    if !matches!(signature.binding, Binding::HostAndPort | Binding::Path) {
        return;
    }
    for argument in &context.written {
        let Some(parameter) = context.named(argument) else { continue };
        let overwritten = context.argument(parameter.name).is_some_and(|it| it.is_positional());
        if overwritten {
            let message = format!("`{}` is overwritten by a positional argument", parameter.name);
            findings.push(
                Diagnostic::lint(RULE.code, argument.span, message)
                    // Either argument may be the intended one, so removing the keyword is only a
                    // suggestion.
                    .with_fix(Fix::suggestion(context.removal(argument), "")),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let client = |text| fixed(Code::ShadowedKeyword, text, Role::Client);
        assert_eq!(client("tcp:a:1:port=zz"), "tcp:a:1");
        assert_eq!(client("tcp:5:host=h:port=1"), "tcp:5:host=h");
        assert_eq!(client("unix:/a:path=/b"), "unix:/a");
    }

    #[test]
    fn near_miss() {
        silent(Code::ShadowedKeyword, "tcp:a:b:c:host=h:port=1", Role::Client);
        silent(Code::ShadowedKeyword, "tcp:h:port=1", Role::Client);
    }
}
