//! The findings for common mistakes: their spans, messages and fixes.

#![allow(clippy::panic, reason = "a test fails by panicking")]

use strports_syntax::{Code, Report, Role, check, check_either};

/// Prints each finding as `code @ text: message`, where `text` is what its span covers.
fn findings(report: &Report<'_>) -> Vec<String> {
    let piece = |span: strports_syntax::Span| {
        String::from_utf8_lossy(span.slice(report.text())).into_owned()
    };
    let show = |it: &strports_syntax::Diagnostic| {
        format!("{} @ {}: {}", it.code, piece(it.span), it.message)
    };
    report.diagnostics().iter().map(show).collect()
}

#[track_caller]
fn server(text: &str, expected: &[&str]) {
    assert_eq!(findings(&check(text, Role::Server)), expected);
}

#[track_caller]
fn client(text: &str, expected: &[&str]) {
    assert_eq!(findings(&check(text, Role::Client)), expected);
}

#[track_caller]
fn corrected(text: &str, role: Role, expected: &str) {
    let (report, _) = check_either(text);
    assert_eq!(report.role(), role, "{text}: {:?}", findings(&report));
    assert_eq!(report.corrected().as_deref(), Some(expected.as_bytes()));
}

#[test]
fn common_mistakes_are_corrected() {
    corrected("tcp:::1:80", Role::Client, r"tcp:\:\:1:80");
    corrected(
        r"ssl:8443:privateKey=C:\keys\server.pem",
        Role::Server,
        r"ssl:8443:privateKey=C\:\\keys\\server.pem",
    );
    corrected("systemd:domain=INET:index:0", Role::Server, "systemd:domain=INET:index=0");
    corrected("tcp://example.com:80", Role::Client, "tcp:example.com:80");
    corrected("8080", Role::Server, "tcp:8080");
    corrected("tls:h:443:trustroots=/x", Role::Client, "tls:h:443:trustRoots=/x");
    corrected(r"tcp:80\", Role::Server, "tcp:80");
    corrected(r"ssl:1:C:\k:C:\c", Role::Server, r"ssl:1:C\:\\k:C\:\\c");
    corrected("TCP:8080", Role::Server, "tcp:8080");
    corrected("UNIX:/run/a=b", Role::Client, r"unix:/run/a\=b");
}

#[test]
fn one_mistake_is_one_finding() {
    server(
        "tcp:80:interface=::1",
        &["multiple-values @ ::1: `::1` is an IPv6 address whose colons are not escaped"],
    );
    server(
        "tcp:80::50:1:2",
        &[
            "empty-argument @ : `interface` is empty, not absent",
            "too-many-arguments @ 1:2: expected at most 3 positional arguments for the `tcp` server, \
         but found 5",
        ],
    );
    client(
        "tcp:a:b:c",
        &["too-many-arguments @ a:b:c: expected at most 2 positional arguments for the `tcp` \
         client, but found 3"],
    );
}

#[test]
fn a_value_without_the_name_that_it_needs_is_one_mistake() {
    for text in [r"socks5:h:80:tcp\:p\:1080", r"http-connect:h:80:tcp\:p\:1080"] {
        let report = check(text, Role::Client);
        let codes: Vec<_> = report.errors().map(|it| it.code).collect();
        assert_eq!(codes, [Code::TooManyArguments], "{text}");
    }
    let report = check("socks5:h:80", Role::Client);
    assert!(report.errors().all(|it| it.code == Code::MissingArgument));
}

#[test]
fn an_address_that_is_wrong_where_it_stands_is_not_escaped() {
    let said = findings(&check("tcp:bindAddress=tcp:host=80:::1", Role::Client));
    assert_eq!(said.iter().filter(|it| it.starts_with("not-an-integer")).count(), 0, "{said:?}");
    assert_eq!(check("tcp:bindAddress=tcp:host=80:::1", Role::Client).errors().count(), 1);
}

#[test]
fn every_mistake_is_reported_beside_a_slip_that_hides_it() {
    server(
        "tcp:99999:backlog=many:interface=::1:bogus=1",
        &[
            "out-of-range @ 99999: expected a port from 0 to 65535 for `port`, but found `99999`",
            "not-an-integer @ many: expected an integer for `backlog`, but found `many`",
            "multiple-values @ ::1: `::1` is an IPv6 address whose colons are not escaped",
            "unexpected-keyword @ bogus: unknown keyword `bogus` for the `tcp` server",
        ],
    );
    client(
        "tpc:h:99999:timeuot=0",
        &[
            "unknown-type @ tpc: unknown client type `tpc` (did you mean `tcp`?)",
            "out-of-range @ 99999: expected a port from 0 to 65535 for `port`, but found `99999`",
            "unexpected-keyword @ timeuot: unknown keyword `timeuot` for the `tcp` client (did you \
         mean `timeout`?)",
            "out-of-range @ 0: expected a number of seconds above 0 for `timeout`, but found `0`",
        ],
    );
    server(
        "tcp:prot=80",
        &["unexpected-keyword @ prot: unknown keyword `prot` for the `tcp` server (did you mean \
         `port`?)"],
    );
    server(
        "8080:interface=::1:backlog=many",
        &[
            "unknown-type @ 8080: expected a type such as `tcp`, but found a port without a type",
            "multiple-values @ ::1: `::1` is an IPv6 address whose colons are not escaped",
            "not-an-integer @ many: expected an integer for `backlog`, but found `many`",
        ],
    );
    client(
        r"tls:h:443:endpoint=tcp:::1:http:timeout=0",
        &[
            "multiple-values @ tcp:::1:http: the colons of the inner description are not escaped",
            "too-many-arguments @ ::1: `::1` is an IPv6 address whose colons are not escaped",
            "not-an-integer @ http: expected an integer for `port`, but found `http`",
            "out-of-range @ 0: expected a number of seconds above 0 for `timeout`, but found `0`",
        ],
    );
}

#[test]
fn every_mistake_is_reported_also_inside() {
    client(
        r"tls:-h:x:endpoint=tcp\:h\:99999\:tmeout=1:alpm=2",
        &[
            "bad-host @ -h: expected a host name for `host`, but found `-h` (a label begins or ends \
         with a hyphen)",
            "not-an-integer @ x: expected an integer for `port`, but found `x`",
            "out-of-range @ 99999: expected a port from 0 to 65535 for `port`, but found `99999`",
            "unexpected-keyword @ tmeout: unknown keyword `tmeout` for the `tcp` client (did you mean \
         `timeout`?)",
            "unexpected-keyword @ alpm: unknown keyword `alpm` for the `tls` client (did you mean \
         `alpn`?)",
        ],
    );
    server(
        "haproxy:unix:/x:mode=rw:lockfile=yes",
        &[
            "not-an-integer @ rw: expected an octal integer for `mode`, but found `rw`",
            "not-an-integer @ yes: expected an integer for `lockfile`, but found `yes`",
        ],
    );
}

#[test]
fn a_delay_says_its_bounds() {
    client(
        "tcp:h:80:attemptDelay=3",
        &["out-of-range @ 3: expected seconds from 0.1 to 2, with at most 3 decimals, for \
           `attemptDelay`, but found `3`"],
    );
}

#[test]
fn each_error_says_what_was_expected() {
    server(
        "",
        &["empty-description @ : expected a type such as `tcp`, but found an empty \
                  description"],
    );
    server(
        "port=80",
        &["empty-description @ port=80: expected a type such as `tcp`, but found \
                         only keyword arguments"],
    );
    server(
        "tcp:80\\",
        &["trailing-backslash @ \\: `\\` at the end of the description escapes nothing"],
    );
    client(
        "process:/x:arg=1",
        &[
            "not-in-twisted @ process: Twisted has no `process` client",
            "unexpected-keyword @ arg: unknown keyword `arg` for the `process` client",
        ],
    );
    server("nope:80", &["unknown-type @ nope: unknown server type `nope`"]);
    server("tpc:80", &["unknown-type @ tpc: unknown server type `tpc` (did you mean `tcp`?)"]);
    server(
        "process:/x",
        &["unknown-type @ process: unknown server type `process` (it exists for \
                            the other role only)"],
    );
    server(
        "tcp",
        &["missing-argument @ : expected `port` for the `tcp` server, but found the end \
                     of the description"],
    );
    server(
        "tcp:80:port=81",
        &["multiple-values @ port=81: `tcp` received `port` twice \
                                (positional 1 and keyword `port`)"],
    );
    server("tcp:٨٠", &["not-ascii-digit @ ٨٠: expected ASCII digits for `port`, but found `٨٠`"]);
    server(
        "systemd:inet:index=0",
        &["unknown-domain @ inet: expected `INET`, `INET6` or `UNIX` \
                                      for `domain`, but found `inet` (did you mean `INET`?)"],
    );
    server(
        "systemd:INET",
        &["index-and-name @ systemd: expected exactly one of `index` and \
                              `name` for `systemd`, but found neither"],
    );
    server(
        "ssl:443:sslmethod=Error",
        &["unknown-tls-method @ Error: expected a TLS method such \
                                         as `TLS_METHOD` for `sslmethod`, but found `Error`"],
    );
    server(
        "ssl:443:sslmethod=TLSv1_METHOD",
        &["obsolete-tls-method @ TLSv1_METHOD: expected TLS \
                                                1.2 or newer for `sslmethod`, but found \
                                                `TLSv1_METHOD` (write `TLS_METHOD`)"],
    );
    client(
        "process:/x:stderr=none",
        &[
            "not-in-twisted @ process: Twisted has no `process` client",
            "out-of-range @ none: expected `log`, `drop` or `inherit` for `stderr`, but found `none`",
        ],
    );
}

#[test]
fn invisible_characters_are_escaped() {
    server(
        "tcp:\u{1b}[31m\n",
        &["not-an-integer @ \u{1b}[31m\n: expected an integer for `port`, but found \
         `\\u{1b}[31m\\n`"],
    );
}

#[test]
fn an_ambiguous_backslash_has_no_fix() {
    let report = check(r"unix:/a\", Role::Server);
    assert_eq!(report.corrected(), None);
    assert_eq!(report.fixes().map(|fix| fix.safe).collect::<Vec<_>>(), [false]);
}

/// A sink that stores all errors, even those that a report would only count.
struct All(Vec<strports_syntax::Error>);

impl strports_syntax::Sink for All {
    fn error(&mut self, error: strports_syntax::Error) {
        self.0.push(error);
    }
}

#[test]
fn a_hundred_misspelled_keywords_get_a_hint_and_the_others_none() {
    let text = "tcp:80".to_owned() + &":prot=1".repeat(105);
    let mut all = All(Vec::new());
    assert!(strports_syntax::ServerEndpoint::parse_with(&text, &mut all).is_none());
    let hints = all.0.iter().filter(|error| error.kind().suggestion() == Some("port"));
    assert_eq!((all.0.len(), hints.count()), (105, 100));
}

#[test]
fn an_alias_gives_way_to_the_parameters_own_name_in_either_order() {
    for text in ["unix:/a:lockfile=0:checkPID=1", "unix:/a:checkPID=1:lockfile=0"] {
        let report = check(text, Role::Client);
        let Some(strports_syntax::ClientEndpoint::Unix(unix)) = report.client() else { panic!() };
        assert!(!unix.lockfile.is_on(), "{text}");
        assert_eq!(
            findings(&report),
            [
                "ignored-argument @ checkPID=1: `checkPID` has no effect here: the parameter's own name takes precedence"
            ]
        );
    }
}
