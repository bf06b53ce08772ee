//! What was found, for people and for programs.

pub(super) mod findings;
pub(super) mod human;
pub(super) mod json;
mod shown;

pub(super) use shown::{Shown, fitting};
