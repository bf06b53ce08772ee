//! What was found, for people and for programs.

#[cfg(feature = "check")]
pub(super) mod findings;
pub(super) mod human;
pub(super) mod json;
mod shown;

pub(super) use shown::Shown;
#[cfg(feature = "relay")]
pub(super) use shown::fitting;
