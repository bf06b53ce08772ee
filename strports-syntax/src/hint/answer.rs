//! What a hint consists of.

use alloc::string::String;
use alloc::vec::Vec;

use crate::Span;

/// What there is to say of one error.
#[derive(Default)]
pub(super) struct Hint {
    /// In place of the message of the error.
    pub(super) message: Option<String>,
    pub(super) help: Option<String>,
    /// What to write instead, perhaps.
    pub(super) fix: Option<(Span, Vec<u8>)>,
    /// The place, if it is more than that of the error; other errors in it are not reported.
    pub(super) whole: Option<Span>,
}
