//! The context in which a reader searches one file: settings, known names and known keys.

use std::path::Path;
use std::sync::Arc;

use super::key_path::KeyPath;
use super::keys::Keys;
use super::notes::{Notes, Shape};
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Origin, Split};
use crate::check::prefilter::begins_with_type;
use crate::check::program::{KnownNames, Program};
use crate::check::recent::Trees;
use crate::check::variable::Variable;
use strports_syntax::Role;

/// A reader: finds the descriptions in the bytes of a file, ordered by place.
///
/// A file may contain any bytes. Parts that cannot be read contain no descriptions.
pub(crate) type Find = fn(file: &[u8], context: &Context<'_>) -> Vec<Embedded>;

/// The function that reads a format, and the name of the format.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    pub(crate) find: Find,
}

/// Looks up the readers of texts that are embedded in files of other formats.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readers {
    /// Finds a reader by the name of its format.
    pub(crate) named: fn(&str) -> Option<Reader>,
    /// Finds a reader by the path of a file, which need not exist.
    pub(crate) for_path: fn(&Path) -> Option<Reader>,
    /// Finds a reader by the first line of a script, such as `#!/bin/sh`.
    pub(crate) for_script: fn(&[u8]) -> Option<Reader>,
}

/// The settings with which a reader searches one file.
#[derive(Clone, Debug)]
pub(crate) struct Context<'c> {
    /// The role of descriptions whose file does not determine it: `--role`.
    pub(crate) role: Option<Role>,
    /// The `[[command]]` tables: programs whose command lines contain descriptions.
    pub(crate) programs: &'c [Program],
    /// The `[[variable]]` tables: environment variables whose values contain descriptions.
    pub(crate) variables: &'c [Variable],
    /// The names of `programs` and `variables`, compiled to search texts for them.
    pub(crate) names: &'c KnownNames,
    /// `names`, and the words of all formats for which a file is read.
    pub(crate) words: &'c KnownNames,
    /// The tables of `strports.toml` and of presets for the file, the user's first.
    pub(crate) keys: Vec<&'c Keys>,
    /// Messages about values that the reader could not use. They become problems of the file.
    pub(crate) notes: Notes,
    /// The keys of presets, which apply to embedded texts, by the name of the text's format.
    pub(crate) excerpts: &'c [(&'static str, Keys)],
    /// The readers for embedded texts.
    pub(crate) readers: Readers,
    /// Whether the file is a template by its name: `a.service.j2`.
    pub(crate) is_template: bool,
    /// The number of texts around the one that is read; 0 for the file itself.
    pub(crate) depth: usize,
    /// The syntax trees of the previous version of the file; `None` outside of editors.
    pub(crate) trees: Option<&'c Trees>,
}

/// How to read the value of one key or variable that contains descriptions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'c> {
    /// The role of the descriptions; `None` if they may have either role.
    pub(crate) role: Option<Role>,
    /// The separator of descriptions in the value; see [`Embedded::split`].
    pub(crate) split: Split,
    /// The table with the exceptions for the value.
    keys: Option<&'c Keys>,
    name: Option<&'c Arc<str>>,
}

impl Key<'_> {
    /// The name that the list of descriptions (`--list`) shows as the source.
    pub(crate) fn origin(self) -> Option<Origin> {
        self.name.map(|name| Origin::Named(Arc::clone(name)))
    }

    /// Splits a value into its descriptions, and marks placeholders of these styles in them.
    pub(crate) fn descriptions(self, mut value: Embedded, styles: Styles) -> Vec<Embedded> {
        (value.role, value.source) = (self.role, self.origin());
        let mut parts = value.with_placeholders(styles).split(self.split);
        parts.retain(|part| self.holds(part));
        parts
    }

    /// Whether a part of a value is a description: it is not blank, and not an exception such as
    /// `disabled`.
    pub(crate) fn holds(self, part: &Embedded) -> bool {
        let is_blank = part.text().trim_ascii().is_empty();
        let is_other =
            |keys: &Keys| keys.excepts(part.text()) || keys.typed && !begins_with_type(part.text());
        !is_blank && !self.keys.is_some_and(is_other)
    }
}

