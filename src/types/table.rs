//! The deserialized form of `[[type]]`, with the spans of its values.

#[cfg(feature = "cli")]
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use strports_syntax::Role;

/// One `[[type]]`; `third_party.toml` explains its keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(crate) struct TypeTable {
    /// The prefix of the descriptions.
    #[cfg_attr(feature = "cli", schemars(with = "String"))]
    pub(super) name: Spanned<String>,
    /// The roles that have the type.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<RoleWord>"))]
    pub(super) roles: Spanned<Vec<RoleWord>>,
    /// The meaning, in one clause.
    pub(super) summary: String,
    /// The normalized name of the package on the index of Python packages.
    pub(super) package: Option<String>,
    /// The release of the package that this table describes.
    pub(super) version: Option<String>,
    /// Other packages with the same parser.
    #[serde(default)]
    pub(super) also: Vec<String>,
    /// The file of the package that contains the parser.
    pub(super) source: Option<String>,
    /// The versions of Python that the package runs on.
    pub(super) python: Option<String>,
    /// A note for readers, about facts that no other key has.
    pub(super) note: Option<String>,
    /// Groups of parameters of which at most one may be given.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<Vec<String>>"))]
    #[serde(default)]
    pub(super) excludes: Vec<Vec<Spanned<String>>>,
    /// The handling of keywords that are not parameters.
    #[cfg_attr(feature = "cli", schemars(with = "Option<OtherKeywords>"))]
    pub(super) other_keywords: Option<Spanned<OtherKeywords>>,
    /// The description that is built from the remaining arguments.
    pub(super) inside: Option<InsideTable>,
    /// The TCP port that a server listens on.
    pub(super) listens: Option<ListensTable>,
    /// The parameters in positional order; parameters without a position come last.
    #[serde(default)]
    pub(super) parameters: Vec<ParameterTable>,
}

/// The port and address of a server, for the comparison with other listeners.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct ListensTable {
    /// The parameter of the port.
    #[cfg_attr(feature = "cli", schemars(with = "String"))]
    pub(super) port: Spanned<String>,
    /// The parameter of the interface; without it and `address`, the type listens everywhere.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub(super) interface: Option<Spanned<String>>,
    /// The fixed listening address of a type without a parameter for it.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub(super) address: Option<Spanned<String>>,
}

/// The description that the parser builds from the remaining arguments.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct InsideTable {
    /// The role of the description.
    pub(super) role: RoleWord,
    /// The characters that the parser escapes when it joins the remaining arguments.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<String>"))]
    pub(super) escapes: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the table")]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct ParameterTable {
    /// The keyword.
    #[cfg_attr(feature = "cli", schemars(with = "String"))]
    pub(super) name: Spanned<String>,
    /// The kind of the value.
    #[cfg_attr(feature = "cli", schemars(schema_with = "super::read::kind_schema"))]
    pub(super) kind: Spanned<String>,
    /// The words of a `word`, or the integers of a `number`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<Vec<String>>"))]
    pub(super) values: Option<Spanned<Vec<String>>>,
    /// Whether the words match case-insensitively.
    #[serde(default)]
    pub(super) any_case: bool,
    /// Whether white space around the words is ignored.
    #[serde(default)]
    pub(super) trimmed: bool,
    /// Whether the parameter is required.
    #[serde(default)]
    pub(super) required: bool,
    /// The default, in the syntax of a value.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub(super) default: Option<Spanned<String>>,
    /// Whether an empty value means that the parameter is absent.
    #[serde(default)]
    pub(super) empty_is_absent: bool,
    /// Whether the parameter has no position.
    #[serde(default)]
    pub(super) keyword_only: bool,
    /// Whether the parameter has no keyword.
    #[serde(default)]
    pub(super) positional_only: bool,
    /// The kind of descriptions in a `description`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<Nests>"))]
    pub(super) nests: Option<Spanned<Nests>>,
    /// The parameter that this one requires: `NAME`, or `NAME=VALUE`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub(super) with: Option<Spanned<String>>,
    /// The meaning, in one clause.
    pub(super) summary: String,
    /// A note for readers, about facts that no other key has.
    pub(super) note: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) enum RoleWord {
    Server,
    Client,
}

impl RoleWord {
    pub(super) const fn role(self) -> Role {
        match self {
            Self::Server => Role::Server,
            Self::Client => Role::Client,
        }
    }
}

#[derive(Clone, Copy, Deserialize)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) enum Nests {
    #[serde(rename = "server")]
    Server,
    #[serde(rename = "client")]
    Client,
    #[serde(rename = "same role")]
    SameRole,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) enum OtherKeywords {
    Refused,
    Ignored,
}
