//! Features that only types of plugins have: fixed words, conditions, and descriptions built from
//! the remaining arguments.
#![cfg(feature = "alloc")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use strports_syntax::signature::{Condition, Joined, Kind, Parameter, Words};
use strports_syntax::{Code, Parameters, Role, Signature, Span, Types, Value};

const API: Words = Words::new(&["SAM", "BOB"]);
const YES: Words = Words::new(&["false", "true"]).in_any_case().trimmed();
const VERSION: Words = Words::new(&["2", "3"]).as_integers();
const WITH_SAM: Condition = Condition { parameter: "api", value: Some("SAM") };

static I2P: Signature = Signature::plugin(
    Role::Server,
    "i2p",
    "an I2P destination",
    &[
        Parameter::required("keyfile", Kind::Path, "its keys"),
        Parameter::or("api", Kind::Word(&API), "SAM", "the API").absent_if_empty(),
        Parameter::optional("apiEndpoint", Kind::ClientDescription, "where the API is")
            .with(Condition { parameter: "api", value: None }),
        Parameter::optional("port", Kind::Port, "the port").absent_if_empty(),
        Parameter::optional("nickname", Kind::Text, "a name").by_name().with(WITH_SAM),
        Parameter::optional("options", Kind::Pairs, "options").by_name(),
        Parameter::optional("fast", Kind::Word(&YES), "fast").by_name(),
        Parameter::optional("version", Kind::Word(&VERSION), "the version").by_name(),
    ],
)
.excluding(&[&[
    Condition { parameter: "fast", value: Some("true") },
    Condition { parameter: "version", value: Some("2") },
]]);

static TXSNI: Signature = Signature::plugin(
    Role::Server,
    "txsni",
    "TLS",
    &[
        Parameter::required("pemdir", Kind::Path, "certificates"),
        Parameter::or("timeout", Kind::Text, "40", "seconds").by_name(),
    ],
)
.around(Joined { role: Role::Server, escapes: ":" });

static SOCKET: Signature = Signature::plugin(
    Role::Server,
    "websocket",
    "WebSocket",
    &[
        Parameter::required("description", Kind::Description, "below").by_place(),
        Parameter::required("url", Kind::Text, "the URL").by_name(),
    ],
)
.ignoring_keywords();

fn types() -> Types<'static> {
    static PLUGINS: [&Signature; 3] = [&I2P, &TXSNI, &SOCKET];
    Types::with(&PLUGINS).unwrap()
}

/// The code of each error in a server description, and the text at its span.
fn errors(text: &str) -> Vec<(Code, &str)> {
    let report = types().check(text, Role::Server);
    report.errors().map(|it| (it.code, &text[it.span.start..it.span.end])).collect()
}

