//! The type of a lint rule; each file in `rules` defines one.

use super::context::{Findings, RuleContext};
use crate::Code;

/// A lint rule: its code, its page, and the function that checks a description.
pub(crate) struct Rule {
    /// The code of the rule's findings.
    pub(crate) code: Code,
    /// Whether the fixes of the rule can remove errors, which its findings then explain and
    /// replace.
    pub(crate) fixes_errors: bool,
    /// The page in Markdown: what the rule finds, why, an example, and the correction.
    pub(crate) doc: &'static str,
    /// Checks one description, and adds the findings to the list.
    pub(crate) check: fn(&RuleContext<'_, '_>, &mut Findings<'_, '_>),
}
