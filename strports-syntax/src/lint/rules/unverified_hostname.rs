//! The lint `unverified-hostname`: its documentation page, and its check.

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Code, Diagnostic, Fix, Place, Role, Span, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::UnverifiedHostname,
    fixes_errors: false,
    doc: r"
An `ssl` client that does not verify the server in Twisted.

Without `hostname=`, Twisted does not verify the name, and without `caCertsDir=` it does not verify
the certificate either. strports always verifies the host, but Twisted may read the same
description.

    ssl:example.com:443

Add the expected name, or use the `tls` type, which always verifies:

    tls:example.com:443

Reference: RFC 9525; spec/DIFFERENCES.md, At run time.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    if !context.is(Role::Client, "ssl") || context.argument("hostname").is_some() {
        return;
    }
    let Some(host) = context.argument("host") else { return };
    let mut hostname = b":hostname=".to_vec();
    hostname.extend(quote_bytes(&host.value.to_bytes(), Place::Value));
    let end = Span::empty(context.text().len());
    findings.push(
        Diagnostic::lint(
            RULE.code,
            context.description.type_span(),
            "Twisted verifies no name without `hostname=`".into(),
        )
        .with_help("add `hostname=`, or write `tls:` for `ssl:`")
        .with_fix(Fix::suggestion(end, hostname)),
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let client = |text| fixed(Code::UnverifiedHostname, text, Role::Client);
        assert_eq!(client("ssl:h:443"), "ssl:h:443:hostname=h");
    }

    #[test]
    fn near_miss() {
        silent(Code::UnverifiedHostname, "ssl:h:443:hostname=h", Role::Client);
        silent(Code::UnverifiedHostname, "tls:h:443", Role::Client);
    }
}
