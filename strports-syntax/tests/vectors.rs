//! Every vector of `spec/vectors`: recorded answers of Twisted, extensions, and intended
//! differences.
//!
//! A vector is an input with its expected result. `spec/expected_failures.txt` lists exactly the
//! vectors that fail.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};
use strports_syntax::Value;
use strports_syntax::signature::{Default, Kind};
use strports_syntax::{
    Description, Parameters, Role, Text, TokenKind, check, quote_positional, quote_string_argument,
    tokens,
};

fn spec() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spec")
}

fn load(file: &Path) -> Vec<Json> {
    let text = fs::read_to_string(file).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Runs `answer` on each vector of `files`; exactly those in `spec/expected_failures.txt` must
/// fail.
fn hold(files: &[&str], answer: impl Fn(&Json) -> Result<(), String>) {
    let list = fs::read_to_string(spec().join("expected_failures.txt")).unwrap();
    let expected: BTreeSet<&str> =
        list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let mut failures = BTreeMap::new();
    let mut count = 0;
    for file in files {
        for vector in load(&spec().join("vectors").join(file)) {
            count += 1;
            let id = vector["id"].as_str().unwrap().to_owned();
            match (answer(&vector), expected.contains(id.as_str())) {
                (Ok(()), false) | (Err(_), true) => {}
                (Ok(()), true) => drop(failures.insert(id, "passes unexpectedly".to_owned())),
                (Err(why), false) => {
                    drop(failures.insert(id, format!("{} {why}", vector["input"])));
                }
            }
        }
    }
    assert!(count > 0);
    assert!(failures.is_empty(), "{} of {count} fail: {failures:#?}", failures.len());
}

fn equal(found: &Json, expected: &Json) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("gave {found}, not {expected}")) }
}

#[test]
fn tokenize() {
    hold(&["tokenize.json"], |vector| {
        let text = vector["input"].as_str().unwrap();
        let trailing = tokens(text.as_bytes()).any(|it| it.kind == TokenKind::TrailingBackslash);
        if vector.get("err").is_some() {
            return equal(&json!(trailing), &json!(true));
        }
        // Twisted's tokenizer also returns an empty string between two operators, and at both ends.
        let mut found = vec![json!(["string", ""])];
        for token in tokens(text.as_bytes()) {
            let piece = &text[token.span.start..token.span.end];
            if token.kind == TokenKind::Text {
                let keyword = format!("t:key={piece}");
                let read = Description::parse(&keyword).unwrap();
                let value = read.arguments().next().unwrap().value.to_string();
                *found.last_mut().unwrap() = json!(["string", value]);
            } else {
                found.push(json!(["op", piece]));
                found.push(json!(["string", ""]));
            }
        }
        equal(&json!(found), &vector["ok"]["tokens"])
    });
}

#[test]
fn parse() {
    hold(&["parse.json"], |vector| {
        let text = vector["input"].as_str().unwrap();
        // With a type at the beginning, any text without a trailing backslash is a description.
        let whole = format!("type:{text}");
        let parsed = Description::parse(&whole);
        let ascii = |text: &Text<'_>| text.raw().is_ascii();
        let refused = match &parsed {
            Err(_) => true,
            Ok(read) => read.arguments().any(|it| it.key.is_some_and(|key| !ascii(&key))),
        };
        if vector.get("err").is_some() || refused {
            return equal(&json!(refused), &json!(vector.get("err").is_some()));
        }
        let mut positional = Vec::new();
        let mut keywords = Map::new();
        for argument in parsed.unwrap().arguments() {
            match argument.key {
                None => positional.push(json!(argument.value.to_string())),
                Some(key) => {
                    keywords.insert(key.to_string(), json!(argument.value.to_string()));
                }
            }
        }
        let found = json!({"positional": positional, "keywords": keywords});
        equal(&found, &vector["ok"])
    });
}

#[test]
fn quote() {
    hold(&["quote.json"], |vector| {
        let text = vector["input"].as_str().unwrap();
        let quoted = quote_string_argument(text);
        equal(&json!(quoted), &vector["ok"]["quoted"])?;
        let value = format!("t:k={quoted}:{}", quote_positional(text));
        let read = Description::parse(&value).unwrap();
        let values: Vec<_> = read.arguments().map(|it| it.value.to_string()).collect();
        equal(&json!(values), &json!([text, text]))
    });
}

