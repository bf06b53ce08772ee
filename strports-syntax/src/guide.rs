//! Pages on using this crate.

/// Lifetimes, and forms that own their text.
pub mod lifetimes {
    #![doc = include_str!("../docs/lifetimes.md")]
}

/// For authors of other runtimes.
pub mod runtimes {
    #![doc = include_str!("../docs/runtimes.md")]
}
