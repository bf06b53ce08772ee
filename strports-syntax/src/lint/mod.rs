//! Lints: findings in text that is valid but probably a mistake. Each rule has its own file.
//!
//! A rule receives one description at a time, nested ones and those with errors included. Some
//! rules explain errors: the lint then replaces the errors that its fix removes; see
//! [`check`](crate::check()).

mod context;
mod rule;
mod rules;

use alloc::vec::Vec;

use self::context::{Findings, RuleContext};
use self::rules::RULES;
use crate::bind::BoundDescription;
use crate::diagnostic::pages;
use crate::{Code, Diagnostic};

/// Runs every rule on one bound description, and appends the lints to `found`.
pub(crate) fn run(bound: &BoundDescription<'_, '_>, found: &mut Vec<Diagnostic>) {
    let context = RuleContext::new(bound);
    let mut findings = Findings::new(bound, found);
    for rule in RULES {
        (rule.check)(&context, &mut findings);
    }
}

/// Whether findings with this code can explain errors, because their fixes remove them.
pub(crate) fn fixes_errors(code: Code) -> bool {
    RULES.iter().any(|rule| rule.fixes_errors && rule.code == code)
}

impl Code {
    /// The documentation page of the code: its meaning, the reason, an example, the correction, and
    /// a reference.
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
