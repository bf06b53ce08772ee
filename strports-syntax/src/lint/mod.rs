//! Lints: text that is valid but probably a mistake. Each rule has a file.
//!
//! A rule sees one description at a time, also inside others, and also one with errors. A rule
//! that explains errors supplies the fix for them: see [`check`](crate::check()).

mod context;
mod rule;
mod rules;

use alloc::vec::Vec;

use self::context::{Findings, RuleContext};
use self::rules::RULES;
use crate::bind::BoundDescription;
use crate::diagnostic::pages;
use crate::{Code, Diagnostic};

/// Runs every rule on one description.
pub(crate) fn run(bound: &BoundDescription<'_, '_>, found: &mut Vec<Diagnostic>) {
    let context = RuleContext::new(bound);
    let mut findings = Findings::new(bound, found);
    for rule in RULES {
        (rule.check)(&context, &mut findings);
    }
}

/// Whether the rule of this lint explains errors, so that its fixes remove them.
pub(crate) fn fixes_errors(code: Code) -> bool {
    RULES.iter().any(|rule| rule.fixes_errors && rule.code == code)
}

impl Code {
    /// Its page: what it finds, why, an example, what to write instead, and a reference.
    ///
    /// ```
    /// use strports_syntax::Code;
    /// assert!(Code::UnescapedIpv6.page().contains(r"\:\:1"));
    /// ```
    pub fn page(self) -> &'static str {
        let lint = || RULES.iter().find(|rule| rule.code == self).map(|rule| rule.doc);
        pages::find(self).or_else(lint).unwrap_or_default()
    }
}

#[cfg(test)]
pub(crate) mod tests;
