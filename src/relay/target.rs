//! The name by which events and counters refer to a target.

use core::fmt;
use std::sync::Arc;

use endpoint_runtime::Quoted;

/// The name of a target in events and counters: its index, from 0, and its description.
///
/// See [`RelayService`](crate::relay::RelayService) for an example.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TargetName {
    index: usize,
    endpoint: Arc<str>,
}

impl TargetName {
    /// Creates the name of the target at this index, with its description.
    pub fn new(index: usize, endpoint: &str) -> Self {
        Self { index, endpoint: endpoint.into() }
    }

    /// The index of the target in the list of targets, from 0.
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The description as the user wrote it, without the values of `env=`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

/// Formats the description in back-quotes.
impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Quoted::new(&*self.endpoint))
    }
}
