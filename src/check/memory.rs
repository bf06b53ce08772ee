//! Caches results for a text that an editor changes, so that unchanged parts are not checked again.

use std::sync::Arc;

use super::embedded::Embedded;
use super::judge::Verdict;
use super::recent::{Recent, Trees};
use strports_syntax::Role;

/// The cached results for one text in an editor, all made with the same configuration.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The syntax trees of Python statements, by their source text.
    pub(crate) trees: Trees,
    /// The verdicts about descriptions, by their text and role.
    verdicts: Recent<Arc<Verdict>>,
}

impl Memory {
    /// Begins the check of another version, and drops results that the previous check did not use.
    pub(crate) fn turn(&self) {
        self.trees.turn();
        self.verdicts.turn();
    }

    /// The cached verdict about a description, or the result of `judge` if there is none.
    pub(crate) fn verdict(
        &self,
        embedded: &Embedded,
        judge: impl FnOnce() -> Arc<Verdict>,
    ) -> Arc<Verdict> {
        let role = match embedded.role {
            None => b'-',
            Some(Role::Server) => b's',
            Some(Role::Client) => b'c',
        };
        let key = [embedded.text(), &[role, u8::from(embedded.extensions)]].concat();
        self.verdicts.get(&key, judge)
    }

    /// How many statements were parsed and how many descriptions were judged, in all versions.
    #[cfg(test)]
    pub(crate) fn made(&self) -> (usize, usize) {
        (self.trees.made(), self.verdicts.made())
    }
}
