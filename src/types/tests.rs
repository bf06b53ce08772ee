//! Compares the parsing of packages' types with recorded results of the packages themselves, and
//! tests errors in `[[type]]` tables.

use serde_json::{Map, Value as Json, json};

use super::*;
use crate::check::config::test_mistake;
use strports_syntax::signature::Kind;
use strports_syntax::{Parameters, Value};

/// Samples for which this parser differs from the package on purpose, and why.
const DIFFERENT: &[(&str, &str)] = &[
    ("txtorcon/13", "a port over 65535 is refused, as no such port exists"),
    ("txtorcon/29", "`socksHostname` without a port is shown, though Tor is not asked there"),
    ("daphne/1", "`fd` is ours, which has no `domain`"),
    ("daphne/2", "`fd` is ours, which has no `domain`"),
    ("daphne/3", "`fd` is ours, which has no `domain`"),
    ("daphne/4", "`fd` is ours, which has no `domain`; with it listening fails"),
    ("daphne/6", "`fd` is ours, which has a keyword `fd`"),
    ("txxonion/1", "no file is read here"),
];

/// Attributes of the package's endpoint that have another name than the parameter here.
const RENAMED: &[(&str, &str)] = &[
    ("dest", "host"),
    ("samEndpoint", "apiEndpoint"),
    ("bobEndpoint", "apiEndpoint"),
    ("enableCompression", "compression"),
    ("autoFragmentSize", "autofrag"),
    ("control", "controlPort"),
    ("fileno", "fd"),
];

fn types() -> Types<'static> {
    Catalogue::new(&[]).unwrap_or_else(|mistake| panic!("{}", mistake.message)).types()
}

fn samples() -> Vec<Json> {
    let text = include_str!("../../spec/vectors/third_party.json");
    serde_json::from_str(text).unwrap()
}

#[test]
fn every_sample_has_the_answer_of_its_package() {
    let mut different = Vec::new();
    for sample in samples() {
        let text = |key: &str| sample[key].as_str().unwrap();
        let role = if text("role") == "server" { Role::Server } else { Role::Client };
        let report = types().check(text("input"), role);
        let id = text("id").strip_prefix("third_party/").unwrap().to_owned();
        let same = match (report.endpoint(), sample["ok"].as_object()) {
            (Some(endpoint), Some(ok)) => differing(endpoint, ok).is_none(),
            (None, None) => true,
            _ => false,
        };
        if !same {
            let detail = report.endpoint().zip(sample["ok"].as_object());
            let detail = detail.and_then(|(endpoint, ok)| differing(endpoint, ok));
            different.push((id, format!("{}: {detail:?}", text("input"))));
        }
    }
    let expected: Vec<_> = DIFFERENT.iter().map(|(id, _)| *id).collect();
    let unexpected: Vec<_> =
        different.iter().filter(|(id, _)| !expected.contains(&id.as_str())).collect();
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    let same: Vec<_> =
        expected.iter().filter(|id| !different.iter().any(|(it, _)| it == *id)).collect();
    assert!(same.is_empty(), "no difference any more: {same:?}");
}

/// Returns the first difference between a package's recorded result and the endpoint parsed here.
fn differing(endpoint: &dyn Parameters, ok: &Map<String, Json>) -> Option<String> {
    if ok["type"] != endpoint.signature().name {
        return Some(format!("type {}", ok["type"]));
    }
    let new_name = |key: &str| RENAMED.iter().find(|(old, _)| *old == key).map(|(_, new)| *new);
    ok.iter().filter(|(key, _)| *key != "type").find_map(|(key, wanted)| {
        let has = |name: &str| {
            endpoint.value(name) != Value::Absent || endpoint.signature().parameter(name).is_some()
        };
        let name = if has(key) { key } else { new_name(key).unwrap_or(key) };
        let found = endpoint.value(name);
        (!means(endpoint, name, &found, wanted)).then(|| format!("{name}: {found}, not {wanted}"))
    })
}

/// Whether a parsed value means the same as the value that the package returned.
fn means(endpoint: &dyn Parameters, name: &str, found: &Value<'_>, wanted: &Json) -> bool {
    let kind = endpoint.signature().parameter(name).map(|it| it.kind);
    match (found, wanted) {
        (Value::Server(inner), Json::Object(ok)) => differing(*inner, ok).is_none(),
        (Value::Client(inner), Json::Object(ok)) => differing(*inner, ok).is_none(),
        // The control port of Tor is a TCP port or the path of a UNIX socket.
        (found, Json::Object(control)) if name == "controlPort" => {
            let port = control.get("port").map(Json::to_string);
            let path = control.get("path").and_then(Json::as_str);
            port.is_some_and(|port| found.to_string() == port)
                || path.is_some_and(|path| found.to_string().ends_with(path))
        }
        // The package fills in its own default for a missing value: the API of I2P, Tor's version
        // 2.
        (Value::Absent, _) if matches!(name, "apiEndpoint" | "version" | "autoClose") => true,
        (Value::Absent, Json::Null) => true,
        (Value::Absent, Json::Object(empty)) => empty.is_empty(),
        (found, Json::Object(pairs)) if kind == Some(Kind::Pairs) => {
            let pairs: Vec<_> =
                pairs.iter().map(|(key, it)| format!("{key}:{}", it.as_str().unwrap())).collect();
            found.to_string() == pairs.join(",")
        }
        (found, Json::Bool(wanted)) => {
            let found = found.to_string().to_ascii_lowercase();
            *wanted == matches!(found.as_str(), "true" | "1")
        }
        (found, Json::Number(wanted)) => found.to_string() == wanted.to_string(),
        // The package lower-cases a subprotocol, and drops white space around it.
        (found, Json::String(wanted)) => {
            let found = found.to_string();
            found == *wanted || found.trim().to_lowercase() == *wanted
        }
        _ => false,
    }
}

