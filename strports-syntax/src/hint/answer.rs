//! The parts of a hint.

use alloc::string::String;
use alloc::vec::Vec;

use crate::Span;

/// The additional report for one error: explanation, advice and fix.
#[derive(Default)]
pub(super) struct Hint {
    /// Replaces the message of the error.
    pub(super) message: Option<String>,
    pub(super) help: Option<String>,
    /// A suggested replacement.
    pub(super) fix: Option<(Span, Vec<u8>)>,
    /// A larger place than that of the error. Other errors inside it are not reported.
    pub(super) whole: Option<Span>,
}
