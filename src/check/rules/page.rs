//! What there is to say of one of the linter's own rules.

use strports_syntax::Severity;

/// The page of a rule.
pub(super) struct Page {
    pub(super) slug: &'static str,
    pub(super) severity: Severity,
    pub(super) summary: &'static str,
    /// What, why, an example as a list of descriptions, and what to write instead.
    pub(super) doc: &'static str,
}
