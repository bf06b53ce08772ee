//! Patterns for paths of keys whose values are descriptions, with their roles.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use globset::GlobMatcher;
use memchr::memmem;

use crate::check::embedded::Split;
use crate::check::pattern::{key_pattern, keys_as_path};
use crate::check::place::Place;
use strports_syntax::Role;

/// One `[[source]]` of `strports.toml` or a preset: the keys whose values are descriptions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// The patterns of `keys =`; the first one that matches a key determines the role.
    pub(crate) patterns: Vec<KeyPattern>,
    /// The separator of descriptions in one value.
    pub(crate) split: Split,
    /// The role of descriptions without a role of their own, such as those of a list; `None` means
    /// either role.
    pub(crate) role: Option<Role>,
    /// Values that are not descriptions, such as `disabled`.
    pub(crate) except: Vec<GlobMatcher>,
    /// Whether the `[[source]]` is the user's, not part of a preset.
    pub(crate) is_own: bool,
    /// Whether only values that start with a type and a colon are descriptions.
    pub(crate) typed: bool,
}

/// An entry of `keys =` in `strports.toml`: a pattern of keys, and the role of their values.
#[derive(Clone, Debug)]
pub(crate) struct KeyPattern {
    /// The pattern as it is written in the configuration, for messages.
    pub(crate) text: String,
    /// The line and column of the entry in the configuration.
    pub(crate) place: Place,
    /// The compiled pattern, for paths that [`keys_as_path`] has converted.
    glob: GlobMatcher,
    pub(crate) role: Option<Role>,
    /// Whether a checked file has such a key; otherwise, the entry is reported as unused.
    pub(crate) used: Seen,
    /// The name that the list of descriptions (`--list`) shows as the source.
    pub(crate) name: Arc<str>,
    /// The text with which the last key of every match begins and ends. Most paths differ there, so
    /// the glob is not needed.
    ends: (String, String),
}

impl KeyPattern {
    /// Compiles the pattern `text`, which is written at `place` of `configuration`.
    ///
    /// # Errors
    ///
    /// Returns an error if `text` is not a pattern, such as `a[`.
    pub(crate) fn new(
        text: &str,
        place: Place,
        role: Option<Role>,
        configuration: &str,
    ) -> Result<Self, globset::Error> {
        let glob = key_pattern(text)?;
        let name = format!("key `{text}` of {configuration}").into();
        let (text, ends, used) = (text.to_owned(), ends(text), Seen::default());
        Ok(Self { text, place, glob, role, used, name, ends })
    }

    /// Whether a path may match; only its last key is compared.
    fn may_fit(&self, path: &str) -> bool {
        let last = &path[memchr::memrchr(b'.', path.as_bytes()).map_or(0, |dot| dot + 1)..];
        last.starts_with(&self.ends.0) && last.ends_with(&self.ends.1)
    }

    /// The last key of the pattern; `None` if it has a wildcard.
    fn last_word(&self) -> Option<&str> {
        let word = self.text.rsplit('.').next()?;
        is_literal(word).then_some(word)
    }

    /// Whether the last key has no wildcard. `*` also matches tables beside the texts for which it
    /// is meant, so these are not reported.
    pub(super) fn names_one(&self) -> bool {
        let last = self.text.rsplit('.').next().unwrap_or_default();
        !last.contains(['*', '?', '[', '{'])
    }

    /// The keys of the pattern that a matching file must contain: those without wildcards and
    /// indices.
    fn literals(&self) -> impl Iterator<Item = &str> {
        let is_name = |it: &&str| is_literal(it) && it.parse::<usize>().is_err();
        self.text.split('.').filter(is_name)
    }
}

/// A flag that is set once something was found. Clones share it, also between threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen(Arc<AtomicBool>);

impl Seen {
    pub(crate) fn set(&self) {
        // Most flags are already set, and a write would invalidate the cache line of other threads.
        if !self.get() {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Keys {
    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether `value` is an exception such as `disabled`, which is not a description.
    pub(super) fn excepts(&self, value: &[u8]) -> bool {
        let value = String::from_utf8_lossy(value.trim_ascii());
        self.except.iter().any(|pattern| pattern.is_match(&*value))
    }

    /// Whether a path may match; only its last key is compared.
    pub(super) fn may_fit(&self, path: &str) -> bool {
        self.patterns.iter().any(|it| it.may_fit(path))
    }

    /// Whether the last key of a pattern may match the index of an item in a list.
    pub(super) fn may_fit_number(&self) -> bool {
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        self.patterns.iter().any(|it| is_number(&it.ends.0) && is_number(&it.ends.1))
    }

    /// Returns the pattern that matches a path of keys joined by `.`, or `None` if its value is not
    /// a description.
    pub(super) fn pattern_for(&self, path: &str) -> Option<&KeyPattern> {
        let may_fit = |it: &&KeyPattern| it.may_fit(path);
        let first = self.patterns.iter().position(|it| it.may_fit(path))?;
        let path_of_keys = keys_as_path(path);
        let rest = self.patterns[first..].iter().filter(may_fit);
        let mut fitting = rest.filter(|it| it.glob.is_match(&path_of_keys));
        let first = fitting.next()?;
        if self.is_own {
            first.used.set();
            fitting.for_each(|it| it.used.set());
        }
        Some(first)
    }

    /// The first pattern `SECTION.KEY` whose part after the first dot equals `key`; `None` if there
    /// is none.
    pub(super) fn pattern_behind_section(&self, key: &str) -> Option<&KeyPattern> {
        let fits = |it: &&KeyPattern| it.text.split_once('.').is_some_and(|(_, rest)| rest == key);
        self.patterns.iter().find(fits)
    }

    /// Whether a file contains all literal keys of one of the patterns, so that one may match.
    pub(crate) fn may_be_in(&self, file: &[u8]) -> bool {
        self.patterns.is_empty()
            || self
                .patterns
                .iter()
                .any(|it| it.literals().all(|word| memmem::find(file, word.as_bytes()).is_some()))
    }

    /// The last key of each pattern; `None` if one of them has a wildcard there.
    pub(crate) fn last_words(&self) -> Option<Vec<&str>> {
        self.patterns.iter().map(KeyPattern::last_word).collect()
    }
}

/// The text with which the last key of every match begins and ends; empty where that is not
/// certain.
fn ends(pattern: &str) -> (String, String) {
    // Alternatives in braces may contain dots, so the last key cannot be determined.
    if pattern.contains(['{', '\\']) {
        return <(String, String)>::default();
    }
    let last = pattern.rsplit('.').next().unwrap_or_default();
    let is_special = |char: char| !(char.is_alphanumeric() || char == '_' || char == '-');
    let head = last.find(is_special).unwrap_or(last.len());
    let tail = last.rfind(is_special).map_or(0, |at| at + 1);
    (last[..head].to_owned(), last.get(tail..).unwrap_or_default().to_owned())
}

/// Whether a key of a pattern has no wildcards.
fn is_literal(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