#[test]
fn endpoints() {
    hold(&["server.json", "client.json", "errors.json"], |vector| {
        let report = report(vector);
        let here = vector.get("differs").map(|differs| &differs["here"]);
        let found = report.endpoint().map(endpoint);
        match (here, found) {
            (Some(Json::String(word)), _) if word == "either" => Ok(()),
            (Some(Json::String(word)), found) if word == "refused" => {
                equal(&json!(found), &Json::Null)
            }
            (Some(expected), Some(found)) => contains(&found, expected),
            (None, Some(found)) if vector.get("ok").is_some() => {
                contains(&found, &vector["ok"])?;
                equal(&json!(report.portable()), &json!(true))
            }
            // Text that Twisted rejects must be rejected here too, or use an extension.
            (None, Some(_)) => equal(&json!(report.portable()), &json!(false)),
            (None, None) => equal(&json!(vector.get("ok").is_some()), &json!(false)),
            (Some(_), None) => Err("was refused".to_owned()),
        }?;
        canonical(vector, &report)
    });
}

#[test]
fn extensions() {
    let files: Vec<_> = fs::read_dir(spec().join("vectors/extensions"))
        .unwrap()
        .map(|entry| format!("extensions/{}", entry.unwrap().file_name().to_str().unwrap()))
        .collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    hold(&files, |vector| {
        let report = report(vector);
        match (vector.get("err"), report.endpoint().map(endpoint)) {
            (Some(slug), None) => {
                let slugs: Vec<_> = report.errors().map(|it| json!(it.code.slug())).collect();
                if slugs.contains(slug) { Ok(()) } else { Err(format!("{slugs:?}, not {slug}")) }
            }
            (None, Some(found)) => {
                contains(&found, &vector["ok"])?;
                equal(&json!(report.portable()), &vector["portable"])
            }
            (_, found) => Err(format!("gave {found:?}")),
        }?;
        canonical(vector, &report)
    });
}

fn role(vector: &Json) -> Role {
    match vector["role"].as_str().unwrap() {
        "server" => Role::Server,
        _ => Role::Client,
    }
}

fn report(vector: &Json) -> strports_syntax::Report<'_> {
    check(vector["input"].as_str().unwrap(), role(vector))
}

/// Checks that the canonical form parses to the same endpoint, and is its own canonical form.
fn canonical(vector: &Json, report: &strports_syntax::Report<'_>) -> Result<(), String> {
    let Some(text) = report.canonical() else { return Ok(()) };
    let again = check(&text, role(vector));
    equal(&json!(again.endpoint().map(endpoint)), &json!(report.endpoint().map(endpoint)))?;
    equal(&json!(again.canonical()), &json!(text))
}

/// Returns an error unless `found` has every key of `expected` with the same value; others may be
/// added.
fn contains(found: &Json, expected: &Json) -> Result<(), String> {
    let Json::Object(expected) = expected else { return equal(found, expected) };
    expected.iter().try_for_each(|(key, value)| {
        let found = found.get(key).ok_or_else(|| format!("has no `{key}`"))?;
        contains(found, value)
    })
}

/// The endpoint as the JSON of the vectors: its type, and the value of each parameter.
fn endpoint(endpoint: &dyn Parameters) -> Json {
    let mut object = Map::new();
    object.insert("type".into(), endpoint.signature().name.into());
    for parameter in endpoint.signature().parameters {
        let mut value = endpoint.value(parameter.name);
        if let (Value::Absent, Default::SameAs(other)) = (&value, parameter.default) {
            value = endpoint.value(other);
        }
        if parameter.kind != Kind::Ignored {
            object.insert(parameter.name.into(), self::value(&value));
        }
    }
    if let nested @ (Value::Server(_) | Value::Client(_)) = endpoint.value("endpoint") {
        object.insert("endpoint".into(), value(&nested));
    }
    Json::Object(object)
}

fn value(value: &Value<'_>) -> Json {
    match value {
        Value::Absent => Json::Null,
        Value::Integer(integer) => match i64::try_from(*integer) {
            Ok(integer) => json!(integer),
            Err(_) => json!(integer.to_string()),
        },
        Value::Thousandths(value) => json!(f64::from(*value) / 1000.0),
        Value::Octal(bits) => json!(format!("{bits:o}")),
        Value::Flag(on) => json!(on),
        Value::Text(text) => json!(text.to_string()),
        Value::Word(word) => json!(word),
        Value::Texts(texts) => texts.iter().map(|text| json!(text.to_string())).collect(),
        Value::Server(nested) => endpoint(*nested),
        Value::Client(nested) => endpoint(*nested),
        other => panic!("{other:?}"),
    }
}
