//! What a reader may ask about the file that it reads.

use std::path::Path;

use super::bounds::{MAX_KEY, MAX_KEY_DEPTH, MAX_PATH};
use super::keys::Keys;
use super::notes::{Notes, Shape};
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Split};
use crate::check::prefilter::begins_with_type;
use crate::check::program::{KnownNames, Program};
use crate::check::variable::Variable;
use strports_syntax::Role;

/// Finds the descriptions of a file, in the order of their places.
///
/// A file may hold any bytes. What cannot be read holds no descriptions.
pub(crate) type Find = fn(file: &[u8], context: &Context<'_>) -> Vec<Embedded>;

/// A format by its name, and how it is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader {
    pub(crate) name: &'static str,
    pub(crate) find: Find,
}

/// The formats of texts that stand inside files of other formats.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Readers {
    /// By the name of the format.
    pub(crate) named: fn(&str) -> Option<Reader>,
    /// By the path of a file.
    pub(crate) for_path: fn(&Path) -> Option<Reader>,
    /// By the first line of a script.
    pub(crate) for_script: fn(&[u8]) -> Option<Reader>,
}

/// What holds for one file.
#[derive(Clone, Debug)]
pub(crate) struct Context<'c> {
    /// The role of descriptions whose file does not tell it: `--role`.
    pub(crate) role: Option<Role>,
    /// Programs whose command lines hold descriptions.
    pub(crate) programs: &'c [Program],
    /// Environment variables that hold descriptions.
    pub(crate) variables: &'c [Variable],
    /// The names of both.
    pub(crate) names: &'c KnownNames,
    /// The tables of `strports.toml` and of presets that name the file, the user's first.
    pub(crate) keys: Vec<&'c Keys>,
    /// What the reader could not do.
    pub(crate) notes: Notes,
    /// The tables of presets for texts inside other files, by the name of their format.
    pub(crate) excerpts: &'c [(&'static str, Keys)],
    pub(crate) readers: Readers,
    /// Whether its name tells that the file becomes another one: `a.service.j2`.
    pub(crate) is_template: bool,
    /// How many files this text stands in.
    pub(crate) depth: usize,
}

/// What is known of the value of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'c> {
    /// `None` where it may be either.
    pub(crate) role: Option<Role>,
    /// Whether the value holds several descriptions; see [`Embedded::split`].
    pub(crate) split: Split,
    keys: Option<&'c Keys>,
}

impl Key<'_> {
    /// The descriptions in a value that may hold placeholders of these styles.
    pub(crate) fn descriptions(self, mut value: Embedded, styles: Styles) -> Vec<Embedded> {
        value.role = self.role;
        let mut parts = value.with_placeholders(styles).split(self.split);
        parts.retain(|part| self.holds(part));
        parts
    }

    /// Whether a part of a value is a description.
    pub(crate) fn holds(self, part: &Embedded) -> bool {
        let is_blank = part.text().trim_ascii().is_empty();
        let is_other =
            |keys: &Keys| keys.excepts(part.text()) || keys.typed && !begins_with_type(part.text());
        !is_blank && !self.keys.is_some_and(is_other)
    }
}

impl<'c> Context<'c> {
    /// Whether any key of the file is known. If none is, readers need not look at keys.
    pub(crate) fn has_keys(&self) -> bool {
        self.keys.iter().any(|keys| !keys.is_empty())
    }

    /// Whether a text names a program or a variable that is known, or has a key of a preset.
    pub(crate) fn names_any(&self, text: &[u8]) -> bool {
        self.names.are_in(text) || self.excerpts.iter().any(|(_, keys)| keys.may_be_in(text))
    }

    /// What the configuration says of the value at `path`: sections, tables and keys from the
    /// outside in, and the index of each item of a list.
    ///
    /// `None` if it is not a description.
    pub(crate) fn key<P>(&self, path: P) -> Option<Key<'c>>
    where
        P: IntoIterator<Item: AsRef<str>, IntoIter: ExactSizeIterator>,
    {
        if !self.has_keys() {
            return None;
        }
        let joined = joined(path.into_iter())?;
        self.keys.iter().find_map(|keys| {
            let role = keys.pattern_for(&joined)?.role;
            self.notes.reached(&joined);
            Some(Key { role: role.or(self.role), split: keys.split, keys: Some(keys) })
        })
    }

    /// Notes that the value at `path`, which begins at `at`, is no text, if it should be one.
    pub(crate) fn met<P>(&self, path: P, shape: Shape, at: usize)
    where
        P: IntoIterator<Item: AsRef<str>, IntoIter: ExactSizeIterator>,
    {
        let mut own = self.keys.iter().filter(|keys| keys.is_own && !keys.is_empty()).peekable();
        if own.peek().is_none() {
            return;
        }
        let Some(joined) = joined(path.into_iter()).filter(|path| !path.is_empty()) else { return };
        if let Some(pattern) = own.find_map(|keys| keys.pattern_for(&joined))
            && pattern.names_one()
        {
            let (text, what) = (&pattern.text, shape.advice(&pattern.text));
            let message = format!("`{joined}`, a key of `{text}` in strports.toml, is {what}");
            self.notes.push(at, message, Some(joined));
        }
    }

    /// Notes that the file is not what its format says, if the user has named it as such.
    pub(crate) fn broken(&self, at: usize, format: &str, message: &str) {
        if self.is_own() {
            self.notes.push(at, format!("not readable as {format}: {message}"), None);
        }
    }

    /// Whether a `[[source]]` of the user's names the file.
    pub(crate) fn is_own(&self) -> bool {
        self.keys.iter().any(|keys| keys.is_own)
    }

    /// What is known of an environment variable; `None` if it holds no description.
    pub(crate) fn variable(&self, name: &[u8]) -> Option<Key<'c>> {
        let keys = &self.variables.iter().find(|it| it.is_called(name))?.keys;
        Some(Key { role: keys.role.or(self.role), split: keys.split, keys: Some(keys) })
    }

    /// What the configuration says of a file that consists of descriptions.
    pub(crate) fn whole_file(&self) -> Key<'c> {
        let role = self.role.or_else(|| self.keys.iter().find_map(|keys| keys.role));
        let keys = self.keys.first().copied();
        Key { role, split: keys.map_or(Split::No, |keys| keys.split), keys }
    }

    /// What holds for a text of another format inside the file.
    pub(crate) fn excerpt(&self, format: &str) -> Self {
        let keys = self.excerpts.iter().filter(|(name, _)| *name == format);
        let keys = keys.map(|(_, keys)| keys).collect();
        Self { keys, is_template: false, depth: self.depth + 1, ..self.clone() }
    }
}

/// The names of a path with `.` between them; `None` where it is too long to be that of a
/// description.
fn joined(path: impl ExactSizeIterator<Item: AsRef<str>>) -> Option<String> {
    if path.len() > MAX_KEY_DEPTH {
        return None;
    }
    let mut joined = String::new();
    for (index, name) in path.enumerate() {
        if index > 0 {
            joined.push('.');
        }
        let name = name.as_ref();
        if name.len() > MAX_KEY || joined.len() > MAX_PATH {
            return None;
        }
        joined.push_str(name);
    }
    Some(joined)
}
