//! Where findings go while a description is bound.

use crate::Error;
use crate::bind::Level;

/// Receives what is found while a description is bound, as it is found.
///
/// Binding goes on after an error, so that a sink hears of every mistake. What nobody listens to
/// costs nothing: messages and fixes are made from the data by whoever wants them.
pub trait Sink {
    /// A mistake; its span counts in the original text.
    fn error(&mut self, error: Error);

    /// One description has been bound to a signature: the outermost last, those inside it first.
    fn level(&mut self, level: &Level<'_, '_>) {
        let _ = level;
    }
}

/// Keeps the first error.
#[derive(Default)]
pub(crate) struct FirstError(pub(crate) Option<Error>);

impl Sink for FirstError {
    fn error(&mut self, error: Error) {
        self.0.get_or_insert(error);
    }
}
