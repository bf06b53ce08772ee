//! The arguments of `types`.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};

use super::Format;
use super::describe::role_named;
use crate::check::{Checker, Options};
use strports_syntax::Role;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports types unix")]
pub(in crate::cli) struct Types {
    /// The type to describe, ignoring case; if absent, all are listed
    #[arg(value_name = "TYPE", value_parser = TypeName, hide_possible_values = true)]
    pub(in crate::cli) name: Option<String>,
    /// List only types of this role
    #[arg(long, value_name = "ROLE", value_parser = PossibleValuesParser::new(["server", "client"]))]
    role: Option<String>,
    /// Text, or one JSON object per line
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(in crate::cli) format: Format,
}

impl Types {
    /// The role, if one is given.
    pub(in crate::cli) fn role(&self) -> Option<Role> {
        role_named(self.role.as_deref()?)
    }
}

/// Accepts any text: the command itself suggests the most similar type.
///
/// Completions offer the types that are known where they run.
#[derive(Clone)]
struct TypeName;

impl TypedValueParser for TypeName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        // Errors in the configuration are reported by the commands that use it, not by completion.
        let configuration = Checker::new(Options::default()).configuration_here().ok()?;
        let mut names: Vec<_> =
            configuration.catalogue.list().map(|it| it.signature.name).collect();
        names.sort_unstable();
        names.dedup();
        Some(Box::new(names.into_iter().map(PossibleValue::new)))
    }
}
