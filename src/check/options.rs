//! What holds for a whole run.

use super::preflight::Preflight;
use super::selection::Selection;
use strports_syntax::Role;
use strports_syntax::signature::Releases;

/// What a run reports and what it assumes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Which rules are reported.
    pub selection: Selection,
    /// The role of descriptions whose file does not tell it; both are tried if it is `None`.
    pub role: Option<Role>,
    /// The releases of Twisted that read the descriptions.
    pub twisted: Releases,
    /// Checks files, certificates and keys that descriptions name; `None` checks text alone.
    pub preflight: Option<Preflight>,
}

impl Default for Options {
    /// Every rule, either role, the newest Twisted, and no look at a machine.
    fn default() -> Self {
        let twisted = Releases::NEWEST;
        Self { selection: Selection::default(), role: None, twisted, preflight: None }
    }
}
