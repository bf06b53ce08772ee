//! What a format may ask about the file that it reads.

use std::path::Path;

use super::placeholder::Styles;
use crate::Role;
use crate::check::config::{Program, Source, Split};
use crate::check::embedded::Embedded;

/// What holds for one file.
#[derive(Clone, Debug)]
pub(crate) struct Context<'c> {
    /// As it is shown; nothing is to be opened.
    pub(crate) path: &'c Path,
    /// What descriptions are to do where nothing in the file tells: `--role`.
    pub(crate) role: Option<Role>,
    /// Programs whose command lines hold descriptions.
    pub(crate) programs: &'c [Program],
    /// The tables of `strports.toml` and of presets that name the file, the user's first.
    pub(crate) sources: Vec<&'c Source>,
}

/// What is known of the value of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'c> {
    /// `None` where it may be either.
    pub(crate) role: Option<Role>,
    /// Whether it holds several descriptions; see [`Embedded::split`].
    ///
    /// [`Embedded::split`]: crate::check::embedded::Embedded::split
    pub(crate) split: Split,
    source: Option<&'c Source>,
}

impl Key<'_> {
    /// The descriptions in a value, in which programs fill in what `styles` tell.
    pub(crate) fn descriptions(self, mut value: Embedded, styles: Styles) -> Vec<Embedded> {
        value.role = self.role;
        let mut parts = value.with_placeholders(styles).split(self.split);
        parts.retain(|part| {
            let is_blank = part.text().trim_ascii().is_empty();
            !is_blank && !self.source.is_some_and(|source| source.excepts(part.text()))
        });
        parts
    }
}

impl Context<'_> {
    /// Whether any key of the file is known, so that looking at keys is worth it.
    pub(crate) fn has_keys(&self) -> bool {
        self.sources.iter().any(|source| source.has_keys())
    }

    /// What the configuration says of the value at `path`: sections, tables and keys from the
    /// outside in, and for the items of a list their index.
    ///
    /// `None` where it is no description.
    pub(crate) fn key<S: AsRef<str>>(&self, path: &[S]) -> Option<Key<'_>> {
        self.sources.iter().find_map(|source| {
            let role = source.key(path)?;
            Some(Key { role: role.or(self.role), split: source.split, source: Some(source) })
        })
    }

    /// What there is to know about a file that is descriptions from end to end.
    pub(crate) fn all(&self) -> Key<'_> {
        let role = self.role.or_else(|| self.sources.iter().find_map(|source| source.role));
        let source = self.sources.first().copied();
        Key { role, split: source.map_or(Split::No, |source| source.split), source }
    }
}
