//! The lint `surplus-positional`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Binding;
use crate::{Code, Diagnostic};

pub(crate) const RULE: Rule = Rule {
    code: Code::SurplusPositional,
    fixes_errors: false,
    doc: r"
Positional arguments that a client ignores.

With three or more of them, `tcp` and `ssl` clients use only keywords. A `unix` client does so with
two or more.

    tcp:a:b:c:host=h:port=1

Remove them:

    tcp:host=h:port=1

Reference: `twisted.internet.endpoints._parseClientTCP`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let taken = match context.signature().map(|signature| signature.binding) {
        Some(Binding::HostAndPort) => 2,
        Some(Binding::Path) => 1,
        _ => return,
    };
    let positional = || context.written.iter().filter(|argument| argument.is_positional());
    let (Some(first), Some(last)) = (positional().next(), positional().next_back()) else { return };
    if positional().count() > taken {
        let message = "too many positional arguments, so that all of them are dropped";
        findings.push(Diagnostic::lint(RULE.code, first.span.to(last.span), message.into()));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        finds(Code::SurplusPositional, "tcp:a:b:c:host=h:port=1", Role::Client, &["a:b:c"]);
        finds(Code::SurplusPositional, "unix:/a:/b:path=/c", Role::Client, &["/a:/b"]);
    }

    #[test]
    fn near_miss() {
        silent(Code::SurplusPositional, "tcp:h:1", Role::Client);
        silent(Code::SurplusPositional, "tls:h:1:30", Role::Client);
    }
}
