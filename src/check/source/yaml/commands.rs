//! The command lines of containers: `command` and `args` of Kubernetes, `entrypoint` and `command`
//! of compose files, each a list of words or a text for a shell.

use super::super::bounds::Words;
use super::super::command::CommandLines;
use super::super::context::Context;
use super::super::placeholder::Styles;
use super::super::shell_words;
use crate::check::embedded::Embedded;

/// In the order in which the words follow one another.
const KEYS: [&str; 3] = ["entrypoint", "command", "args"];

/// What is known of the value of one key.
#[derive(Clone, Debug)]
pub(super) enum Command {
    Text(Embedded),
    Words(Words),
}

/// What one mapping says of the command line of a container.
#[derive(Clone, Debug, Default)]
pub(super) struct Commands(Vec<(usize, Command)>);

/// Whether the value of `key` is a command line or part of one.
pub(super) fn is_key(key: &str) -> bool {
    KEYS.contains(&key)
}

impl Commands {
    pub(super) fn set(&mut self, key: &str, command: Command) {
        if let Some(place) = KEYS.iter().position(|known| *known == key) {
            self.0.retain(|(other, _)| *other != place);
            self.0.push((place, command));
        }
    }

    /// The descriptions on the command line, or on its parts where the first one is a program of
    /// which nothing is known, such as a script that starts what is left.
    pub(super) fn found(mut self, context: &Context<'_>, unit: usize) -> Vec<Embedded> {
        self.0.sort_by_key(|(place, _)| *place);
        let parts: Vec<Command> = self.0.into_iter().map(|(_, command)| command).collect();
        let mut found = Vec::new();
        if parts.len() > 1 {
            let words = parts.iter().flat_map(|part| part.to_words().to_vec()).collect();
            found = Command::Words(words).found(context, unit);
        }
        for part in parts {
            if found.is_empty() {
                found = part.found(context, unit);
            }
        }
        found.into_iter().map(Embedded::elsewhere).collect()
    }
}

impl Command {
    fn to_words(&self) -> Words {
        match self {
            Self::Text(text) => {
                let mut first = None;
                shell_words::each_command(text, &mut |words| {
                    first.get_or_insert_with(|| words.iter().cloned().collect());
                });
                first.unwrap_or_default()
            }
            Self::Words(words) => words.clone(),
        }
    }

    fn found(self, context: &Context<'_>, unit: usize) -> Vec<Embedded> {
        let mut lines = CommandLines::new(context, unit);
        match self {
            Self::Text(text) => lines.shell(&text),
            Self::Words(words) => {
                let words = words.iter().map(|word| word.clone().with_placeholders(Styles::SHELL));
                lines.words(&words.collect::<Words>());
            }
        }
        lines.found()
    }
}
