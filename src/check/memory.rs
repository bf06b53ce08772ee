//! The results for the previous version of a text that an editor changes.

use std::sync::Arc;

use super::embedded::Embedded;
use super::judge::Verdict;
use super::recent::{Recent, Trees};
use strports_syntax::Role;

/// The results for the previous version of one text, with the same configuration.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The syntax trees of statements in Python.
    pub(crate) trees: Trees,
    /// The verdicts about descriptions.
    verdicts: Recent<Arc<Verdict>>,
}

impl Memory {
    /// Begins the check of another version.
    pub(crate) fn turn(&self) {
        self.trees.turn();
        self.verdicts.turn();
    }

    /// The verdict about a description, independent of its place.
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
