//! The lint `duplicate-keyword`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Kind;
use crate::{Argument, Code, Diagnostic, Fix};

pub(crate) const RULE: Rule = Rule {
    code: Code::DuplicateKeyword,
    fixes_errors: false,
    doc: r"
A keyword that is given more than once.

The last one wins. The others have no effect.

    tcp:80:backlog=5:backlog=50

Give it once:

    tcp:80:backlog=50

Reference: `twisted.internet.endpoints._parse`, which keeps the last.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = context.signature() else { return };
    for parameter in signature.parameters.iter().filter(|it| it.kind != Kind::Repeated) {
        for name in [Some(parameter.name), parameter.alias].into_iter().flatten() {
            let named =
                |argument: &&Argument<'_>| argument.key.as_ref().is_some_and(|key| *key == name);
            let mut given = context.written.iter().filter(named).peekable();
            while let (Some(argument), Some(_)) = (given.next(), given.peek()) {
                let message = format!("`{name}` is given again later, and the last value counts");
                findings.push(
                    Diagnostic::lint(RULE.code, argument.span, message)
                        .with_fix(Fix::safe(context.removal(argument), "")),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::DuplicateKeyword, text, Role::Server);
        assert_eq!(server("tcp:80:backlog=5:backlog=6:backlog=7"), "tcp:80:backlog=7");
        let client = fixed(Code::DuplicateKeyword, "unix:/a:checkPID=1:checkPID=0", Role::Client);
        assert_eq!(client, "unix:/a:checkPID=0");
        assert_eq!(server("backlog=5:tcp:80:backlog=7"), "tcp:80:backlog=7");
    }

    #[test]
    fn near_miss() {
        silent(Code::DuplicateKeyword, "process:/x:env=A=1:env=B=2", Role::Client);
        silent(Code::DuplicateKeyword, "stdio:a=1:a=2", Role::Server);
    }
}
