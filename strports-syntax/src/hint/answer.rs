//! The type of hints: what they change in the report of an error.

use alloc::string::String;
use alloc::vec::Vec;

use crate::Span;

/// Changes to the report of one error; by default, none.
#[derive(Default)]
pub(super) struct Hint {
    /// The message that replaces that of the error; `None` keeps it.
    pub(super) message: Option<String>,
    /// Advice on how to correct the text; `None` if the new message or the fix says it.
    pub(super) help: Option<String>,
    /// A span of the text and the bytes that are suggested in its place.
    pub(super) fix: Option<(Span, Vec<u8>)>,
    /// A larger span to report the error at. Other errors inside it are then not reported, because
    /// they have the same cause.
    pub(super) whole: Option<Span>,
}
