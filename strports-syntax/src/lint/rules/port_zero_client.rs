//! The lint `port-zero-client`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::value::canonical_integer;
use crate::{Code, Diagnostic, Role};

pub(crate) const RULE: Rule = Rule {
    code: Code::PortZeroClient,
    fixes_errors: false,
    doc: r"
Connecting to port 0.

Port 0 of a server means any free port. No server listens on port 0 itself.

    tcp:localhost:0

Write the port of the server:

    tcp:localhost:8080

Reference: RFC 6335, section 6.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    if context.role == Role::Server || context.argument("endpoint").is_some() {
        return;
    }
    for (parameter, argument) in context.bound().filter(|(parameter, _)| parameter.name == "port") {
        if canonical_integer(&argument.value, parameter.kind).as_deref() == Some("0") {
            let message = "no server listens on port 0";
            findings.push(Diagnostic::lint(RULE.code, argument.span, message.into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        finds(Code::PortZeroClient, "tcp:h:0", Role::Client, &["0"]);
    }

    #[test]
    fn near_miss() {
        silent(Code::PortZeroClient, "tcp:0", Role::Server);
        silent(Code::PortZeroClient, "tcp:h:10", Role::Client);
    }
}
