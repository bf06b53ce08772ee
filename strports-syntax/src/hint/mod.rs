//! Hints: guesses at what was meant, for errors that no lint explains.
//!
//! A hint adds advice, and sometimes another message or a suggested fix. It looks at the text
//! around the error. Therefore it needs the text that was bound, which may already contain fixes.

mod address;
mod answer;
mod scan;
mod types;
mod values;

use alloc::format;
use alloc::vec::Vec;

use answer::Hint;

use crate::{Diagnostic, Error, ErrorKind, Fix, Role, Span, Types};

/// Converts the errors of `text` to diagnostics, and adds a hint to each where one is known.
pub(crate) fn diagnostics(
    types: Types<'_>,
    text: &[u8],
    role: Role,
    errors: &[Error],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut covered: Vec<Span> = Vec::new();
    for error in errors {
        let Some(hint) = hint(types, text, role, error) else {
            found.push(by_itself(*error));
            continue;
        };
        let mut diagnostic = by_itself(*error);
        if let Some(whole) = hint.whole {
            diagnostic.span = whole;
            covered.push(whole);
        }
        if hint.message.is_some() || hint.help.is_some() {
            diagnostic.help = hint.help;
        }
        diagnostic.message = hint.message.unwrap_or(diagnostic.message);
        if let Some((span, replacement)) = hint.fix {
            diagnostic.fix = Some(Fix::suggestion(span, replacement));
        }
        found.push(diagnostic);
    }
    // Errors in parts of a split value have the same cause as the error that reports the whole
    // value.
    let is_piece = |span: Span| {
        covered.iter().any(|it| *it != span && it.start <= span.start && span.end <= it.end)
    };
    found.retain(|diagnostic| !is_piece(diagnostic.span));
    found
}

/// The hint for one error of `text`; `None` if nothing is known about what was meant.
fn hint(types: Types<'_>, text: &[u8], role: Role, error: &Error) -> Option<Hint> {
    let span = error.span();
    // Hints assume unescaped colons, which the text around an error in a nested description lacks.
    if text[..span.start].ends_with(br"\:") {
        return None;
    }
    match *error.kind() {
        ErrorKind::UnknownType { suggestion: None, .. } => types::unknown(types, text, role, span),
        ErrorKind::NotAnInteger { parameter: "port", .. } => {
            address::in_place_of_port(text, role, span).or_else(|| values::port(text, span))
        }
        ErrorKind::NotAnInteger { parameter: "mode", .. } => values::split_path(text, span),
        ErrorKind::UnexpectedKeyword { type_name, role, suggestion: None, .. } => {
            values::keyword(type_name, role, text, span)
        }
        _ => None,
    }
}

