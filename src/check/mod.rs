//! The linter: descriptions where they live in files, judged, and what to write there instead.
//!
//! A file goes from left to right: `walk` finds it, `source` finds the descriptions in it, `finding` judges each,
//! `suppress` takes away what a comment says to ignore.

pub(crate) mod config;
pub(crate) mod embedded;
pub(crate) mod finding;
pub(crate) mod lints;
pub(crate) mod place;
pub(crate) mod rules;
pub(crate) mod source;
