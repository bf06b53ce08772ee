//! What defines a form: functions that recognize, read and write its texts.

use super::draft::Draft;
use super::loss::{Failure, Loss};
use super::reading::{Reading, Relay};
use super::rule::Rule;
use strports_syntax::Role;

/// Writes a draft or a relay in a form. Pushes what the form cannot express to the list of losses.
type Write<T> = fn(&T, &mut Vec<Loss>) -> Result<String, Failure>;

/// How the texts of one form, such as socat's, are recognized, read and written.
#[derive(Debug)]
pub(super) struct Format {
    /// The name of the form for `--from` and `--to`.
    pub(super) name: &'static str,
    /// What the texts are, in one clause, for the list of forms.
    pub(super) summary: &'static str,
    /// Whether a text looks like this form. The forms before it in the table were tried first.
    pub(super) looks: fn(&str) -> bool,
    /// Reads a text. The role is used for a text that means a server as well as a client.
    pub(super) read: fn(&str, Option<Role>) -> Reading,
    /// Writes one address. `None` if the form has only complete services.
    pub(super) write: Option<Write<Draft>>,
    /// Writes a server with its targets. `None` if the form has only single addresses.
    pub(super) write_relay: Option<Write<Relay>>,
    /// Returns the rows of the form's tables, for documentation and tests.
    pub(super) examples: fn() -> Vec<Example>,
}

/// A row of a form's tables: a text and what it converts to. Tests check it.
pub(super) struct Example {
    /// The words of the form, such as option names, that the row defines.
    pub(super) names: &'static [&'static str],
    pub(super) text: &'static str,
    /// The descriptions or commands that the text converts to, one a line; empty if it is refused.
    pub(super) gives: &'static str,
}

impl From<&'static Rule> for Example {
    fn from(rule: &'static Rule) -> Self {
        Self { names: rule.names, text: rule.example, gives: rule.gives }
    }
}
