//! The options of a preflight, and which values it cannot check.

use core::time::Duration;
use std::path::PathBuf;

use strports_syntax::Span;

/// The options of a preflight, and what is unknown about the description.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PreflightOptions {
    /// The spans of the text that a program fills in later, such as placeholders.
    ///
    /// Values that they may change are not checked.
    pub unknown: Vec<Span>,
    /// The directory from which relative paths in the description start.
    pub start: Start,
    /// Certificates that expire within this time are reported.
    ///
    /// The default is [`DEFAULT_EXPIRES_WITHIN`](super::DEFAULT_EXPIRES_WITHIN), or a quarter of
    /// the certificate's validity period if that is shorter.
    pub expires_within: Option<Duration>,
}

/// The directory from which relative paths in a description start.
///
/// Used by [`preflight`](crate::plan::preflight::preflight).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// The working directory of this process.
    #[default]
    Here,
    /// This directory, such as the working directory of a service.
    At(PathBuf),
    /// An unknown directory: relative paths are not checked.
    Unknown,
}
