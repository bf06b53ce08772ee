//! Serializes a type of descriptions as JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Listed;
use strports_syntax::Role;
use strports_syntax::signature::{Binding, Change, Kind, Parameter};

/// Serializes a line of `strports types --format json`; the keys and their order are stable.
impl Serialize for Listed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Listed { signature, origin, declared } = self;
        let package = signature.package;
        let inside = match signature.binding {
            Binding::Joined(joined) => Some(joined.role),
            Binding::Wrapper => Some(signature.role),
            _ => None,
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", signature.name)?;
        map.serialize_entry("role", signature.role.as_str())?;
        map.serialize_entry("summary", signature.summary)?;
        map.serialize_entry("from", origin.as_str())?;
        map.serialize_entry("package", &package.map(|it| it.name))?;
        map.serialize_entry("version", &package.and_then(|it| it.version))?;
        map.serialize_entry("source", &declared.and_then(|it| it.source))?;
        map.serialize_entry("since", &signature.since().map(|it| it.to_string()))?;
        map.serialize_entry("until", &signature.until().map(|it| it.to_string()))?;
        map.serialize_entry("changes", &Changes(signature.changes))?;
        map.serialize_entry("any_case", &signature.any_case)?;
        map.serialize_entry("inside", &inside.map(Role::as_str))?;
        map.serialize_entry("note", &declared.and_then(|it| it.note))?;
        map.serialize_entry("parameters", &Rows(self))?;
        map.end()
    }
}

struct Rows<'t, 'c>(&'t Listed<'c>);

impl Serialize for Rows<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let notes = self.0.declared.map(|it| it.notes).unwrap_or_default();
        let rows = self.0.signature.parameters.iter().enumerate();
        serializer.collect_seq(rows.map(|(index, parameter)| OneParameter {
            parameter,
            note: notes.get(index).copied().flatten(),
        }))
    }
}

struct OneParameter<'t> {
    parameter: &'static Parameter,
    note: Option<&'t str>,
}

impl Serialize for OneParameter<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let it = self.parameter;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", it.name)?;
        map.serialize_entry("kind", it.kind.describe())?;
        if let Kind::Word(words) = it.kind {
            map.serialize_entry("values", words.values)?;
        }
        map.serialize_entry("required", &it.is_required())?;
        map.serialize_entry("default", &it.default_text())?;
        map.serialize_entry("keyword_only", &it.keyword_only)?;
        map.serialize_entry("positional_only", &it.positional_only)?;
        map.serialize_entry("extension", &it.extension)?;
        map.serialize_entry("since", &it.since().map(|it| it.to_string()))?;
        map.serialize_entry("until", &it.until().map(|it| it.to_string()))?;
        map.serialize_entry("changes", &Changes(it.changes))?;
        map.serialize_entry("with", &it.with.map(|it| it.to_string()))?;
        map.serialize_entry("summary", it.summary)?;
        map.serialize_entry("note", &self.note)?;
        map.end()
    }
}

/// What changed between Twisted releases: for each, the release and the behavior before and after.
struct Changes(&'static [Change]);

impl Serialize for Changes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(OneChange))
    }
}

struct OneChange(&'static Change);

impl Serialize for OneChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("since", &self.0.since.to_string())?;
        map.serialize_entry("before", self.0.before)?;
        map.serialize_entry("after", self.0.after)?;
        map.end()
    }
}
