//! The documentation page of one of the linter's own rules.

use strports_syntax::Severity;

/// The page of a rule.
pub(super) struct Page {
    pub(super) slug: &'static str,
    pub(super) severity: Severity,
    pub(super) summary: &'static str,
    /// The text: what the rule finds, the reason, an example as a list of descriptions, and the
    /// correction.
    pub(super) doc: &'static str,
}
