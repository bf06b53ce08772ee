//! A description has the same meaning here as in the port of Twisted in [`model`](crate::model).
//!
//! | Twisted | this project |
//! | --- | --- |
//! | constructs an endpoint | constructs it with the same values, and calls it portable |
//! | constructs one that can never work | refuses it; the slug is in `spec/DIFFERENCES.md` |
//! | raises an exception | refuses the description, or calls it an extension |

use std::collections::BTreeMap;

use strports_syntax::Value as Given;
use strports_syntax::value::{Flag, Number, TlsMethod};
use strports_syntax::{
    ClientEndpoint, Parameters, PassedSocket, Role, ServerEndpoint, Signature, SslServer,
    SystemdServer, Text, check,
};

use crate::model::client::client_from_string;
use crate::model::endpoint::{Endpoint, Value};
use crate::model::python::Raised;
use crate::model::server::server_from_string;

/// What the parser of this project returns for a description.
#[derive(Debug, PartialEq)]
enum Found {
    Refused,
    /// An endpoint of a type that only this project supports.
    Extension,
    Endpoint(Endpoint),
}

impl Found {
    fn new<T, E>(parsed: &Result<T, E>, values: impl Fn(&T) -> Option<Endpoint>) -> Self {
        let Ok(endpoint) = parsed else { return Self::Refused };
        values(endpoint).map_or(Self::Extension, Self::Endpoint)
    }
}

/// Checks the law: `input` is a description, in both roles. Twisted takes only text, so other bytes
/// are skipped.
pub fn holds(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (parsed, expected) = (ServerEndpoint::parse(text), server_from_string(text));
    if let (Ok(parsed), Ok(expected)) = (&parsed, &expected) {
        says(parsed, expected);
        prints_the_same(expected, &server_from_string(&parsed.to_string()), text);
    }
    agrees(text, Role::Server, expected, &Found::new(&parsed, server_values));
    let (parsed, expected) = (ClientEndpoint::parse(text), client_from_string(text));
    if let (Ok(parsed), Ok(expected)) = (&parsed, &expected) {
        says(parsed, expected);
        prints_the_same(expected, &client_from_string(&parsed.to_string()), text);
    }
    agrees(text, Role::Client, expected, &Found::new(&parsed, client_values));
}

/// Twisted reads the canonical form of a text as it reads the text.
fn prints_the_same(expected: &Endpoint, printed: &Result<Endpoint, Raised>, text: &str) {
    assert_eq!(printed.as_ref(), Ok(expected), "the canonical form of {text:?}");
}

/// The values of an endpoint equal those of Twisted, by the names of the parameters.
fn says(found: &dyn Parameters, expected: &Endpoint) {
    let values: BTreeMap<_, _> = found.values().collect();
    for (name, expected) in &expected.values {
        let found = match (values.get(name), expected) {
            (Some(Given::Server(inner)), Value::Endpoint(outer)) => {
                says(*inner, outer);
                continue;
            }
            (Some(Given::Client(inner)), Value::Endpoint(outer)) => {
                says(*inner, outer);
                continue;
            }
            (Some(Given::Integer(integer)), _) => Value::Integer(*integer),
            (Some(Given::Octal(mode)), _) => Value::Integer((*mode).into()),
            (Some(Given::Flag(on)), _) => Value::Flag(*on),
            (Some(Given::Text(given)), _) => text(given),
            (Some(Given::Word(word)), _) => Value::Text((*word).to_owned()),
            (Some(Given::Absent), _) => Value::None,
            (other, _) => panic!("`{name}` is {other:?}"),
        };
        assert_eq!(found, *expected, "`{name}`");
    }
}

fn agrees(text: &str, role: Role, expected: Result<Endpoint, Raised>, found: &Found) {
    let portable = check(text, role).portable();
    match expected {
        Err(Raised::Undecided(_)) => {}
        Err(raised) => {
            assert_ne!(portable, Some(true), "Twisted raises {raised:?} for {role:?} {text:?}");
            if let Found::Endpoint(endpoint) = found {
                let reason = uses_extension(text) || has_host_of_ours(endpoint);
                assert!(reason, "accepted without an extension: {role:?} {text:?}, {raised:?}");
            }
        }
        Ok(endpoint) => {
            if let Some(slug) = endpoint.refused_here() {
                assert_eq!(*found, Found::Refused, "{slug}: {role:?} {text:?} is accepted");
                return;
            }
            if *found == Found::Refused && endpoint.either_here() {
                return;
            }
            let expected = Found::Endpoint(endpoint);
            assert_eq!(*found, expected, "left: here, right: Twisted; {role:?} {text:?}");
            assert_eq!(portable, Some(true), "{role:?} {text:?}");
        }
    }
}

/// Whether a text contains, at any nesting depth, a keyword that Twisted lacks.
fn uses_extension(text: &str) -> bool {
    let plain = text.replace('\\', "");
    let signatures = [Role::Server, Role::Client].into_iter().flat_map(Signature::all);
    let mut parameters = signatures.flat_map(|it| it.parameters);
    parameters.any(|it| it.extension && plain.contains(&format!("{}=", it.name)))
}

/// Whether an endpoint has a value that only this project accepts: a host with an underscore, an
/// IPv6 host of `tls`, or TLS 1.3 as the method.
fn has_host_of_ours(endpoint: &Endpoint) -> bool {
    endpoint.values.iter().any(|(name, value)| match (*name, value) {
        ("host", Value::Text(host)) if endpoint.type_name == "tls" => host.contains(['_', ':']),
        ("hostname", Value::Text(host)) => host.contains('_'),
        ("sslmethod", Value::Text(method)) => method == "TLSv1_3_METHOD",
        (_, Value::Endpoint(inner)) => has_host_of_ours(inner),
        _ => false,
    })
}