/// The error as a diagnostic, with the fix and the help that follow from the error alone.
fn by_itself(error: Error) -> Diagnostic {
    let fix = match (error.kind(), error.kind().suggestion()) {
        (ErrorKind::TrailingBackslash, _) => Some(Fix::safe(error.span(), "")),
        // A fix that changes only the case of letters is safe.
        (kind, Some(word)) => {
            let same = kind.found().is_some_and(|found| found.as_str().eq_ignore_ascii_case(word));
            Some(Fix { safe: same, ..Fix::safe(error.span(), word) })
        }
        _ => None,
    };
    let help = match error.kind() {
        ErrorKind::UnknownType { suggestion: None, .. } => {
            Some("`strports types` lists the types".into())
        }
        ErrorKind::UnknownType { suggestion: Some(word), .. } => {
            Some(format!("write `{word}` (`strports types` lists all types)"))
        }
        _ => None,
    };
    Diagnostic { help, fix, ..error.into() }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::{String, ToString};

    use crate::{Code, Role, apply_fixes, check};

    /// Checks a text that must have one finding. Returns its code, its help (or its message without
    /// help), and the text with all fixes applied.
    #[track_caller]
    fn misread(text: &str, role: Role) -> (Code, String, String) {
        let report = check(text, role);
        let [error] = report.diagnostics() else { panic!("{:?}", report.diagnostics()) };
        let said = error.help.clone().unwrap_or_else(|| error.message.clone());
        let fixed = apply_fixes(text.as_bytes(), report.fixes());
        (error.code, said, String::from_utf8(fixed).unwrap())
    }

    #[track_caller]
    fn server(text: &str, code: Code, said: &str, fixed: &str) {
        let found = misread(text, Role::Server);
        assert_eq!(found, (code, said.to_string(), fixed.to_string()), "{text}");
        if fixed != text {
            assert!(check(fixed, Role::Server).is_ok(), "{fixed}");
        }
    }

    #[test]
    fn the_port_comes_first_for_servers() {
        let said = "a server has its port first, and its address in `interface=`";
        let swapped = |text, fixed| server(text, Code::NotAnInteger, said, fixed);
        swapped("tcp:127.0.0.1:8080", "tcp:8080:interface=127.0.0.1");
        swapped("tcp:localhost:8080", "tcp:8080:interface=127.0.0.1");
        swapped("tcp:0.0.0.0:80:backlog=5", "tcp:80:backlog=5");
        swapped(r"tcp:\:\:1:80", r"tcp:80:interface=\:\:1");
    }

    #[test]
    fn an_address_without_a_port_is_recognized() {
        let said = |address: &str| format!("write the port first: `PORT:interface={address}`");
        let address = r"2606\:2800\:220\:1\:248\:1893\:25c8\:1946";
        let text = "tcp:[2606:2800:220:1:248:1893:25c8:1946]";
        server(text, Code::NotAnInteger, &said(address), text);
        let report = check(text, Role::Server);
        let span = report.diagnostics()[0].span;
        assert_eq!(&text[span.start..span.end], "[2606:2800:220:1:248:1893:25c8:1946]");
        server("tcp:127.0.0.1", Code::NotAnInteger, &said("127.0.0.1"), "tcp:127.0.0.1");
    }

    #[test]
    fn a_text_without_a_type_gets_one() {
        let unknown = |text, said, fixed| server(text, Code::UnknownType, said, fixed);
        let address = "expected a type such as `tcp`, but found an address and a port without one";
        unknown("[::]:80", address, "tcp6:80");
        unknown("[::1]:80", address, r"tcp:80:interface=\:\:1");
        let path = "expected a type such as `unix`, but found a path without one";
        unknown("/run/a.sock", path, "unix:/run/a.sock");
        let socat = "`TCP-LISTEN` is an address of socat, whose options are not supported here";
        unknown("TCP-LISTEN:80,fork,reuseaddr", socat, "tcp:80");
        let datagrams = "descriptions are for streams: there is no type for datagrams";
        unknown("udp:53", datagrams, "udp:53");
        let escaped = "the description inside a wrapper is written without escapes";
        unknown(r"haproxy:tcp\:80", escaped, "haproxy:tcp:80");
    }

    #[test]
    fn a_client_without_a_type_gets_one() {
        let client = |text| misread(text, Role::Client).2;
        assert_eq!(client("[::1]:80"), r"tcp:\:\:1:80");
        assert_eq!(client("/run/a.sock"), "unix:/run/a.sock");
        assert_eq!(client("UNIX-CONNECT:/run/a"), "unix:/run/a");
    }

    #[test]
    fn ports_are_numbers() {
        let port = |text, said, fixed| server(text, Code::NotAnInteger, said, fixed);
        port("tcp:port=http", "names of services are not looked up: write `80`", "tcp:port=80");
        port("tcp:https", "names of services are not looked up: write `443`", "tcp:443");
        let empty = "add the port; 0 lets the system choose a free one";
        port("tcp:", empty, "tcp:");
        port("tcp:port=", empty, "tcp:port=");
        let report = check("tcp:", Role::Server);
        let message = &report.diagnostics()[0].message;
        assert_eq!(message, "expected an integer for `port`, but found nothing");
    }

    #[test]
    fn a_path_with_a_colon_is_escaped() {
        let said = "a colon ends the path: write `\\:` if it is part of the path";
        server("unix:/run/a:b.sock", Code::NotAnInteger, said, r"unix:/run/a\:b.sock");
        let report = check("unix:/run/a:rw", Role::Server);
        assert_eq!(report.fixes().count(), 0, "`rw` is a mode that was misunderstood");
    }

    #[test]
    fn words_of_other_programs_are_known() {
        let keyword = |text, said, fixed| server(text, Code::UnexpectedKeyword, said, fixed);
        keyword("ssl:443:key=a.pem", "it is called `privateKey` here", "ssl:443:privateKey=a.pem");
        keyword(
            "tcp:80:host=127.0.0.1",
            "it is called `interface` here",
            "tcp:80:interface=127.0.0.1",
        );
        keyword("unix:/a:perm=600", "it is called `mode` here", "unix:/a:mode=600");
    }
}
