//! The lint `empty-argument`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Kind;
use crate::{Code, Diagnostic};

pub(crate) const RULE: Rule = Rule {
    code: Code::EmptyArgument,
    fixes_errors: false,
    doc: r"
An argument that is empty, which is different from a missing one.

The cause is often an extra colon or an unset variable.

    ssl:443:

Remove the argument, or give it a value:

    ssl:443

Reference: spec/DIFFERENCES.md, During parsing.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    for (parameter, argument) in context.bound() {
        let says_nothing = matches!(parameter.kind, Kind::Ignored | Kind::Repeated | Kind::Rest);
        // `interface=` is no mistake: it states the default explicitly.
        let meant = !argument.is_positional() && parameter.kind == Kind::Interface;
        let meant = meant || parameter.absent_if_empty;
        if argument.value.is_empty() && !says_nothing && !meant {
            let message = format!("`{}` is empty, not absent", parameter.name);
            findings.push(Diagnostic::lint(RULE.code, argument.span, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        finds(Code::EmptyArgument, "ssl:443:", Role::Server, &[""]);
        finds(Code::EmptyArgument, "tcp::80", Role::Client, &[""]);
        finds(Code::EmptyArgument, "ssl:h:1:certKey=", Role::Client, &["certKey="]);
    }

    #[test]
    fn near_miss() {
        silent(Code::EmptyArgument, "tcp:80:interface=", Role::Server);
        silent(Code::EmptyArgument, "stdio:", Role::Server);
        silent(Code::EmptyArgument, "process:/x:", Role::Client);
    }
}
