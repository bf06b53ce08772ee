//! What a preflight is asked for.

use core::time::Duration;
use std::path::PathBuf;

use strports_syntax::Span;

/// What is asked for, and what is known beside the description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The parts of the text that a program fills in later.
    pub unknown: Vec<Span>,
    /// The directory that relative paths start from.
    pub start: Start,
    /// Report certificates that expire within this time. Without it, it is
    /// [`DEFAULT_EXPIRES_WITHIN`](super::DEFAULT_EXPIRES_WITHIN), or a quarter of the time for
    /// which a certificate was issued, if that is less.
    pub expires_within: Option<Duration>,
}

/// The directory that relative paths start from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// From the directory in which this process runs.
    #[default]
    Here,
    /// From this directory.
    At(PathBuf),
    /// Unknown: relative paths are not checked.
    Unknown,
}
