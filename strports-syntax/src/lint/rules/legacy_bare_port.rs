//! `legacy-bare-port`

use alloc::format;

use crate::lint::{Findings, Rule, Subject};
use crate::{Code, Diagnostic, Fix, Role, Span};

pub(crate) const RULE: Rule = Rule {
    code: Code::LegacyBarePort,
    mends: true,
    doc: r"
A port without its type.

Twisted took a bare number for a TCP port until 2012, and now looks for a type of that name.

    8080

Write the type:

    tcp:8080
",
    check,
};

fn check(subject: &Subject<'_, '_>, findings: &mut Findings<'_, '_>) {
    let port = subject.description.type_name();
    let is_port = subject.role == Role::Server
        && !port.is_empty()
        && port.raw().len() <= 5
        && port.raw().iter().all(u8::is_ascii_digit);
    if is_port {
        let span = subject.description.type_span();
        let message = format!("`{port}` is a port without a type");
        findings.push(
            Diagnostic::lint(RULE.code, span, message)
                .with_help(format!("write `tcp:{port}`"))
                .with_fix(Fix::safe(Span::empty(span.start), "tcp:")),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let server = |text| fixed(Code::LegacyBarePort, text, Role::Server);
        assert_eq!(server("8080"), "tcp:8080");
        assert_eq!(server("8080:interface=127.0.0.1"), "tcp:8080:interface=127.0.0.1");
        assert_eq!(server("haproxy:80"), "haproxy:tcp:80");
    }

    #[test]
    fn near_miss() {
        silent(Code::LegacyBarePort, "8080", Role::Client);
        silent(Code::LegacyBarePort, "123456", Role::Server);
    }
}
