//! What a form is made of: how its texts are recognized, read and written.

use super::draft::Draft;
use super::loss::{Failure, Loss};
use super::reading::{Reading, Relay};
use super::rule::Rule;
use strports_syntax::Role;

/// Writes something in a format; what is lost is added to the list.
type Write<T> = fn(&T, &mut Vec<Loss>) -> Result<String, Failure>;

/// One format.
#[derive(Debug)]
pub(super) struct Format {
    /// As `--from` and `--to` name it.
    pub(super) name: &'static str,
    /// What it is, in one clause.
    pub(super) summary: &'static str,
    /// Whether a text is of this format, and of none before it in the table.
    pub(super) looks: fn(&str) -> bool,
    /// Reads a text; the role counts where the format does not tell it.
    pub(super) read: fn(&str, Option<Role>) -> Reading,
    /// Writes one address; `None` where only whole services can be written.
    pub(super) write: Option<Write<Draft>>,
    /// Writes a server and where its connections go.
    pub(super) write_relay: Option<Write<Relay>>,
    /// The rows of its tables.
    pub(super) examples: fn() -> Vec<Example>,
}

/// One row of a table as a vector.
pub(super) struct Example {
    /// The names that the row is about.
    pub(super) names: &'static [&'static str],
    pub(super) text: &'static str,
    /// What the example becomes; several results stand in lines, nothing is empty.
    pub(super) gives: &'static str,
}

impl From<&'static Rule> for Example {
    fn from(rule: &'static Rule) -> Self {
        Self { names: rule.names, text: rule.example, gives: rule.gives }
    }
}
