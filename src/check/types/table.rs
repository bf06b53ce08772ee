//! `[[type]]` as it is deserialized, with the places of its words.

use serde::Deserialize;
use toml::Spanned;

use strports_syntax::Role;

/// One `[[type]]`; what its columns mean stands in `third_party.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypeTable {
    pub(super) name: Spanned<String>,
    pub(super) roles: Spanned<Vec<RoleWord>>,
    pub(super) summary: String,
    pub(super) package: Option<String>,
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) source: Option<String>,
    pub(super) python: Option<String>,
    pub(super) note: Option<String>,
    #[serde(default)]
    pub(super) excludes: Vec<Vec<Spanned<String>>>,
    pub(super) other_keywords: Option<Spanned<OtherKeywords>>,
    pub(super) inside: Option<InsideTable>,
    #[serde(default)]
    pub(super) parameters: Vec<ParameterTable>,
}

/// What the parser joins again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InsideTable {
    pub(super) role: RoleWord,
    pub(super) escapes: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the table")]
pub(super) struct ParameterTable {
    pub(super) name: Spanned<String>,
    pub(super) kind: Spanned<String>,
    pub(super) values: Option<Spanned<Vec<String>>>,
    #[serde(default)]
    pub(super) any_case: bool,
    #[serde(default)]
    pub(super) trimmed: bool,
    #[serde(default)]
    pub(super) required: bool,
    pub(super) default: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) empty_is_absent: bool,
    #[serde(default)]
    pub(super) keyword_only: bool,
    #[serde(default)]
    pub(super) positional_only: bool,
    pub(super) nests: Option<Spanned<Nests>>,
    pub(super) with: Option<Spanned<String>>,
    pub(super) summary: String,
    pub(super) note: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
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
pub(super) enum OtherKeywords {
    Refused,
    Ignored,
}
