//! A page: what there is to say of one code.

use crate::Code;

/// What `strports rule` prints for one code.
pub(crate) struct Page {
    pub(crate) code: Code,
    /// What, why, an example, and what to write instead.
    pub(crate) doc: &'static str,
}
