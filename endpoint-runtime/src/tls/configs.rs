//! The TLS configuration of one side: created from files, or given by the program.

use std::sync::Arc;

use super::store::reload::Store;

/// A configuration of rustls: one that changes with its files, or a fixed one of the program.
pub(super) enum Configs<C> {
    /// Created from the content of the store.
    Store(Arc<Store<C>>),
    /// Given by the program.
    Own(Arc<C>),
}

impl<C> Configs<C> {
    /// The store that reloads the files; `None` for a configuration that the program supplied.
    pub(super) fn store(&self) -> Option<&Arc<Store<C>>> {
        match self {
            Self::Store(store) => Some(store),
            Self::Own(_) => None,
        }
    }

    /// The configuration for a handshake that begins now. A reload replaces it for later ones.
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
