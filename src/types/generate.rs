//! Generates `third_party.rs`, the table of types of packages, from `third_party.toml`.
//!
//! With a table in Rust, programs that read no configuration need no TOML reader, and no time at
//! their start. The source is TOML, because that is the syntax for users, and because the scripts
//! of `spec/oracle` read it. A build script could write the table too. But then every build of the
//! command and of the npm package would first compile a TOML reader, for a table that rarely
//! changes.

use std::fmt::Write as _;

use serde::Deserialize;

use super::declared::{Declared, ListensOn};
use super::read::{Known, read};
use super::table::TypeTable;
use super::third_party::THIRD_PARTY;
use strports_syntax::Role;
use strports_syntax::signature::{Binding, Condition, Default, Kind, Parameter};

const TOML: &str = include_str!("third_party.toml");
const RUST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/types/third_party.rs");

const HEAD: &str = "\
//! The types of packages: `third_party.toml` as a table in Rust.
//!
//! A test of `generate.rs` writes this file.

use std::net::{IpAddr, Ipv4Addr};

use super::declared::{Declared, Listens, ListensOn};
use strports_syntax::signature::{Condition, Joined, Kind, Package, Parameter, Words};
use strports_syntax::{Role, Signature};

pub(super) const THIRD_PARTY: &[Declared] = &[
";

fn from_toml() -> Vec<Declared> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        r#type: Vec<TypeTable>,
    }
    let file: File = toml::from_str(TOML).unwrap();
    read(&file.r#type, Known::GoesFirst).unwrap_or_else(|mistake| panic!("{}", mistake.message))
}

#[test]
fn the_table_is_that_of_the_toml_file() {
    let wanted = from_toml();
    if std::env::var_os("TABLE").is_some_and(|it| it == "overwrite") {
        let rows: String = wanted.iter().map(declared).collect();
        std::fs::write(RUST, format!("{HEAD}{rows}];\n")).unwrap();
        return;
    }
    assert_eq!(
        format!("{THIRD_PARTY:#?}"),
        format!("{wanted:#?}"),
        "write it by: TABLE=overwrite cargo test -p strports --lib types::generate && cargo fmt"
    );
}

fn declared(it: &Declared) -> String {
    let mut row = String::from("Declared {\nsignature: &");
    let one = it.signature;
    let (name, summary) = (text(one.name), text(one.summary));
    let parameters: Vec<_> = one.parameters.iter().map(parameter).collect();
    let parameters = parameters.join(",\n");
    let _ = write!(
        row,
        "Signature::plugin({}, {name}, {summary}, &[\n{parameters}\n])",
        role(one.role)
    );
    if let Some(package) = one.package {
        let (name, version) = (text(package.name), maybe(package.version));
        let _ = write!(row, ".from_package(Package {{ name: {name}, version: {version} }})");
    }
    if !one.excludes.is_empty() {
        let group = |group: &&[Condition]| {
            format!("&[{}]", group.iter().map(condition).collect::<Vec<_>>().join(", "))
        };
        let groups: Vec<_> = one.excludes.iter().map(group).collect();
        let _ = write!(row, ".excluding(&[{}])", groups.join(", "));
    }
    if one.ignores_keywords {
        row.push_str(".ignoring_keywords()");
    }
    if let Binding::Joined(joined) = one.binding {
        let (inner, escapes) = (role(joined.role), text(joined.escapes));
        let _ = write!(row, ".around(Joined {{ role: {inner}, escapes: {escapes} }})");
    }
    let also: Vec<_> = it.also.iter().map(|it| text(it)).collect();
    let notes: Vec<_> = it.notes.iter().map(|it| maybe(*it)).collect();
    let listens = it.listens.map(|it| {
        let on = match it.on {
            ListensOn::Address(address) if address.is_ipv4() && address.is_loopback() => {
                "ListensOn::Address(IpAddr::V4(Ipv4Addr::LOCALHOST))".to_owned()
            }
            ListensOn::Address(address) => panic!("no constant for {address}"),
            ListensOn::Interface(name) => format!("ListensOn::Interface({})", text(name)),
            ListensOn::Everywhere => "ListensOn::Everywhere".to_owned(),
        };
        format!("Listens {{ port: {}, on: {on} }}", text(it.port))
    });
    let _ = write!(
        row,
        ",\nnote: {},\nalso: &[{}],\nsource: {},\npython: {},\nnotes: &[{}],\nlistens: {},\n}},\n",
        maybe(it.note),
        also.join(", "),
        maybe(it.source),
        maybe(it.python),
        notes.join(", "),
        option(listens),
    );
    row
}

fn parameter(it: &Parameter) -> String {
    let (name, kind, summary) = (text(it.name), kind(it.kind), text(it.summary));
    let mut row = match it.default {
        Default::Required => format!("Parameter::required({name}, {kind}, {summary})"),
        Default::Absent => format!("Parameter::optional({name}, {kind}, {summary})"),
        Default::Text(default) => {
            format!("Parameter::or({name}, {kind}, {}, {summary})", text(default))
        }
        other => panic!("no key gives the default {other:?}"),
    };
    for (applies, call) in [
        (it.keyword_only, ".by_name()"),
        (it.positional_only, ".by_place()"),
        (it.absent_if_empty, ".absent_if_empty()"),
    ] {
        if applies {
            row.push_str(call);
        }
    }
    if let Some(with) = it.with {
        let _ = write!(row, ".with({})", condition(&with));
    }
    row
}

fn kind(kind: Kind) -> String {
    let Kind::Word(words) = kind else { return format!("Kind::{kind:?}") };
    let values: Vec<_> = words.values.iter().map(|it| text(it)).collect();
    let mut row = format!("Words::new(&[{}])", values.join(", "));
    for (applies, call) in [
        (words.any_case, ".in_any_case()"),
        (words.trimmed, ".trimmed()"),
        (words.integers, ".as_integers()"),
    ] {
        if applies {
            row.push_str(call);
        }
    }
    format!("Kind::Word(&{row})")
}

fn condition(it: &Condition) -> String {
    let (parameter, value) = (text(it.parameter), maybe(it.value));
    format!("Condition {{ parameter: {parameter}, value: {value} }}")
}

fn role(role: Role) -> String {
    format!("Role::{role:?}")
}

fn maybe(it: Option<&str>) -> String {
    option(it.map(text))
}

fn option(it: Option<String>) -> String {
    it.map_or_else(|| "None".to_owned(), |it| format!("Some({it})"))
}

/// Formats a string literal. A long one is continued on the next lines.
fn text(text: &str) -> String {
    let mut literal = String::from("\"");
    let mut length = 0;
    for word in text.split_inclusive(' ') {
        if length + word.len() > 60 {
            literal.push_str("\\\n                     ");
            length = 0;
        }
        literal.push_str(&word.replace('\\', "\\\\").replace('"', "\\\""));
        length += word.len();
    }
    literal + "\""
}
