//! The definition of a form: how its texts are recognized, read and written.

use super::draft::Draft;
use super::loss::{Failure, Loss};
use super::reading::{Reading, Relay};
use super::rule::Rule;
use strports_syntax::Role;

/// Writes a value in a format, and adds losses to the list.
type Write<T> = fn(&T, &mut Vec<Loss>) -> Result<String, Failure>;

/// How one form of text is recognized, read and written.
#[derive(Debug)]
pub(super) struct Format {
    /// The name for `--from` and `--to`.
    pub(super) name: &'static str,
    /// A description of the format, in one clause.
    pub(super) summary: &'static str,
    /// Whether a text has this format, and none of the previous formats in the table.
    pub(super) looks: fn(&str) -> bool,
    /// Reads a text. The role is used if the format does not determine it.
    pub(super) read: fn(&str, Option<Role>) -> Reading,
    /// Writes one address; `None` if the format has only complete services.
    pub(super) write: Option<Write<Draft>>,
    /// Writes a server with its targets.
    pub(super) write_relay: Option<Write<Relay>>,
    /// The rows of the format's tables.
    pub(super) examples: fn() -> Vec<Example>,
}

/// A row of a table, as a test vector.
pub(super) struct Example {
    /// The names that the row defines.
    pub(super) names: &'static [&'static str],
    pub(super) text: &'static str,
    /// The result of the example: one line for each, or empty.
    pub(super) gives: &'static str,
}

impl From<&'static Rule> for Example {
    fn from(rule: &'static Rule) -> Self {
        Self { names: rule.names, text: rule.example, gives: rule.gives }
    }
}
