//! What a reader may ask about the file that it reads.

use super::bounds::{MAX_KEY, MAX_KEY_DEPTH};
use super::keys::Keys;
use super::notes::{Notes, Shape};
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Split};
use crate::check::program::Program;
use strports_syntax::Role;

/// What holds for one file.
#[derive(Clone, Debug)]
pub(crate) struct Context<'c> {
    /// The role of descriptions whose file does not tell it: `--role`.
    pub(crate) role: Option<Role>,
    /// Programs whose command lines hold descriptions.
    pub(crate) programs: &'c [Program],
    /// The tables of `strports.toml` and of presets that name the file, the user's first.
    pub(crate) keys: Vec<&'c Keys>,
    /// What the reader could not do.
    pub(crate) notes: Notes,
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
        parts.retain(|part| {
            let is_blank = part.text().trim_ascii().is_empty();
            !is_blank && !self.keys.is_some_and(|keys| keys.excepts(part.text()))
        });
        parts
    }
}

impl Context<'_> {
    /// Whether any key of the file is known. If none is, readers need not look at keys.
    pub(crate) fn has_keys(&self) -> bool {
        self.keys.iter().any(|keys| !keys.is_empty())
    }

    /// What the configuration says of the value at `path`: sections, tables and keys from the
    /// outside in, and the index of each item of a list.
    ///
    /// `None` if it is not a description.
    pub(crate) fn key<P>(&self, path: P) -> Option<Key<'_>>
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

    /// What the configuration says of a file that consists of descriptions.
    pub(crate) fn whole_file(&self) -> Key<'_> {
        let role = self.role.or_else(|| self.keys.iter().find_map(|keys| keys.role));
        let keys = self.keys.first().copied();
        Key { role, split: keys.map_or(Split::No, |keys| keys.split), keys }
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
        if name.len() > MAX_KEY {
            return None;
        }
        joined.push_str(name);
    }
    Some(joined)
}
