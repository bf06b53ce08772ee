//! The tables and keys that `strports.toml` may have, taken from its JSON schema.

use serde_json::{Map, Value};

use crate::check::config::schema;

/// The JSON schema of `strports.toml`, with lookup of its tables.
pub(crate) struct Tables {
    root: Value,
}

/// One key that a table of `strports.toml` may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) name: String,
    /// What the key means: its description in the schema.
    pub(crate) summary: String,
    /// The values that the schema lists; empty if any value is allowed.
    pub(crate) values: Vec<String>,
}

impl Tables {
    pub(crate) fn new() -> Self {
        Self { root: schema().to_value() }
    }

    /// Returns the keys of the table with this header, such as `type.parameters`. The empty header
    /// is the top level.
    pub(crate) fn keys(&self, table: &str) -> Vec<Key> {
        let properties = self.properties(table).into_iter().flatten();
        properties.map(|(name, value)| self.one(name, value)).collect()
    }

    /// Returns the key `name` of a table; `None` if the schema lacks the table or the key.
    pub(crate) fn key(&self, table: &str, name: &str) -> Option<Key> {
        let value = self.properties(table)?.get(name)?;
        Some(self.one(name, value))
    }

    /// Returns the headers of all tables, each after the table that contains it.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.add_names("", &mut names);
        names
    }

    fn add_names(&self, table: &str, names: &mut Vec<String>) {
        for (name, value) in self.properties(table).into_iter().flatten() {
            let header = if table.is_empty() { name.clone() } else { format!("{table}.{name}") };
            if self.table_of(value).is_some() && !names.contains(&header) {
                names.push(header.clone());
                self.add_names(&header, names);
            }
        }
    }

    fn one(&self, name: &str, value: &Value) -> Key {
        let summary = value["description"].as_str().unwrap_or_default().to_owned();
        let mut values = Vec::new();
        self.add_values(value, &mut values);
        Key { name: name.to_owned(), summary, values }
    }

    /// Returns the schemas of a table's keys by name; `None` if there is no such table.
    fn properties(&self, table: &str) -> Option<&Map<String, Value>> {
        let mut place = &self.root;
        for name in table.split('.').filter(|name| !name.is_empty()) {
            let inner = place["properties"].get(name);
            // A table whose keys are patterns, such as paths, has one schema for all keys.
            place = match inner {
                Some(inner) => self.table_of(inner)?,
                None => self.table_of(place.get("additionalProperties")?)?,
            };
        }
        place["properties"].as_object()
    }

    /// Returns the schema of the table that a key contains: the value itself, each item of an
    /// array, or one of several alternatives. `None` if the value is no table.
    fn table_of<'s>(&'s self, value: &'s Value) -> Option<&'s Value> {
        let value = self.resolved(value);
        if value.get("properties").is_some() || value["additionalProperties"].is_object() {
            return Some(value);
        }
        let forms = ["anyOf", "allOf", "oneOf"].iter().filter_map(|form| value[form].as_array());
        let items = value.get("items").into_iter();
        forms.flatten().chain(items).find_map(|inner| self.table_of(inner))
    }

    fn add_values(&self, value: &Value, values: &mut Vec<String>) {
        let value = self.resolved(value);
        let words = value["enum"].as_array().into_iter().flatten().chain(value.get("const"));
        values.extend(words.filter_map(Value::as_str).map(str::to_owned));
        let forms = ["anyOf", "allOf", "oneOf"].iter().filter_map(|form| value[form].as_array());
        let items = value.get("items").into_iter();
        forms.flatten().chain(items).for_each(|inner| self.add_values(inner, values));
    }

    fn resolved<'s>(&'s self, value: &'s Value) -> &'s Value {
        let name = value["$ref"].as_str().and_then(|name| name.strip_prefix("#/definitions/"));
        name.and_then(|name| self.root["definitions"].get(name)).unwrap_or(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_keys_and_values_come_from_the_schema() {
        let tables = Tables::new();
        let names = |table: &str| -> Vec<String> {
            tables.keys(table).into_iter().map(|key| key.name).collect()
        };
        assert!(names("").contains(&"presets".to_owned()));
        assert!(names("source").contains(&"except".to_owned()));
        assert!(names("type.parameters").contains(&"keyword_only".to_owned()));
        assert_eq!(names("nothing"), [""; 0]);
        let format = tables.key("source", "format").unwrap();
        assert!(format.values.contains(&"python".to_owned()) && !format.summary.is_empty());
        let select = tables.key("lints", "select").unwrap();
        assert!(select.values.contains(&"unescaped-ipv6".to_owned()));
        assert!(tables.names().contains(&"type.parameters".to_owned()));
        assert!(!tables.keys("lints.per-path.x").is_empty());
    }
}
