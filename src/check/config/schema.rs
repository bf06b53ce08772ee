//! The JSON schema of `strports.toml`, generated from the tables that read it.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::tables::{File, InOrder, ListOrTable, PathLintsTable};
use super::words::codes;

/// The schema of `strports.toml`, and of `[tool.strports]` in `pyproject.toml`.
pub(crate) fn schema() -> Schema {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<File>();
    schema.insert("title".to_owned(), "strports.toml".into());
    schema
}

impl<V: JsonSchema> JsonSchema for InOrder<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("TableOf{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let values = generator.subschema_for::<V>();
        json_schema!({ "type": "object", "additionalProperties": values })
    }
}

impl JsonSchema for ListOrTable {
    fn schema_name() -> Cow<'static, str> {
        "ListOrTable".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (list, table) = (codes(generator), generator.subschema_for::<PathLintsTable>());
        json_schema!({ "anyOf": [list, table] })
    }
}
