//! The lint `positional-looks-like-keyword`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Kind;
use crate::{Argument, Code, Diagnostic, Excerpt, Fix, Span};

pub(crate) const RULE: Rule = Rule {
    code: Code::PositionalLooksLikeKeyword,
    fixes_errors: true,
    doc: r"
A keyword with a colon instead of an equals sign.

The name and the value become two positional arguments.

    systemd:domain=INET:index:0

Write an equals sign:

    systemd:domain=INET:index=0

Reference: spec/grammar.abnf, `segment`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    for pair in context.written.windows(2) {
        let [name, value] = pair else { continue };
        if !name.is_positional() || !value.is_positional() || !plausible(context, name) {
            continue;
        }
        if value.span.start != name.span.end + 1 || value.value.is_empty() {
            continue;
        }
        let span = name.span.to(value.span);
        let message = format!("`{}` is read as a value, but looks like a keyword", name.value);
        let colon = Span::new(name.span.end, value.span.start);
        findings.push(
            Diagnostic::lint(RULE.code, span, message)
                .with_help(format!("write `{}=` before {}", name.value, Excerpt::new(&value.value)))
                // If the description has no errors, the name may be meant as a value.
                .with_fix(Fix { safe: context.errors > 0, ..Fix::safe(colon, "=") }),
        );
    }
}

/// Whether `argument` is the name of a parameter, and not a plausible value where it is.
fn plausible(context: &RuleContext<'_, '_>, argument: &Argument<'_>) -> bool {
    let Some(signature) = context.signature() else { return false };
    let named = signature.parameters.iter().find(|parameter| argument.value == parameter.name);
    if named.is_none_or(|parameter| matches!(parameter.kind, Kind::Rest | Kind::Ignored)) {
        return false;
    }
    // In `tcp:host:80`, `host` may be the name of a host.
    let mut bound = context.bound();
    let takes_words = |kind| matches!(kind, Kind::Host | Kind::TlsHost | Kind::Text);
    let a_value = bound
        .find(|(_, bound)| bound.span == argument.span)
        .is_some_and(|(it, _)| takes_words(it.kind) && !given_by_name(context, it.name));
    let program = signature.parameters.iter().any(|parameter| parameter.kind == Kind::Rest);
    context.errors > 0 || !a_value && !program
}

fn given_by_name(context: &RuleContext<'_, '_>, name: &str) -> bool {
    context.written.iter().any(|it| it.key.as_ref().is_some_and(|key| *key == *name))
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::PositionalLooksLikeKeyword, text, Role::Server);
        assert_eq!(server("systemd:domain=INET:index:0"), "systemd:domain=INET:index=0");
        assert_eq!(server("unix:/x:mode:660"), "unix:/x:mode=660");
        assert_eq!(server("ssl:443:privateKey:k.pem"), "ssl:443:privateKey=k.pem");
        let client = |text| fixed(Code::PositionalLooksLikeKeyword, text, Role::Client);
        assert_eq!(client("tls:h:443:trustRoots:/x"), "tls:h:443:trustRoots=/x");
        assert_eq!(client("tcp:host=h:port:80"), "tcp:host=h:port=80");
        assert_eq!(client("tcp:host:h:port:80"), "tcp:host=h:port=80");
    }

    #[test]
    fn near_miss() {
        silent(Code::PositionalLooksLikeKeyword, "tcp:host:80", Role::Client);
        silent(Code::PositionalLooksLikeKeyword, "process:/bin/x:cwd:y", Role::Client);
    }
}
