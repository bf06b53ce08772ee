//! All files together.

use super::across::Listeners;
use super::finding::Finding;
use super::{Looked, Options};

/// What was looked at, in the order of the paths.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(super) files: Vec<Looked>,
}

impl Tree {
    pub(crate) fn new(mut files: Vec<Looked>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        Self { files }
    }

    /// What is to be reported, a list for each file, in the order of the places.
    pub(crate) fn findings(&self, options: &Options) -> Vec<Vec<Finding>> {
        let mut listeners = Listeners::default();
        for file in &self.files {
            listeners.add(&file.facts, &file.path);
        }
        self.files.iter().map(|file| file.findings(&listeners, options)).collect()
    }
}
