//! The lint `needs-plugin`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic};

pub(crate) const RULE: Rule = Rule {
    code: Code::NeedsPlugin,
    fixes_errors: false,
    doc: r"
A type of a plugin, which Twisted supports only if its package is installed.

`strports types` names the package. `strports check` reports this lint only if it is selected.

    onion:80

With a built-in type of Twisted:

    tcp:80

Reference: `twisted.internet.interfaces.IStreamServerEndpointStringParser`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(signature) = context.signature().filter(|it| it.plugin) else { return };
    let (name, role) = (signature.name, signature.role);
    let message = match signature.package {
        Some(package) => {
            format!("Twisted has the `{name}` {role} only with the package `{package}`")
        }
        None => format!("Twisted has the `{name}` {role} only with a plugin"),
    };
    findings.push(Diagnostic::lint(RULE.code, context.description.type_span(), message));
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        finds(Code::NeedsPlugin, "haproxy:ONION:80", Role::Server, &["ONION"]);
    }

    #[test]
    fn near_miss() {
        silent(Code::NeedsPlugin, "tcp:80:reusePort=1", Role::Server);
    }
}
