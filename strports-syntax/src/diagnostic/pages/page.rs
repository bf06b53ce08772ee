//! The type of the documentation page of an error or a lint.

use crate::Code;

/// The documentation page that `strports rule` prints for a code.
pub(crate) struct Page {
    /// The code of the error or the lint that the page explains.
    pub(crate) code: Code,
    /// The text in Markdown: what the finding means, why it matters, an example and its correction.
    pub(crate) doc: &'static str,
}
