//! The documentation page of one code.

use crate::Code;

/// The page that `strports rule` prints for a code.
pub(crate) struct Page {
    pub(crate) code: Code,
    /// The text: what the finding means, why it matters, an example and its correction.
    pub(crate) doc: &'static str,
}