#[test]
fn every_printed_sample_parses_back() {
    for sample in samples() {
        let text = |key: &str| sample[key].as_str().unwrap();
        let role = if text("role") == "server" { Role::Server } else { Role::Client };
        let report = types().check(text("input"), role);
        let Some(canonical) = report.canonical() else { continue };
        let again = types().check(&canonical, role);
        let shown = String::from_utf8_lossy(&canonical);
        assert!(again.is_ok(), "{}: {shown}", text("input"));
        assert_eq!(again.canonical().as_deref(), Some(&canonical[..]), "{shown}");
    }
}

/// Checks that the only error in a `strports.toml` with this text is `said`, a position and a
/// message.
#[track_caller]
fn refused(text: &str, said: &str) {
    assert_eq!(test_mistake(text), format!("/strports.toml:{said}"), "{text}");
}

const CORP: &str = "[[type]]\nname = \"corp\"\nroles = [\"server\"]\nsummary = \"ours\"\n";

#[test]
fn errors_have_positions() {
    let parameter = |rest: &str| {
        format!("{CORP}[[type.parameters]]\nname = \"p\"\nsummary = \"a parameter\"\n{rest}")
    };
    refused(
        "[[type]]\nname = \"tcp\"\nroles = [\"server\"]\nsummary = \"another\"\n",
        "2:8: the type `tcp` exists already",
    );
    refused(&format!("{CORP}{CORP}"), "6:8: the type `corp` exists already");
    refused(
        "[[type]]\nname = \"x\"\nroles = [\"sever\"]\nsummary = \"another\"\n",
        "3:10: unknown variant `sever`, expected `server` or `client`",
    );
    refused(&CORP.replace("[\"server\"]", "[]"), "3:9: expected `server`, `client` or both");
    refused(
        &parameter("kind = \"prot\"\n"),
        "8:8: unknown kind `prot` (did you mean `port`? known are `backlog`, `description`, \
         `flag`, `host`, `ignored`, `interface`, `mode`, `networks`, `number`, `pairs`, `path`, \
         `port`, `seconds`, `text`, `word`)",
    );
    refused(&parameter("kind = \"word\"\n"), "8:8: expected `values` beside `word`");
    refused(
        &parameter("kind = \"port\"\nvalues = [\"1\"]\n"),
        "9:10: `port` has no `values`, only `word` and `number` have",
    );
    refused(
        &parameter("kind = \"port\"\ndefault = \"http\"\n"),
        "9:11: expected an integer for `p`, but found `http`",
    );
    refused(
        &parameter("kind = \"word\"\nvalues = [\"a\", \"b\"]\ndefault = \"c\"\n"),
        "10:11: expected `a` or `b`, but found `c`",
    );
    refused(
        &parameter("kind = \"port\"\nrequired = true\ndefault = \"1\"\n"),
        "10:11: a parameter that is required has no default",
    );
    refused(&parameter("kind = \"port\"\nwith = \"q=1\"\n"), "9:8: the type has no parameter `q`");
    refused(
        &parameter("kind = \"path\"\nnests = \"server\"\n"),
        "9:9: `path` does not nest, only `description` does",
    );
    let listens = |port: &str| {
        let listens = format!("{CORP}listens = {{ port = \"{port}\" }}\n");
        parameter("kind = \"text\"\n").replacen(CORP, &listens, 1)
    };
    refused(&listens("q"), "5:20: the type has no parameter `q`");
    refused(&listens("p"), "5:20: expected a parameter of the kind `port`, but `p` has another");
    refused(
        &format!("{CORP}inside = {{ role = \"server\", escapes = [\";\"] }}\n"),
        "5:40: expected `:`, `=` or `\\`, but found `;`",
    );
}

#[test]
fn a_configuration_replaces_the_type_of_a_package() {
    let settings = crate::check::config::test_settings(&CORP.replace("corp", "Onion"));
    let report = settings.types().check("onion", Role::Server);
    assert_eq!(report.canonical().as_deref(), Some(&b"Onion"[..]));
    let listed: Vec<_> = settings.catalogue.list().filter(|it| it.is_named("onion")).collect();
    assert!(matches!(&listed[..], [one] if one.origin == Origin::Configuration));
    assert!(settings.types().check("tor:x.onion:80", Role::Client).is_ok());
}

#[test]
fn every_type_of_a_package_says_where_it_comes_from() {
    for declared in THIRD_PARTY {
        let package = declared.signature.package.unwrap();
        assert!(package.version.is_some() && declared.source.is_some(), "{package}");
        assert_eq!(declared.notes.len(), declared.signature.parameters.len());
    }
    let known = json!(THIRD_PARTY.iter().map(|it| it.signature.name).collect::<Vec<_>>());
    for sample in samples().iter().filter(|it| it.get("ok").is_some()) {
        let name = &sample["ok"]["type"];
        assert!(known.as_array().unwrap().contains(name) || name == "tls" || name == "haproxy");
    }
}
