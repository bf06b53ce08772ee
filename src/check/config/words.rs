//! The values of `strports.toml` with a fixed set of words, for its JSON schema: presets, formats,
//! codes.

use schemars::{Schema, SchemaGenerator, json_schema};

use super::presets;
use crate::check::rules::Rule;
use crate::check::source;

pub(super) fn presets(_: &mut SchemaGenerator) -> Schema {
    list_of(&presets::names())
}

pub(super) fn format(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": source::names().collect::<Vec<_>>() })
}

/// The schema of a list of codes, severities and `all`.
pub(super) fn codes(_: &mut SchemaGenerator) -> Schema {
    let groups = ["all", "error", "warning", "info"].into_iter();
    let words: Vec<_> = groups.chain(Rule::all().map(Rule::slug)).map(str::to_owned).collect();
    list_of(&words)
}

fn list_of(words: &[String]) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "enum": words } })
}
