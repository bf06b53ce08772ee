//! A lint rule: its code, its page and its check.

use super::context::{Findings, RuleContext};
use crate::Code;

/// One rule.
pub(crate) struct Rule {
    pub(crate) code: Code,
    /// Whether it explains errors, so that its fixes remove them.
    pub(crate) fixes_errors: bool,
    /// Its page: what it finds, why, an example, and what to write instead.
    pub(crate) doc: &'static str,
    pub(crate) check: fn(&RuleContext<'_, '_>, &mut Findings<'_, '_>),
}
