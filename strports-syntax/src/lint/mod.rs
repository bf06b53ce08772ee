//! What is accepted and still probably not what was meant: a rule a file.
//!
//! The rules see one description at a time, bound or not, nested ones each on their own. Where the
//! description has errors, a rule that explains them mends them: see [`check`](crate::check()).

mod rules;
mod subject;

use alloc::vec::Vec;

use crate::bind::Level;
use crate::diagnostic::pages;
use crate::{Code, Diagnostic};
pub(crate) use rules::RULES;
pub(crate) use subject::{Findings, Subject};

/// One rule: what it finds, and how.
pub(crate) struct Rule {
    pub(crate) code: Code,
    /// Whether its fixes mend errors.
    pub(crate) mends: bool,
    /// What, why, an example, and what to write instead.
    pub(crate) doc: &'static str,
    pub(crate) check: fn(&Subject<'_, '_>, &mut Findings<'_, '_>),
}

/// Runs every rule on one description.
pub(crate) fn run(level: &Level<'_, '_>, found: &mut Vec<Diagnostic>) {
    let subject = Subject::new(level);
    let mut findings = Findings::new(level, found);
    for rule in RULES {
        (rule.check)(&subject, &mut findings);
    }
}

/// Whether the fixes of this rule mend errors.
pub(crate) fn mends(code: Code) -> bool {
    RULES.iter().any(|rule| rule.mends && rule.code == code)
}

impl Code {
    /// The page on it: what it finds, why, an example, what to write instead, and a reference.
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