/// Returns the values that Twisted has too, for a server type of Twisted; `None` for other types.
fn server_values(endpoint: &ServerEndpoint<'_>) -> Option<Endpoint> {
    Some(match endpoint {
        ServerEndpoint::Tcp(it) => Endpoint::new(
            "tcp",
            [
                ("port", integer(&it.port)),
                ("interface", text(&it.interface)),
                ("backlog", integer(&it.backlog)),
            ],
        ),
        ServerEndpoint::Tcp6(it) => Endpoint::new(
            "tcp6",
            [
                ("port", integer(&it.port)),
                ("backlog", integer(&it.backlog)),
                ("interface", text(&it.interface)),
            ],
        ),
        ServerEndpoint::Ssl(it) => ssl_server_values(it)?,
        ServerEndpoint::Unix(it) => Endpoint::new(
            "unix",
            [
                ("address", text(&it.address)),
                ("mode", Value::Integer(it.mode.bits().into())),
                ("backlog", integer(&it.backlog)),
                ("lockfile", flag(&it.lockfile)),
            ],
        ),
        ServerEndpoint::Tls(it) => Endpoint::new(
            "tls",
            [
                ("path", text(&it.path)),
                ("port", integer(&it.port)),
                ("backlog", integer(&it.backlog)),
                ("interface", text(&it.interface)),
            ],
        ),
        ServerEndpoint::Systemd(it) => systemd_values(it),
        ServerEndpoint::Stdio(_) => Endpoint::new("stdio", []),
        ServerEndpoint::Haproxy(it) => {
            let inner = Value::Endpoint(Box::new(server_values(&it.endpoint)?));
            Endpoint::new("haproxy", [("endpoint", inner)])
        }
        _ => return None,
    })
}

fn ssl_server_values(it: &SslServer<'_>) -> Option<Endpoint> {
    Some(Endpoint::new(
        "ssl",
        [
            ("port", integer(it.port.as_ref()?)),
            ("privateKey", text(&it.private_key)),
            ("certKey", text(it.cert_key.as_ref().unwrap_or(&it.private_key))),
            ("sslmethod", it.ssl_method.map_or(Value::None, |method| Value::Text(name(method)))),
            ("interface", text(&it.interface)),
            ("backlog", integer(&it.backlog)),
            ("extraCertChain", optional(it.extra_cert_chain.as_ref())),
            ("dhParameters", optional(it.dh_parameters.as_ref())),
        ],
    ))
}

fn systemd_values(it: &SystemdServer<'_>) -> Endpoint {
    let (index, name) = match &it.socket {
        PassedSocket::Index(index) => (integer(index), Value::None),
        PassedSocket::Name(name) => (Value::None, text(name)),
    };
    let domain = Value::Text(it.domain.to_string());
    Endpoint::new("systemd", [("domain", domain), ("index", index), ("name", name)])
}

/// Returns the values that Twisted has too, for a client type of Twisted; `None` for other types.
fn client_values(endpoint: &ClientEndpoint<'_>) -> Option<Endpoint> {
    Some(match endpoint {
        ClientEndpoint::Tcp(it) => Endpoint::new(
            "tcp",
            [
                ("host", text(&it.host)),
                ("port", integer(&it.port)),
                ("timeout", integer(&it.timeout)),
                ("bindAddress", optional(it.bind_address.as_ref())),
            ],
        ),
        ClientEndpoint::Ssl(it) => Endpoint::new(
            "ssl",
            [
                ("host", text(&it.host)),
                ("port", integer(&it.port)),
                ("timeout", integer(&it.timeout)),
                ("bindAddress", optional(it.bind_address.as_ref())),
                ("certKey", optional(it.cert_key.as_ref())),
                ("privateKey", optional(it.private_key.as_ref())),
                ("caCertsDir", optional(it.ca_certs_dir.as_ref())),
                ("hostname", it.hostname.as_ref().map_or(Value::None, |host| text(host.text()))),
            ],
        ),
        ClientEndpoint::Unix(it) => Endpoint::new(
            "unix",
            [
                ("path", text(&it.path)),
                ("lockfile", flag(&it.lockfile)),
                ("timeout", integer(&it.timeout)),
            ],
        ),
        ClientEndpoint::Tls(it) => {
            let inner = it.endpoint.as_deref().map(client_values);
            let inner = match inner {
                Some(inner) => Value::Endpoint(Box::new(inner?)),
                None => Value::None,
            };
            let values: BTreeMap<_, _> = [
                ("host", text(it.host.text())),
                ("port", integer(&it.port)),
                ("timeout", integer(&it.timeout)),
                ("bindAddress", optional(it.bind_address.as_ref())),
                ("certificate", optional(it.certificate.as_ref())),
                ("privateKey", optional(it.private_key.as_ref())),
                ("trustRoots", optional(it.trust_roots.as_ref())),
                ("endpoint", inner),
            ]
            .into();
            Endpoint { type_name: "tls", values }
        }
        _ => return None,
    })
}

fn text(text: &Text<'_>) -> Value {
    Value::Text(text.to_string())
}

fn optional(it: Option<&Text<'_>>) -> Value {
    it.map_or(Value::None, text)
}

fn integer<T: Copy + Into<i128>>(number: &Number<'_, T>) -> Value {
    Value::Integer(number.value().into())
}

fn flag(flag: &Flag<'_>) -> Value {
    Value::Flag(flag.is_on())
}

fn name(method: TlsMethod) -> String {
    method.to_string()
}