impl<'c> Context<'c> {
    /// Whether a table names keys for the file. If not, readers need not track the path of keys.
    pub(crate) fn has_keys(&self) -> bool {
        self.keys.iter().any(|keys| !keys.is_empty())
    }

    /// Whether a text contains the name of a known program or variable, or a key of a preset.
    pub(crate) fn names_any(&self, text: &[u8]) -> bool {
        self.names.are_in(text) || self.excerpts.iter().any(|(_, keys)| keys.may_be_in(text))
    }

    /// The settings for the value at `path`; `None` if it is not a description.
    pub(crate) fn key(&self, path: &KeyPath) -> Option<Key<'c>> {
        if !self.has_keys() {
            return None;
        }
        let joined = path.joined()?;
        self.keys.iter().find_map(|keys| {
            let pattern = keys.pattern_for(joined)?;
            self.notes.reached(joined);
            let (role, split) = (pattern.role.or(self.role), keys.split);
            Some(Key { role, split, keys: Some(keys), name: Some(&pattern.name) })
        })
    }

    /// The settings for `key` in any section, because documents show settings without their
    /// sections. `None` outside of embedded texts, and for unknown keys. The key may belong to
    /// another program, so only text that begins with a type counts.
    pub(crate) fn key_of_section(&self, key: &str) -> Option<Key<'c>> {
        if self.depth == 0 {
            return None;
        }
        self.keys.iter().find_map(|keys| {
            let pattern = keys.pattern_behind_section(key)?;
            let (role, split) = (pattern.role.or(self.role), keys.split);
            Some(Key { role, split, keys: Some(keys), name: Some(&pattern.name) })
        })
    }

    /// Records that the value at `path` is a list or a table, although the user's configuration
    /// names it as a description. `at` is its byte offset.
    pub(crate) fn met(&self, path: &KeyPath, shape: Shape, at: usize) {
        let mut own = self.keys.iter().filter(|keys| keys.is_own && !keys.is_empty()).peekable();
        if own.peek().is_none() {
            return;
        }
        let Some(joined) = path.joined().filter(|path| !path.is_empty()) else { return };
        if let Some(pattern) = own.find_map(|keys| keys.pattern_for(joined))
            && pattern.names_one()
        {
            let (text, what) = (&pattern.text, shape.advice(&pattern.text));
            let message = format!("`{joined}`, a key of `{text}` in strports.toml, is {what}");
            self.notes.push(at, message, Some(joined.to_owned()));
        }
    }

    /// Records that the file cannot be read as `format` from the byte offset `at` on. Only files
    /// that the user's configuration names are reported.
    pub(crate) fn broken(&self, at: usize, format: &str, message: &str) {
        if self.is_own() {
            self.notes.push(at, format!("not readable as {format}: {message}"), None);
        }
    }

    /// Whether a `[[source]]` of the user matches the file, so that errors in its format are
    /// reported.
    pub(crate) fn is_own(&self) -> bool {
        self.keys.iter().any(|keys| keys.is_own)
    }

    /// The settings for the environment variable `name`; `None` if its value is not a description.
    pub(crate) fn variable(&self, name: &[u8]) -> Option<Key<'c>> {
        let variable = self.variables.iter().find(|it| it.is_called(name))?;
        let (keys, name) = (&variable.keys, Some(&variable.name));
        Some(Key { role: keys.role.or(self.role), split: keys.split, keys: Some(keys), name })
    }

    /// The settings for a file in which every line is a description.
    pub(crate) fn whole_file(&self) -> Key<'c> {
        let role = self.role.or_else(|| self.keys.iter().find_map(|keys| keys.role));
        let keys = self.keys.first().copied();
        Key { role, split: keys.map_or(Split::No, |keys| keys.split), keys, name: None }
    }

    /// The settings for a text of `format` that is embedded in this file. They have the keys of
    /// presets.
    pub(crate) fn excerpt(&self, format: &str) -> Self {
        let keys = self.excerpts.iter().filter(|(name, _)| *name == format);
        let keys = keys.map(|(_, keys)| keys).collect();
        Self { keys, is_template: false, depth: self.depth + 1, ..self.clone() }
    }
}
