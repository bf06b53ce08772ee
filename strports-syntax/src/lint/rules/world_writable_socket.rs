//! The lint `world-writable-socket`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::value::mode_bits;
use crate::{Code, Diagnostic, Role};

pub(crate) const RULE: Rule = Rule {
    code: Code::WorldWritableSocket,
    fixes_errors: false,
    doc: r"
A UNIX socket that every user of the machine may connect to.

Write permission on the socket allows connecting. The lint reports only an explicit mode, although
the default is 666.

    unix:/run/app.sock:mode=777

Give permission to the owner and a group:

    unix:/run/app.sock:mode=660

Reference: unix(7), Pathname socket ownership and permissions.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    if !context.is(Role::Server, "unix") {
        return;
    }
    let Some(mode) = context.argument("mode") else { return };
    if mode_bits(&mode.value).is_some_and(|bits| bits & 0o002 != 0) {
        let message = "every user of this machine may connect with this mode";
        findings.push(
            Diagnostic::lint(RULE.code, mode.span, message.into()).with_help("write `mode=660`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        finds(Code::WorldWritableSocket, "unix:/x:mode=777", Role::Server, &["mode=777"]);
        finds(Code::WorldWritableSocket, "unix:/x:0o662", Role::Server, &["0o662"]);
    }

    #[test]
    fn near_miss() {
        silent(Code::WorldWritableSocket, "unix:/x:mode=664", Role::Server);
        silent(Code::WorldWritableSocket, "unix:/x", Role::Server);
    }
}
