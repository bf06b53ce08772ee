//! Recorded answers: the model gives Twisted's for each vector, and so does the parser. Mistakes
//! are found by the same rules, at the same places, with the same fixes.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value as Json, json};
use strports_fuzz::model::client::client_from_string;
use strports_fuzz::model::endpoint::{Endpoint, Value};
use strports_fuzz::model::python::{Raised, int, int_base_8};
use strports_fuzz::model::server::server_from_string;
use strports_syntax::signature::Release;
use strports_syntax::{Role, Signature};

/// The vectors with the parser's answers, as its own tests read them.
#[path = "../../strports-syntax/tests/vectors.rs"]
mod vectors;

/// What releases of Twisted accept, by the table of changes and by the releases themselves.
#[path = "../../strports-syntax/tests/versions.rs"]
mod versions;

#[path = "../examples/findings.rs"]
mod findings;

#[test]
fn mistakes_are_found_as_recorded() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("answers/findings.txt");
    let recorded = fs::read_to_string(path).unwrap();
    let mut different = Vec::new();
    for line in recorded.lines() {
        let [role, text, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let role = if role == "server" { Role::Server } else { Role::Client };
        let found = findings::line(&unescaped(text), role);
        if found.trim_end() != line.trim_end() {
            different.push(format!("{line}\nbut now\n{found}"));
        }
    }
    assert!(recorded.lines().count() > 500);
    let how = "if that is right, examples/findings.rs says how to record them again";
    assert!(different.is_empty(), "{how}:\n{}", different.concat());
}

/// The first releases with a type or a parameter are those of the recorded answers.
#[test]
fn first_releases_are_those_recorded() {
    let mut recorded: Vec<String> = Vec::new();
    for row in rows("versions/summary.json") {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        if ["type", "parameter"].contains(&&*text("what")) {
            let name = [text("role"), text("type"), text("parameter"), text("since")];
            recorded.push(name.join(" "));
        }
    }
    let mut found: Vec<String> = Vec::new();
    for role in [Role::Server, Role::Client] {
        for signature in Signature::all(role) {
            let mut add = |name: &str, since: Option<Release>, until: Option<Release>| {
                assert_eq!(until, None, "{} {name}", signature.name);
                let all = since.map(|it| format!("{}.{}.{}", it.year, it.month, it.patch));
                found.extend(all.map(|it| [role.as_str(), signature.name, name, &it].join(" ")));
            };
            add("", signature.since(), signature.until());
            signature.parameters.iter().for_each(|it| add(it.name, it.since(), it.until()));
        }
    }
    recorded.sort();
    found.sort();
    assert_eq!(found, recorded);
}

/// The inverse of `escape_ascii`.
fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next().unwrap() {
            b't' => bytes.push(b'\t'),
            b'r' => bytes.push(b'\r'),
            b'n' => bytes.push(b'\n'),
            b'x' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            }
            itself => bytes.push(itself),
        }
    }
    bytes
}

fn rows(name: &str) -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Rows of `spec/DIFFERENCES.md` outside the model: this project refuses these inputs.
const LEFT_OUT: [&str; 5] = [
    "unicode-type-case",
    "sslmethod-obsolete",
    "sslmethod-dtls-or-client",
    "sslmethod-not-a-method",
    "systemd-domain",
];

/// Compares the model's answer with the recorded one.
fn compare(vector: &Json, answer: &Answer, undecided: &mut usize) -> Option<String> {
    let rows = vector["differs"]["rows"].as_array().map_or(&[][..], Vec::as_slice);
    let is_left_out = rows.iter().any(|row| LEFT_OUT.contains(&row.as_str().unwrap()));
    if is_left_out || matches!(answer, Err(Raised::Undecided(_))) {
        *undecided += 1;
        return None;
    }
    let same = match (answer, vector.get("ok")) {
        (Ok(found), Some(expected)) => found == expected,
        (Err(_), None) => true,
        _ => false,
    };
    (!same).then(|| format!("{}: {answer:?}, but Twisted: {vector}", vector["id"]))
}

fn assert_equal(name: &str, most_undecided: usize, answer: impl Fn(&str, &Json) -> Answer) {
    let vectors = rows(name);
    let mut undecided = 0;
    let different: Vec<String> = vectors
        .iter()
        .filter_map(|vector| {
            let answer = answer(vector["input"].as_str().unwrap(), vector);
            compare(vector, &answer, &mut undecided)
        })
        .collect();
    assert!(vectors.len() > 200, "only {} vectors", vectors.len());
    assert!(different.is_empty(), "{} differ: {different:#?}", different.len());
    assert!(undecided <= most_undecided, "{undecided} of {} are undecided", vectors.len());
}

type Answer = Result<Json, Raised>;

#[test]
fn servers_equal_those_of_twisted() {
    assert_equal("server.json", 60, |input, _| server_from_string(input).map(|it| json_of(&it)));
}

#[test]
fn clients_equal_those_of_twisted() {
    assert_equal("client.json", 60, |input, _| {
        let endpoint = client_from_string(input)?;
        if let Some(Value::Integer(timeout)) = endpoint.values.get("timeout") {
            in_i128(*timeout)?;
        }
        Ok(json_of(&endpoint))
    });
}

#[test]
fn values_equal_those_of_python() {
    assert_equal("coercion.json", 40, |input, vector| {
        let value = match vector["as"].as_str().unwrap() {
            "integer" => Value::Integer(in_i128(int(input)?)?),
            "mode" => return int_base_8(input).map(|mode| json!({ "value": octal(mode) })),
            "flag" => Value::Flag(int(input)? != 0),
            other => panic!("no coercion is called {other}"),
        };
        Ok(json!({ "value": json_of_value("", &value) }))
    });
}

/// Larger integers saturate in the model.
fn in_i128(integer: i128) -> Result<i128, Raised> {
    let saturates = integer.unsigned_abs() >= i128::MAX.unsigned_abs();
    if saturates { Err(Raised::Undecided("integer-beyond-64-bits")) } else { Ok(integer) }
}

fn json_of(endpoint: &Endpoint) -> Json {
    let mut object = Map::new();
    object.insert("type".into(), endpoint.type_name.into());
    for (name, value) in &endpoint.values {
        object.insert((*name).into(), json_of_value(name, value));
    }
    Json::Object(object)
}

fn json_of_value(name: &str, value: &Value) -> Json {
    match value {
        Value::None => Json::Null,
        Value::Text(text) => text.as_str().into(),
        Value::Integer(mode) if name == "mode" => octal(*mode).into(),
        // The vectors store integers that JSON readers might round as strings.
        Value::Integer(integer) => match i64::try_from(*integer) {
            Ok(integer) if integer != i64::MIN => integer.into(),
            _ => integer.to_string().into(),
        },
        Value::Flag(flag) => (*flag).into(),
        Value::Endpoint(endpoint) => json_of(endpoint),
    }
}

/// An integer as `format(mode, "o")` writes it.
fn octal(mode: i128) -> String {
    let sign = if mode < 0 { "-" } else { "" };
    format!("{sign}{:o}", mode.unsigned_abs())
}
