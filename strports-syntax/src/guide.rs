//! The guide: pages on using this crate.
//!
//! | page | read it to |
//! | --- | --- |
//! | [`features`] | choose the features to build |
//! | [`lifetimes`] | keep a parsed description |
//! | [`runtimes`] | listen and connect with another runtime than `endpoint-runtime` |
//! | [`literals`] | write a description in a program |

/// The Cargo features of the crate, and what works without each.
pub mod features {
    #![doc = include_str!("../docs/features.md")]
}

/// How long parsed endpoints borrow their text, and how to keep them longer.
pub mod lifetimes {
    #![doc = include_str!("../docs/lifetimes.md")]
}

/// How to listen and connect with another runtime than `endpoint-runtime`.
pub mod runtimes {
    #![doc = include_str!("../docs/runtimes.md")]
}

/// Descriptions in a program, checked at compile time or in tests.
pub mod literals {
    #![doc = include_str!("../docs/literals.md")]
}
