//! The configuration of one side of TLS: made of files, or the program's own.

use std::sync::Arc;

use super::store::reload::Store;

/// A configuration that may change, or one that does not.
pub(super) enum Configs<C> {
    /// Made of what the store holds.
    Store(Arc<Store<C>>),
    /// Of the program's own.
    Own(Arc<C>),
}

impl<C> Configs<C> {
    pub(super) fn store(&self) -> Option<&Arc<Store<C>>> {
        match self {
            Self::Store(store) => Some(store),
            Self::Own(_) => None,
        }
    }

    /// The configuration of connections from now on.
    pub(super) fn current(&self) -> Arc<C> {
        match self {
            Self::Store(store) => Arc::clone(&store.current().config),
            Self::Own(config) => Arc::clone(config),
        }
    }
}

impl<C> Clone for Configs<C> {
    fn clone(&self) -> Self {
        match self {
            Self::Store(store) => Self::Store(Arc::clone(store)),
            Self::Own(config) => Self::Own(Arc::clone(config)),
        }
    }
}
