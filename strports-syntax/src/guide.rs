//! Pages on using this crate.
//!
//! | page | read it to |
//! | --- | --- |
//! | [`features`] | choose the features to build |
//! | [`lifetimes`] | keep a parsed description |
//! | [`runtimes`] | listen and connect with another runtime than `endpoint-runtime` |
//! | [`literals`] | write a description in a program |

/// What each feature adds, and what works without any.
pub mod features {
    #![doc = include_str!("../docs/features.md")]
}

/// Lifetimes, and forms that own their text.
pub mod lifetimes {
    #![doc = include_str!("../docs/lifetimes.md")]
}

/// For authors of other runtimes.
pub mod runtimes {
    #![doc = include_str!("../docs/runtimes.md")]
}

/// Descriptions in a program, checked before it runs.
pub mod literals {
    #![doc = include_str!("../docs/literals.md")]
}
