//! The output of commands: reports for people, and JSON and CI formats for programs.

pub(super) mod conversion;
#[cfg(feature = "check")]
pub(super) mod coverage;
#[cfg(feature = "check")]
pub(super) mod findings;
pub(super) mod foreign;
pub(crate) mod human;
#[cfg(feature = "relay")]
pub(super) mod probe;
mod shown;
#[cfg(feature = "check")]
pub(super) mod types;
mod wrap;

pub(super) use shown::Shown;
#[cfg(feature = "relay")]
pub(super) use shown::{fitting, width as columns};
#[cfg(feature = "check")]
pub(super) use wrap::joined;
pub(super) use wrap::{fitted, wrapped};
