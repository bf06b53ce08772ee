//! The documentation page of one of the linter's own rules.

use strports_syntax::Severity;

/// The code, the severity and the documentation of one of the linter's own rules.
pub(super) struct Page {
    pub(super) slug: &'static str,
    pub(super) severity: Severity,
    /// The mistake that the rule finds, in one clause.
    pub(super) summary: &'static str,
    /// The text: what the rule finds, the reason, an example as a list of descriptions, and the
    /// correction.
    pub(super) doc: &'static str,
}
