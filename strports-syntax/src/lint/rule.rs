//! A lint rule: its code, its page and its check.

use super::context::{Findings, RuleContext};
use crate::Code;

/// A rule: its code, its page, and the function that checks a description.
pub(crate) struct Rule {
    pub(crate) code: Code,
    /// Whether the rule explains errors and its fixes remove them.
    pub(crate) fixes_errors: bool,
    /// The page: what the rule finds, why, an example, and the correction.
    pub(crate) doc: &'static str,
    pub(crate) check: fn(&RuleContext<'_, '_>, &mut Findings<'_, '_>),
}
