//! Types of plugins are bound, checked, printed and nested as built-in types are.
#![cfg(feature = "alloc")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use strports_syntax::Value;
use strports_syntax::signature::{Kind, Parameter};
use strports_syntax::{
    ClientEndpoint, Code, Parameters, Role, ServerEndpoint, Signature, Span, Types,
};

static SERIAL: Signature = Signature::plugin(
    Role::Client,
    "serial",
    "a serial line",
    &[
        Parameter::required("deviceNameOrPortNumber", Kind::Path, "its device"),
        Parameter::or("baudrate", Kind::Seconds, "9600", "how fast it is"),
        Parameter::optional("rtscts", Kind::Flag, "whether hardware says when to send"),
        Parameter::optional("mode", Kind::Mode, "the permissions of its lock").by_name(),
        Parameter::optional("log", Kind::Description, "where to copy everything").by_name(),
        Parameter::optional("label", Kind::Repeated, "what it is called").by_name(),
    ],
);

static SOCKS: Signature = Signature::plugin(
    Role::Server,
    "socks",
    "a SOCKS proxy",
    &[Parameter::required("port", Kind::Port, "its port")],
);

fn types() -> Types<'static> {
    static PLUGINS: [&Signature; 2] = [&SERIAL, &SOCKS];
    Types::with(&PLUGINS).unwrap()
}

#[test]
fn every_kind_of_value_is_read_and_printed() {
    let text = r"serial:/dev/tty\:1:115200:1:mode=660:log=unix\:/run/log:label=a:label=b";
    let endpoint = types().client(text).unwrap();
    assert_eq!(endpoint.signature(), &SERIAL);
    assert_eq!(endpoint.value("deviceNameOrPortNumber").as_text().unwrap(), "/dev/tty:1");
    assert_eq!(endpoint.value("baudrate").as_integer(), Some(115_200));
    assert_eq!(endpoint.value("rtscts").as_flag(), Some(true));
    assert_eq!(endpoint.value("mode"), Value::Octal(0o660));
    assert_eq!(endpoint.value("no such parameter"), Value::Absent);
    let Value::Client(log) = endpoint.value("log") else { panic!("it is a client") };
    assert_eq!(log.to_string(), "unix:/run/log");
    let Value::Texts(labels) = endpoint.value("label") else { panic!("they are texts") };
    assert_eq!(labels.iter().map(|it| it.to_string()).collect::<Vec<_>>(), ["a", "b"]);

    let canonical = endpoint.to_string();
    assert_eq!(types().client(&canonical).unwrap(), endpoint, "{canonical}");
    let owned: ClientEndpoint<'static> = endpoint.clone().into_owned();
    assert_eq!(owned, endpoint);
}

#[test]
fn missing_arguments_have_defaults_or_are_absent() {
    let endpoint = types().client("serial:/dev/ttyS0").unwrap();
    assert_eq!(endpoint.value("baudrate").as_integer(), Some(9600));
    assert_eq!(endpoint.value("rtscts"), Value::Absent);
    assert_eq!(endpoint.value("log"), Value::Absent);
    assert_eq!(endpoint.to_string(), "serial:/dev/ttyS0");
    assert_eq!(types().client("serial:/dev/ttyS0:9600").unwrap(), endpoint);
}

#[test]
fn mistakes_are_found_as_in_any_type() {
    let report = types().check("serial:baudrate=fast:rtscst=1", Role::Client);
    let found: Vec<_> = report.errors().map(|it| (it.code, it.span)).collect();
    assert_eq!(
        found,
        [
            (Code::NotAnInteger, Span::new(16, 20)),
            (Code::UnexpectedKeyword, Span::new(21, 27)),
            (Code::MissingArgument, Span::new(29, 29)),
        ]
    );
    let suggested = &report.errors().nth(1).unwrap().fix.as_ref().unwrap().replacement;
    assert_eq!(suggested, b"rtscts");
}