fn canonical(text: &str) -> String {
    let endpoint = types().server(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let canonical = endpoint.to_string();
    assert_eq!(types().server(&canonical).unwrap(), endpoint, "{canonical}");
    canonical
}

#[test]
fn words_are_compared_as_their_package_does() {
    assert_eq!(canonical("i2p:/k:api=BOB:fast= TRUE :version=+0_3"), {
        "i2p:/k:api=BOB:fast=true:version=3"
    });
    assert_eq!(canonical("i2p:/k:api=SAM"), "i2p:/k");
    assert_eq!(errors("i2p:/k:api=sam"), [(Code::OutOfRange, "sam")]);
    let report = types().check("i2p:/k:api=sam", Role::Server);
    let message = &report.errors().next().unwrap().message;
    assert_eq!(
        *message,
        "expected `SAM` or `BOB` for `api`, but found `sam` (did you mean `SAM`?)"
    );
    assert_eq!(errors("i2p:/k:version=4:fast=no"), {
        [(Code::OutOfRange, "4"), (Code::OutOfRange, "no")]
    });
}

#[test]
fn an_empty_argument_may_be_none() {
    assert_eq!(canonical("i2p:/k:port=:api="), "i2p:/k");
    assert_eq!(errors("i2p:/k:version="), [(Code::OutOfRange, "version=")]);
    let report = types().check("i2p:/k:port=", Role::Server);
    assert!(report.diagnostics().iter().all(|it| it.code == Code::NeedsPlugin));
}

#[test]
fn pairs_have_one_colon_each() {
    assert_eq!(canonical(r"i2p:/k:options=a\:1,b\:"), r"i2p:/k:options=a\:1,b\:");
    assert_eq!(canonical("i2p:/k:options="), "i2p:/k:options=");
    for wrong in ["fast", r"a\:1,", r"a\:1\:2"] {
        assert_eq!(errors(&format!("i2p:/k:options={wrong}")), [(Code::OutOfRange, wrong)]);
    }
}

#[test]
fn conditions_hold_with_defaults_too() {
    let conflict = |text| [(Code::ConflictingArguments, text)];
    assert_eq!(errors("i2p:/k:nickname=a"), []);
    assert_eq!(errors("i2p:/k:api=BOB:nickname=a"), conflict("nickname=a"));
    assert_eq!(errors(r"i2p:/k:apiEndpoint=tcp\:h\:1"), conflict(r"apiEndpoint=tcp\:h\:1"));
    assert_eq!(errors(r"i2p:/k:api=:apiEndpoint=tcp\:h\:1"), conflict(r"apiEndpoint=tcp\:h\:1"));
    assert_eq!(errors(r"i2p:/k:api=SAM:apiEndpoint=tcp\:h\:1"), []);
    assert_eq!(errors("i2p:/k:fast=true:version=2"), conflict("version=2"));
    assert_eq!(errors("i2p:/k:fast=false:version=2"), []);
    assert_eq!(errors("i2p:/k:api=BOB:nickname="), conflict("nickname="));
    // An invalid `api` breaks no condition on its value, so only one error is reported.
    assert_eq!(errors("i2p:/k:api=X:nickname=a"), [(Code::OutOfRange, "X")]);
}

/// A value that another argument requires is printed, although it is the parameter's default.
#[test]
fn a_default_that_is_needed_is_printed() {
    let text = r"i2p:/k:api=SAM:apiEndpoint=tcp\:h\:1";
    assert_eq!(canonical(text), text);
}

#[test]
fn a_description_inside_may_have_another_role() {
    assert_eq!(errors(r"i2p:/k:api=SAM:apiEndpoint=tcp\:h\:x"), [(Code::NotAnInteger, "x")]);
    let endpoint = types().server(r"i2p:/k:api=BOB:apiEndpoint=tcp\:h\:1").unwrap();
    let Value::Client(inside) = endpoint.value("apiEndpoint") else { panic!("no client") };
    assert_eq!(inside.to_string(), "tcp:h:1");
}

#[test]
fn surplus_arguments_are_joined() {
    let inside = |text: &str| {
        let endpoint = types().server(text).unwrap();
        let Value::Server(inside) = endpoint.value("endpoint") else { panic!("no server") };
        inside.to_string()
    };
    assert_eq!(inside("txsni:/c:tcp:443:backlog=5:timeout=1"), "tcp:443:backlog=5");
    assert_eq!(inside(r"txsni:/c:tcp:443:interface=\:\:1"), r"tcp:443:interface=\:\:1");
    assert_eq!(inside("txsni:/c:backlog=5:tcp:443"), "tcp:443:backlog=5");
    assert_eq!(inside("txsni:/c:tcp:443:backlog=5:backlog=6"), "tcp:443:backlog=6");
    // A backslash at the end of an argument escapes the next colon after joining. Positional
    // arguments come first.
    assert_eq!(inside(r"txsni:/c:unix:/a\\:mode=1:5"), r"unix:/a\:5:mode=1");
    // Joining escapes only colons, so a single backslash is lost when the result is parsed.
    assert_eq!(inside(r"txsni:/c:unix:/a\\b"), "unix:/ab");
    assert_eq!(inside(r"txsni:/c:unix:/a\\\\b"), r"unix:/a\\b");
    assert_eq!(inside("txsni:/c:txsni:/d:tcp:1"), "txsni:/d:tcp:1");
}

#[test]
fn joined_arguments_parse_back() {
    assert_eq!(canonical("TXSNI:/c:TCP6:443:timeout=5"), "txsni:/c:tcp6:443:timeout=5");
    assert_eq!(canonical(r"txsni:/c:unix:/a\:b"), r"txsni:/c:unix:/a\:b");
    assert_eq!(canonical(r"txsni:/c:unix:/a\\\\b"), r"txsni:/c:unix:/a\\\\b");
    assert_eq!(canonical("haproxy:txsni:/c:tcp:1"), "haproxy:txsni:/c:tcp:1");
    assert_eq!(canonical("txsni:/c:haproxy:tcp:1"), "txsni:/c:haproxy:tcp:1");
    assert_eq!(canonical(r"tls:/c:endpoint=txsni\:/d\:tcp\:1"), {
        r"tls:/c:endpoint=txsni\:/d\:tcp\:1"
    });
}

#[test]
fn mistakes_inside_are_reported_where_they_are() {
    assert_eq!(errors("txsni:/certs:tcp:443x"), [(Code::NotAnInteger, "443x")]);
    assert_eq!(errors("haproxy:txsni:/certs:tcp:443x"), [(Code::NotAnInteger, "443x")]);
    assert_eq!(errors(r"txsni:/certs:tcp\:443"), [(Code::UnknownType, r"tcp\:443")]);
    assert_eq!(errors("txsni:/certs:tcp"), [(Code::MissingArgument, "")]);
    assert_eq!(errors("txsni:/certs"), [(Code::MissingArgument, "")]);
    assert_eq!(errors(r"txsni:/c:unix:/a\=b"), [(Code::UnexpectedKeyword, r"/a\=b")]);
    assert_eq!(errors(r"tls:/c:endpoint=txsni\:/d\:tcp\:x"), [(Code::NotAnInteger, "x")]);
    assert_eq!(errors("txsni:pemdir=/c:tcp:443")[0].0, Code::MultipleValues);
    let twice = errors("txsni:/c:bogus=1:tcp:80:x=2");
    assert_eq!(twice, [(Code::UnexpectedKeyword, "bogus"), (Code::UnexpectedKeyword, "x")]);
}

#[test]
fn fixes_inside_are_escaped_once_more() {
    let corrected = |text: &str| {
        let report = types().check(text, Role::Server);
        String::from_utf8(report.corrected().unwrap()).unwrap()
    };
    let text = "txsni:/c:tcp:443:interface=::1";
    assert_eq!(corrected(text), r"txsni:/c:tcp:443:interface=\:\:1");
    assert_eq!(corrected("txsni:/c:tcp:443:Interface=a"), "txsni:/c:tcp:443:interface=a");
    let equals = corrected("txsni:/c:unix:/a=b");
    let endpoint = types().server(&equals).unwrap();
    let Value::Server(inside) = endpoint.value("endpoint") else { panic!("no server") };
    assert_eq!(inside.value("address").as_text().unwrap(), "/a=b", "{equals}");
}

#[test]
fn keywords_may_be_ignored_and_a_place_may_have_no_keyword() {
    let text = r"websocket:tcp\:80:url=x:compress=1";
    let report = types().check(text, Role::Server);
    assert!(report.is_ok());
    let ignored: Vec<_> = report.diagnostics().iter().map(|it| (it.code, it.span)).collect();
    assert_eq!(
        ignored,
        [(Code::NeedsPlugin, Span::new(0, 9)), (Code::IgnoredArgument, Span::new(24, 34)),]
    );
    assert_eq!(canonical(text), r"websocket:tcp\:80:url=x");
    assert_eq!(errors(r"websocket:description=tcp\:80:url=x"), [(Code::MissingArgument, "")]);
    let corrected = types().check("websocket:tcp:80:url=x", Role::Server).corrected();
    assert_eq!(corrected.as_deref(), Some(&br"websocket:tcp\:80:url=x"[..]));
}
