//! The tables of `strports.toml` as deserialized, with the spans of their values.
//!
//! The comments on the fields are the descriptions in its JSON schema.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

#[cfg(feature = "cli")]
use schemars::JsonSchema;

#[cfg(feature = "cli")]
use super::words;
use crate::check::embedded::Split;
use crate::types::TypeTable;
use strports_syntax::Role;

/// The whole file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct File {
    /// The presets to use, one for each program; by default all of them.
    #[cfg_attr(feature = "cli", schemars(schema_with = "words::presets"))]
    #[serde(default)]
    pub(super) presets: Option<Vec<Spanned<String>>>,
    /// Patterns of files and directories to skip.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) exclude: Vec<Spanned<String>>,
    /// Files with descriptions, and the places of the descriptions in them.
    #[serde(default)]
    pub(super) source: Vec<SourceTable>,
    /// Programs with descriptions on their command lines.
    #[serde(default)]
    pub(super) command: Vec<CommandTable>,
    /// Environment variables with descriptions as values.
    #[serde(default)]
    pub(super) variable: Vec<VariableTable>,
    /// Types of descriptions of a plugin.
    #[serde(default)]
    pub(super) r#type: Vec<TypeTable>,
    /// The rules to report.
    #[serde(default)]
    pub(super) lints: LintsTable,
}

/// The relevant part of a `pyproject.toml`.
#[derive(Deserialize)]
pub(super) struct Project {
    pub(super) tool: Option<Tool>,
}

/// The table `[tool]` of a `pyproject.toml`, in which each tool has a table.
#[derive(Deserialize)]
pub(super) struct Tool {
    pub(super) strports: Option<File>,
}

/// One preset, which may have only these tables of a configuration.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Preset {
    #[serde(default)]
    pub(super) source: Vec<SourceTable>,
    #[serde(default)]
    pub(super) command: Vec<CommandTable>,
    #[serde(default)]
    pub(super) variable: Vec<VariableTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct SourceTable {
    /// Patterns of the files; a pattern without a slash matches names in all directories.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<String>"))]
    pub(super) files: Vec<Spanned<String>>,
    /// Paths of keys, joined by dots, and their roles; `*` is one key, `**` any number of keys.
    #[serde(default)]
    pub(super) keys: InOrder<RoleWord>,
    /// The separator of several descriptions in one value.
    pub(super) split: Option<SplitWord>,
    /// The format of the files, if their names do not determine it.
    #[cfg_attr(feature = "cli", schemars(schema_with = "words::format"))]
    #[serde(default)]
    pub(super) format: Option<Spanned<String>>,
    /// The role of the descriptions in a file of format `list`.
    pub(super) role: Option<RoleWord>,
    /// Patterns of values that are not descriptions.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) except: Vec<Spanned<String>>,
    /// Whether only values that start with a type and a colon are descriptions.
    #[serde(default)]
    pub(super) typed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct VariableTable {
    /// The name of the variable, with at most one `*`.
    #[cfg_attr(feature = "cli", schemars(with = "String"))]
    pub(super) name: Spanned<String>,
    /// The role of the descriptions.
    pub(super) role: Option<RoleWord>,
    /// The separator of several descriptions in one value.
    pub(super) split: Option<SplitWord>,
    /// Patterns of values that are not descriptions.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<String>"))]
    #[serde(default)]
    pub(super) except: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct CommandTable {
    /// The program without its directory, and its subcommands.
    #[cfg_attr(feature = "cli", schemars(with = "String"))]
    pub(super) name: Spanned<String>,
    /// The arguments with a description: options, positions such as `1`, or `*` for all.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<String>"))]
    pub(super) options: Vec<Spanned<String>>,
    /// The role of the descriptions.
    pub(super) role: Option<RoleWord>,
    /// Whether a word without a colon is not a description, but for example a port.
    #[serde(default)]
    pub(super) bare: bool,
    /// The description for a value of the options: `tcp:port={}:interface={--bind=127.0.0.1}`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    #[serde(default, rename = "stands-for")]
    pub(super) stands_for: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct LintsTable {
    /// The codes to report, instead of all.
    #[cfg_attr(feature = "cli", schemars(schema_with = "words::codes"))]
    #[serde(default)]
    pub(super) select: Option<Vec<Spanned<String>>>,
    /// The codes not to report.
    #[cfg_attr(feature = "cli", schemars(schema_with = "words::codes"))]
    #[serde(default)]
    pub(super) ignore: Vec<Spanned<String>>,
    /// The rules for files that match a pattern; a list has the codes not to report.
    #[serde(default)]
    pub(super) per_path: InOrder<ListOrTable>,
}

/// In place of a table, a list contains the codes not to report.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct PathLintsTable {
    /// The codes to report, instead of all.
    #[cfg_attr(feature = "cli", schemars(schema_with = "words::codes"))]
    #[serde(default)]
    pub(super) select: Option<Vec<Spanned<String>>>,
    /// The codes not to report.
    #[cfg_attr(feature = "cli", schemars(schema_with = "words::codes"))]
    #[serde(default)]
    pub(super) ignore: Vec<Spanned<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) enum RoleWord {
    Server,
    Client,
    Either,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) enum SplitWord {
    Blank,
    Line,
    Comma,
}

/// A TOML table whose entries stay in the order of the file, because the first match counts.
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

/// The value of an entry of `[lints.per-path]`; a list is read as `ignore` of a table.
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

impl SplitWord {
    pub(super) const fn split(self) -> Split {
        match self {
            Self::Blank => Split::Blank,
            Self::Line => Split::Line,
            Self::Comma => Split::Comma,
        }
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
