//! The lint `noncanonical-integer`: its documentation page, and its check.

use alloc::format;

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::signature::Kind;
use crate::value::canonical_integer;
use crate::{Code, Diagnostic, Fix};

pub(crate) const RULE: Rule = Rule {
    code: Code::NoncanonicalInteger,
    fixes_errors: false,
    doc: r"
An integer in an unusual spelling.

Python accepts surrounding white space, signs, leading zeros and underscores. Other programs do not.

    tcp: 08_0

Write only the digits:

    tcp:80

Reference: the Python library reference, `int`.
",
    check,
};

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    for (parameter, argument) in context.bound() {
        let Some(canonical) = canonical_integer(&argument.value, parameter.kind) else { continue };
        // A leading zero is not reported for modes, because it is the usual mark of octal numbers.
        let is_octal = parameter.kind == Kind::Mode && argument.value == *format!("0{canonical}");
        if argument.value != *canonical.as_str() && !is_octal {
            let message = format!("`{}` is an unusual spelling of {canonical}", parameter.name);
            findings.push(
                Diagnostic::lint(RULE.code, argument.value_span, message)
                    .with_fix(Fix::safe(argument.value_span, canonical)),
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
        let server = |text| fixed(Code::NoncanonicalInteger, text, Role::Server);
        assert_eq!(server("tcp: 08_0\n"), "tcp:80");
        assert_eq!(server("unix:/x:mode=0o660:lockfile=3"), "unix:/x:mode=660:lockfile=1");
    }

    #[test]
    fn near_miss() {
        silent(Code::NoncanonicalInteger, "tcp:80:backlog=-1", Role::Server);
        silent(Code::NoncanonicalInteger, "unix:/x:mode=0660", Role::Server);
        silent(Code::NoncanonicalInteger, "tcp:010.0.0.1:80", Role::Client);
    }
}