/// Compares with recorded results of Twisted, except for letters that Unicode lower-cases to ASCII.
#[test]
fn prefixes_are_found_in_any_case() {
    const PORT: &[Parameter] = &[Parameter::required("port", Kind::Port, "its port")];
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/vectors/plugins.json");
    let vectors: Vec<Json> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    for vector in &vectors {
        let text = |key: &str| vector[key].as_str().unwrap();
        let role = if text("role") == "server" { Role::Server } else { Role::Client };
        let prefix: &'static str = text("prefix").to_owned().leak();
        let signature = Signature::plugin(role, prefix, "a test", PORT);
        let plugins = [&*Box::leak(Box::new(signature))];
        let report = Types::with(&plugins).unwrap().check(text("input"), role);
        let found = report.endpoint().map(|it| it.signature().name);
        match vector.get("differs") {
            None => assert_eq!(found, vector["ok"]["type"].as_str(), "{vector}"),
            Some(differs) => assert!(differs["here"] == "refused" && found.is_none(), "{vector}"),
        }
    }
    assert!(vectors.len() > 50);
}

#[test]
fn a_guessed_type_may_be_a_plugin() {
    let message = |text, role| types().check(text, role).errors().next().unwrap().message.clone();
    assert!(message("seriel:/dev/ttyS0", Role::Client).contains("did you mean `serial`?"));
    assert!(message("serial:/dev/ttyS0", Role::Server).contains("the other role"));
    assert!(ClientEndpoint::parse("serial:/dev/ttyS0").is_err(), "only where it was declared");
}

#[test]
fn plugins_nest_in_other_descriptions() {
    let wrapped = types().server("haproxy:socks:1080").unwrap();
    let Value::Server(inner) = wrapped.value("endpoint") else { panic!("it is a server") };
    assert_eq!(inner.signature(), &SOCKS);
    assert_eq!(wrapped.to_string(), "haproxy:socks:1080");

    let text = r"tls:example.com:443:endpoint=serial\:/dev/ttyS0";
    let tls = types().client(text).unwrap();
    let Value::Client(inner) = tls.value("endpoint") else { panic!("it is a client") };
    assert_eq!(inner.signature(), &SERIAL);

    let report = types().check(r"tls:h:443:endpoint=serial\:/dev/ttyS0\:slow", Role::Client);
    assert_eq!(report.errors().next().unwrap().span, Span::new(39, 43));
}

#[test]
fn a_plugin_is_not_part_of_twisted() {
    assert_eq!(types().check("socks:1080", Role::Server).portable(), Some(false));
    let (report, both) = types().check_either("socks:1080");
    assert!(matches!(report.server(), Some(ServerEndpoint::Plugin(_))) && !both);
}

#[test]
fn inconsistent_signatures_are_refused() {
    const fn server(name: &'static str, parameters: &'static [Parameter]) -> Signature {
        Signature::plugin(Role::Server, name, "a test", parameters)
    }
    const A: Parameter = Parameter::required("a", Kind::Text, "the first");
    const B: Parameter = Parameter::optional("b", Kind::Text, "the second");
    const MANY: &[Parameter] = &[A; Signature::MOST_PARAMETERS + 1];
    static BAD: [(Signature, &str); 8] = [
        (server("TCP", &[]), "the type `TCP` exists already"),
        (server("two words", &[]), "the type `two words` is not a word of ASCII characters"),
        (server("x", MANY), "the type `x` has too many parameters (16 is the most)"),
        (server("x", &[A, A]), "the type `x` has two parameters of one name"),
        (server("x", &[B, A]), "the type `x` has a required parameter after an optional one"),
        (
            server("x", &[A.by_name(), B]),
            "the type `x` has a positional parameter after a keyword-only one",
        ),
        (
            server("x", &[Parameter::optional("", Kind::Text, "nothing")]),
            "the type `x` has a parameter whose name is not a word of ASCII characters",
        ),
        (
            server("x", &[Parameter::optional("a", Kind::Rest, "the others")]),
            "the type `x` gathers positional arguments, which plugins cannot",
        ),
    ];
    static SERVER_TOO: Signature = Signature::plugin(Role::Server, "serial", "another", &[]);
    for (signature, message) in &BAD {
        assert_eq!(Types::with(&[signature]).unwrap_err().to_string(), *message);
    }
    assert_eq!(
        Types::with(&[&SOCKS, &SOCKS]).unwrap_err().to_string(),
        "the type `socks` exists already"
    );
    assert!(Types::with(&[&SERIAL, &SERVER_TOO]).is_ok(), "one of each role");
}
