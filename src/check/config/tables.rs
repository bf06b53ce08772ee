//! The tables of `strports.toml` as they are deserialized, with the places of their words.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use crate::check::types::TypeTable;
use strports_syntax::Role;

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) presets: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) exclude: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) source: Vec<SourceTable>,
    #[serde(default)]
    pub(super) command: Vec<CommandTable>,
    #[serde(default)]
    pub(super) r#type: Vec<TypeTable>,
    #[serde(default)]
    pub(super) lints: LintsTable,
}

/// What counts of a `pyproject.toml`.
#[derive(Deserialize)]
pub(super) struct Project {
    pub(super) tool: Option<Tool>,
}

/// The table of the tools in a `pyproject.toml`.
#[derive(Deserialize)]
pub(super) struct Tool {
    pub(super) strports: Option<File>,
}

/// A preset has fewer tables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preset {
    #[serde(default)]
    pub(super) source: Vec<SourceTable>,
    #[serde(default)]
    pub(super) command: Vec<CommandTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceTable {
    pub(super) files: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) keys: InOrder<RoleWord>,
    pub(super) split: Option<SplitWord>,
    pub(super) format: Option<Spanned<String>>,
    pub(super) role: Option<RoleWord>,
    #[serde(default)]
    pub(super) except: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommandTable {
    pub(super) name: Spanned<String>,
    pub(super) options: Vec<Spanned<String>>,
    pub(super) role: Option<RoleWord>,
    #[serde(default)]
    pub(super) bare: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct LintsTable {
    pub(super) select: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) ignore: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) per_path: InOrder<ListOrTable>,
}

/// Beside a table, a mere list is what to ignore.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PathLintsTable {
    pub(super) select: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    pub(super) ignore: Vec<Spanned<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RoleWord {
    Server,
    Client,
    Either,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SplitWord {
    Blank,
    Line,
    Comma,
}

/// A table whose order counts.
pub(super) struct InOrder<V>(pub(super) Vec<(Spanned<String>, V)>);

impl<V> Default for InOrder<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for InOrder<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = InOrder<V>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<InOrder<V>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(InOrder(entries))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

pub(super) struct ListOrTable(pub(super) PathLintsTable);

impl<'de> Deserialize<'de> for ListOrTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = PathLintsTable;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of codes to ignore, or a table of `select` and `ignore`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<PathLintsTable, A::Error> {
                let ignore = Deserialize::deserialize(SeqAccessDeserializer::new(seq))?;
                Ok(PathLintsTable { select: None, ignore })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PathLintsTable, A::Error> {
                PathLintsTable::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Either).map(Self)
    }
}

impl RoleWord {
    pub(super) const fn role(self) -> Option<Role> {
        match self {
            Self::Server => Some(Role::Server),
            Self::Client => Some(Role::Client),
            Self::Either => None,
        }
    }
}
