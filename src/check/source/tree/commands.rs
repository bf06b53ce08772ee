//! Command lines under the keys of containers, build servers and editors.
//!
//! The values of some keys are joined in order, each a list of words or a text for a shell:
//! `command` and `args` of Kubernetes, `entrypoint` and `command` of compose files, `module` and
//! `args` of an editor. Others are a script, or a list of lines.

use super::super::bounds::Words;
use super::super::command::CommandLines;
use super::super::context::Context;
use super::super::placeholder::Styles;
use super::super::shell_words;
use crate::check::embedded::{Embedded, Expander};

/// Keys whose values form one command line, in the order of its words. They are compared without
/// case, because some programs write `entryPoint`.
const PARTS: [&str; 5] = ["entrypoint", "module", "program", "command", "args"];

/// The value of one key with a command line, or a part of one.
#[derive(Clone, Debug)]
pub(super) enum Command {
    /// A text for a shell.
    Text(Embedded),
    /// A list of words, or a list of lines for a shell.
    Words(Words),
}

/// The parts of the command line in one mapping, each with its index in [`PARTS`].
#[derive(Clone, Debug, Default)]
pub(super) struct Commands(Vec<(usize, Command)>);

/// The last name of a key such as `ansible.builtin.command`.
fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// Whether the value of `key` is a command line or part of one, or a list or mapping of them.
pub(super) fn is_key(key: &str) -> bool {
    let key = last(key);
    let ends = ["Command", "-command", "_command", "_cmd"].iter().any(|end| key.ends_with(end));
    ends || is_part(key) || is_script(key)
}

/// Whether the value of `key` is a script, or a mapping or a list of scripts.
fn is_script(key: &str) -> bool {
    matches!(
        key,
        "run"
            | "script"
            | "scripts"
            | "before_script"
            | "after_script"
            | "before_install"
            | "install"
            | "shell"
            | "win_shell"
            | "win_command"
            | "bash"
            | "pwsh"
            | "powershell"
            | "cmd"
            | "cmds"
            | "commands"
            | "argv"
            | "tasks"
            | "test"
            | "start"
            | "exec"
            | "job"
            | "steps"
            | "processes"
    )
}

/// Whether the value of `key` is a part of a command line that is joined with others.
pub(super) fn is_part(key: &str) -> bool {
    place_of(key).is_some()
}

/// The index in [`PARTS`] of the part that `key` names; `None` if it names none.
fn place_of(key: &str) -> Option<usize> {
    PARTS.iter().position(|known| known.eq_ignore_ascii_case(last(key)))
}

impl Commands {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn set(&mut self, key: &str, command: Command) {
        if let Some(place) = place_of(key) {
            self.0.retain(|(other, _)| *other != place);
            self.0.push((place, command));
        }
    }

    /// The descriptions on the joined command line. If the first part is an unknown program, such
    /// as a script that starts the rest, each part is searched by itself. `by` is the program that
    /// expands variables.
    pub(super) fn found(
        mut self,
        context: &Context<'_>,
        file: &[u8],
        by: Option<Expander>,
    ) -> Vec<Embedded> {
        self.0.sort_by_key(|(place, _)| *place);
        let parts: Vec<Command> = self.0.into_iter().map(|(_, command)| command).collect();
        let mut found = Vec::new();
        if parts.len() > 1 {
            let words = parts.iter().flat_map(|part| part.to_words().to_vec()).collect();
            found = Command::Words(words).found(context, file, by);
        }
        for part in parts {
            if found.is_empty() {
                found = part.found(context, file, by);
            }
        }
        found
    }
}

impl Command {
    fn to_words(&self) -> Words {
        match self {
            Self::Text(text) => {
                let mut first = None;
                shell_words::each_command(text, |words| {
                    first.get_or_insert_with(|| words.iter().cloned().collect());
                });
                first.unwrap_or_default()
            }
            Self::Words(words) => words.clone(),
        }
    }

    /// The descriptions in the value, in units from 0. `by` is the program that reads a list of
    /// words instead of a shell.
    pub(super) fn found(
        self,
        context: &Context<'_>,
        file: &[u8],
        by: Option<Expander>,
    ) -> Vec<Embedded> {
        let mut lines = CommandLines::new(context, file, 0);
        match self {
            Self::Text(text) if context.names.are_in(text.text()) => lines.shell(&text),
            Self::Text(_) => {}
            Self::Words(words) => {
                let read = |word: &Embedded| match by {
                    Some(by) => word.clone().with_unexpanded(by),
                    None => word.clone().with_placeholders(Styles::SHELL),
                };
                let words: Words = words.iter().map(read).collect();
                if !lines.words(&words) {
                    words.iter().for_each(|line| lines.shell(&line.expanded()));
                }
            }
        }
        lines.found().into_iter().map(Embedded::elsewhere).collect()
    }
}
