//! Every function that parses a description returns the first error of `check`, with the same fix.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use strports_syntax::{
    ClientEndpoint, Code, Description, Diagnostic, ParseError, Role, ServerEndpoint, Span, Types,
    check,
};

/// Descriptions that are invalid in both roles or in one, some with a fix by a lint.
const WRONG: &[&str] = &[
    "",
    "8080",
    "port=80",
    "tcp",
    "tcp:http",
    r"tcp:80\",
    "tpc:80",
    "tcp:8080:interface=::1",
    "tcp:::1:80:timeout=0",
    r"ssl:443:privateKey=C:\key.pem",
    "tcp://example.com:x",
    "haproxy:tcp:80:prot=1",
    r"tls:h:443:endpoint=tcp:p:99999",
    "process:/bin/x:stderr=none",
];

/// The first error of `check`; `None` if the text is valid in this role.
fn first(text: &str, role: Role) -> Option<Diagnostic> {
    check(text, role).errors().next().cloned()
}

#[test]
fn each_parser_returns_the_first_error_of_check() {
    let finding = |error: ParseError| error.diagnostic().clone();
    for text in WRONG {
        let (server, client) = (first(text, Role::Server), first(text, Role::Client));
        assert_eq!(ServerEndpoint::parse(text).err().map(finding), server, "{text}");
        assert_eq!(ServerEndpoint::try_from(*text).err().map(finding), server, "{text}");
        assert_eq!(text.parse::<ServerEndpoint>().err().map(finding), server, "{text}");
        assert_eq!(Types::BUILTIN.server(text).err().map(finding), server, "{text}");
        assert_eq!(ClientEndpoint::parse(text).err().map(finding), client, "{text}");
        assert_eq!(ClientEndpoint::try_from(*text).err().map(finding), client, "{text}");
        assert_eq!(text.parse::<ClientEndpoint>().err().map(finding), client, "{text}");
        assert_eq!(Types::BUILTIN.client(text).err().map(finding), client, "{text}");
    }
}

#[test]
fn the_message_ends_with_one_hint() {
    let shown = |text| ServerEndpoint::parse(text).unwrap_err().to_string();
    assert_eq!(
        shown("tcp:8080:interface=::1"),
        r"`::1` is an IPv6 address whose colons are not escaped (write `\:\:1`)"
    );
    assert_eq!(shown("tpc:80"), "unknown server type `tpc` (did you mean `tcp`?)");
    assert_eq!(shown(r"tcp:80\"), r"`\` at the end of the description escapes nothing (remove it)");
    assert_eq!(
        shown("tcp:http"),
        "expected an integer for `port`, but found `http` (perhaps write `80`)"
    );
}

#[test]
fn the_binding_error_is_kept() {
    let error = ServerEndpoint::parse("tcp:8080:interface=::1").unwrap_err();
    assert_eq!((error.code(), error.span()), (Code::MultipleValues, Span::new(19, 22)));
    assert_eq!(error.unexplained().code(), Code::MultipleValues);
    assert_eq!(error.fix().unwrap().replacement, br"\:\:1");
    assert!(size_of::<ParseError>() <= size_of::<usize>(), "a `Result` stays small");
}

#[test]
fn an_error_of_a_description_becomes_one_of_parsing() {
    let read = |text| -> Result<(), ParseError> {
        Description::parse(text)?;
        Ok(())
    };
    let error = read(r"tcp:80\").unwrap_err();
    assert_eq!(error.message(), r"`\` at the end of the description escapes nothing");
}

#[test]
fn a_message_shows_no_secret() {
    let error = ClientEndpoint::parse("tls:h:1:endpoint=process:/x:env=A=s3cret").unwrap_err();
    let fix = error.fix().unwrap();
    assert_eq!(fix.advice(), r"write `process\:/x\:env=A=s3cret`");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}
