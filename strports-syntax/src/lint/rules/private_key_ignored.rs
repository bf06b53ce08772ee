//! The lint `private-key-ignored`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic, Role};

pub(crate) const RULE: Rule = Rule {
    code: Code::PrivateKeyIgnored,
    fixes_errors: false,
    doc: r"
A client's private key without its certificate.

The key is not used. Even a missing file is not noticed.

    tls:example.com:443:privateKey=key.pem

Add the certificate:

    tls:example.com:443:privateKey=key.pem:certificate=cert.pem

Reference: `twisted.internet.endpoints._parseClientSSLOptions`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let certificate = if context.is(Role::Client, "tls") {
        "certificate"
    } else if context.is(Role::Client, "ssl") {
        "certKey"
    } else {
        return;
    };
    if let (Some(key), None) = (context.argument("privateKey"), context.argument(certificate)) {
        let message = format!("`privateKey` has no effect without `{certificate}`");
        findings.push(Diagnostic::lint(RULE.code, key.span, message));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{finds, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let key = &["privateKey=k"];
        finds(Code::PrivateKeyIgnored, "tls:h:443:privateKey=k", Role::Client, key);
        finds(Code::PrivateKeyIgnored, "ssl:h:443:privateKey=k", Role::Client, key);
    }

    #[test]
    fn near_miss() {
        silent(Code::PrivateKeyIgnored, "ssl:443:privateKey=k", Role::Server);
        silent(Code::PrivateKeyIgnored, "ssl:h:1:privateKey=k:certKey=c", Role::Client);
    }
}
