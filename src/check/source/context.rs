//! What a reader may ask about the file that it reads.

use super::bounds::{MAX_KEY, MAX_KEY_DEPTH};
use super::keys::Keys;
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
        let path = path.into_iter();
        if path.len() > MAX_KEY_DEPTH || !self.has_keys() {
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
        self.keys.iter().find_map(|keys| {
            let role = keys.role_at(&joined)?;
            Some(Key { role: role.or(self.role), split: keys.split, keys: Some(keys) })
        })
    }

    /// What the configuration says of a file that consists of descriptions.
    pub(crate) fn whole_file(&self) -> Key<'_> {
        let role = self.role.or_else(|| self.keys.iter().find_map(|keys| keys.role));
        let keys = self.keys.first().copied();
        Key { role, split: keys.map_or(Split::No, |keys| keys.split), keys }
    }
}
