//! Which values of a file are descriptions: patterns for paths of keys, and what they hold.

use globset::GlobMatcher;

use crate::check::embedded::Split;
use crate::check::pattern::keys_as_path;
use strports_syntax::Role;

/// What one `[[source]]` of `strports.toml` says of the values in its files.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    /// Patterns for paths of keys; see [`key_pattern`](crate::check::pattern::key_pattern).
    pub(crate) patterns: Vec<(GlobMatcher, Option<Role>)>,
    pub(crate) split: Split,
    /// For files that consist of descriptions.
    pub(crate) role: Option<Role>,
    /// Values that are not descriptions, such as `disabled`.
    pub(crate) except: Vec<GlobMatcher>,
}

impl Keys {
    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Whether a value is one of those that are not descriptions.
    pub(super) fn excepts(&self, value: &[u8]) -> bool {
        let value = String::from_utf8_lossy(value.trim_ascii());
        self.except.iter().any(|pattern| pattern.is_match(&*value))
    }

    /// The role of the value at a path of keys that are joined by `.`; `None` if it is not a
    /// description.
    #[expect(clippy::option_option, reason = "no key, a key of either role, a key of one role")]
    pub(super) fn role_at(&self, path: &str) -> Option<Option<Role>> {
        let path = keys_as_path(path);
        self.patterns.iter().find(|(glob, _)| glob.is_match(&path)).map(|(_, role)| *role)
    }
}
