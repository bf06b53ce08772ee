//! Descriptors that a program gets beside its standard ones.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

/// Descriptors, each under a number of its own. They stay open until the last copy is dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChildFds(Vec<(RawFd, Arc<OwnedFd>)>);

impl ChildFds {
    /// Passes a descriptor on under a number, in place of any that had it.
    pub(crate) fn insert(&mut self, number: RawFd, descriptor: OwnedFd) {
        self.0.retain(|(taken, _)| *taken != number);
        self.0.push((number, Arc::new(descriptor)));
    }

    /// Each descriptor with its number in the program.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (RawFd, BorrowedFd<'_>)> {
        self.0.iter().map(|(number, descriptor)| (*number, descriptor.as_fd()))
    }
}
