//! Hostile texts cause no panic, no stack overflow, and a limited number of findings.

use strports_syntax::{
    ClientEndpoint, Code, MOST_FINDINGS, NESTING_LIMIT, Role, ServerEndpoint, check,
    quote_string_argument,
};

/// The maximum length in bytes of the repeated part of a hostile text.
const LEN: usize = 1 << 16;

/// `head` followed by as many repetitions of `piece` as fit in [`LEN`] bytes.
fn filled(head: &str, piece: &str) -> String {
    head.to_owned() + &piece.repeat(LEN / piece.len())
}

#[test]
fn long_repetitions_terminate() {
    let pieces = [
        ":",
        "=",
        "\\",
        "a",
        "\u{1f980}",
        "::1:",
        "a=1:",
        "=:",
        "\\:",
        "1_",
        " ",
        "0",
        "a.",
        "C:/a:",
        "haproxy:",
        "tls:h:1:endpoint=",
        "env=a:",
        "backlog=1:",
        "trustrots=1:",
    ];
    let heads =
        ["", "tcp:", "unix:", "tls:", "ssl:1:privateKey=", "stdio:", "process:/x:", "tcp://"];
    for piece in pieces {
        for head in heads {
            let text = filled(head, piece);
            for role in [Role::Server, Role::Client] {
                let report = check(&text, role);
                assert!(report.diagnostics().len() <= MOST_FINDINGS);
                if let Some(canonical) = report.canonical() {
                    assert!(check(&canonical, role).is_ok());
                }
            }
        }
    }
}

#[test]
fn ten_thousand_wrappers_are_too_deep() {
    let text = "haproxy:".repeat(10_000) + "tcp:80";
    assert_eq!(ServerEndpoint::parse(&text).unwrap_err().code(), Code::NestedTooDeep);
    let report = check(&text, Role::Server);
    assert_eq!(report.errors().count(), 1);
}

#[test]
fn sixteen_wrappers_are_not_too_deep() {
    let wrapped = |count| "haproxy:".repeat(count) + "tcp:80";
    assert!(ServerEndpoint::parse(&wrapped(NESTING_LIMIT)).is_ok());
    assert!(ServerEndpoint::parse(&wrapped(NESTING_LIMIT + 1)).is_err());
    let nested = |count| {
        (0..count).fold("stdio".to_owned(), |inner, _| {
            format!("tls:h:1:endpoint={}", quote_string_argument(&inner))
        })
    };
    assert!(ClientEndpoint::parse(&nested(NESTING_LIMIT)).is_ok());
    let error = ClientEndpoint::parse(&nested(NESTING_LIMIT + 1)).unwrap_err();
    assert_eq!(error.code(), Code::NestedTooDeep);
}

#[test]
fn more_findings_than_are_kept_are_counted() {
    let text = "tcp:80".to_owned() + &":x=1".repeat(250);
    let report = check(&text, Role::Server);
    assert_eq!((report.diagnostics().len(), report.more()), (MOST_FINDINGS, 150));
}

/// If a text has too many findings, lints are dropped, but never an error.
#[test]
fn an_error_behind_a_hundred_lints_is_reported() {
    let text = "tcp:80".to_owned() + &":backlog=5".repeat(150) + ":x=1";
    let report = check(&text, Role::Server);
    assert_eq!((report.errors().count(), report.diagnostics().len()), (1, MOST_FINDINGS));
    let text = "tls:h:443".to_owned() + &":timeout=5".repeat(150) + ":trustroots=/x";
    let corrected = check(&text, Role::Client).corrected().unwrap();
    assert!(check(&corrected, Role::Client).is_ok());
}
