//! `[[type]]` as it is deserialized, with the places of its words.

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
    /// What takes them.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<RoleWord>"))]
    pub(super) roles: Spanned<Vec<RoleWord>>,
    /// What it means, in one clause.
    pub(super) summary: String,
    /// The normalised name of the package on the index of Python packages.
    pub(super) package: Option<String>,
    /// The release of the package that was read.
    pub(super) version: Option<String>,
    /// Other packages with the same parser.
    #[serde(default)]
    pub(super) also: Vec<String>,
    /// The file in the package that was read.
    pub(super) source: Option<String>,
    /// The versions of Python that the package runs on.
    pub(super) python: Option<String>,
    /// What the other keys do not say.
    pub(super) note: Option<String>,
    /// Groups of parameters of which at most one may be given.
    #[cfg_attr(feature = "cli", schemars(with = "Vec<Vec<String>>"))]
    #[serde(default)]
    pub(super) excludes: Vec<Vec<Spanned<String>>>,
    /// What becomes of keywords that no parameter has.
    #[cfg_attr(feature = "cli", schemars(with = "Option<OtherKeywords>"))]
    pub(super) other_keywords: Option<Spanned<OtherKeywords>>,
    /// The description that is made of what no parameter takes.
    pub(super) inside: Option<InsideTable>,
    /// The TCP port that a server listens on.
    pub(super) listens: Option<ListensTable>,
    /// The parameters in positional order; those without a position come last.
    #[serde(default)]
    pub(super) parameters: Vec<ParameterTable>,
}

/// What a server listens on, to be compared with other listeners.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct ListensTable {
    /// The parameter of the port.
    #[cfg_attr(feature = "cli", schemars(with = "String"))]
    pub(super) port: Spanned<String>,
    /// The parameter of the interface; without it and `address`, it listens everywhere.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub(super) interface: Option<Spanned<String>>,
    /// The address that it listens on, where no parameter has it.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub(super) address: Option<Spanned<String>>,
}

/// What the parser joins again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "cli", derive(JsonSchema))]
pub(super) struct InsideTable {
    /// What reads it.
    pub(super) role: RoleWord,
    /// What the parser escapes when it joins the rest again.
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
    /// What it holds.
    #[cfg_attr(feature = "cli", schemars(schema_with = "super::read::kind_schema"))]
    pub(super) kind: Spanned<String>,
    /// The words of a `word`, or the integers of a `number`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<Vec<String>>"))]
    pub(super) values: Option<Spanned<Vec<String>>>,
    /// Whether the case of the words does not count.
    #[serde(default)]
    pub(super) any_case: bool,
    /// Whether white space around the words does not count.
    #[serde(default)]
    pub(super) trimmed: bool,
    /// Whether it has to be given.
    #[serde(default)]
    pub(super) required: bool,
    /// The default, as it would be written.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub(super) default: Option<Spanned<String>>,
    /// Whether the empty text means that it is not given.
    #[serde(default)]
    pub(super) empty_is_absent: bool,
    /// Whether it has no place.
    #[serde(default)]
    pub(super) keyword_only: bool,
    /// Whether it has no keyword.
    #[serde(default)]
    pub(super) positional_only: bool,
    /// Which descriptions a `description` holds.
    #[cfg_attr(feature = "cli", schemars(with = "Option<Nests>"))]
    pub(super) nests: Option<Spanned<Nests>>,
    /// What it is refused without: `NAME`, or `NAME=VALUE`.
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub(super) with: Option<Spanned<String>>,
    /// What it means, in one clause.
    pub(super) summary: String,
    /// What the parser does that the other keys do not say.
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
