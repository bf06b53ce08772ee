//! Trying fixes on a description that has errors: what mends is kept, and proven safe.

use alloc::vec::Vec;

use crate::diagnostic::apply;
use crate::lint;
use crate::trial::{Errors, bind};
use crate::{Code, Diagnostic, Error, ErrorKind, Fix, Role, Severity, Span, Types};

/// Longer texts are reported as they are: nobody wrote them by hand.
const LONGEST_MENDED: usize = 64 * 1024;

/// At most this many fixes are tried: each try binds the description again.
const MOST_TRIES: usize = 16;

/// The text on the bench, with the fixes that have proven to mend it.
pub(crate) struct Bench<'b> {
    types: Types<'b>,
    text: &'b [u8],
    role: Role,
    /// How many errors there are without a fix.
    found: usize,
    accepted: Vec<Fix>,
    tries: usize,
    /// The errors that the accepted fixes leave.
    remaining: Vec<ErrorKind>,
}

impl<'b> Bench<'b> {
    pub(crate) fn new(types: Types<'b>, text: &'b [u8], role: Role, errors: &[Error]) -> Self {
        let remaining: Vec<ErrorKind> = errors.iter().map(|error| *error.kind()).collect();
        let tries = if text.len() <= LONGEST_MENDED { 0 } else { MOST_TRIES };
        let found = remaining.len();
        Self { types, text, role, found, accepted: Vec::new(), tries, remaining }
    }

    /// Tries the fixes of the lints that explain errors.
    ///
    /// Those that leave fewer of them are taken from `lints`, and become those errors: the place,
    /// the explanation and the fix are the lint's. The fixes of one rule are tried together first:
    /// of two paths that were split, each alone may mend nothing.
    pub(crate) fn mend_by_lints(&mut self, lints: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut repairs = Vec::new();
        if self.remaining.is_empty() {
            return repairs;
        }
        let mending = |lint: &Diagnostic| lint.fix.is_some() && lint::mends(lint.code);
        let mut codes: Vec<Code> =
            lints.iter().filter(|it| mending(it)).map(|it| it.code).collect();
        codes.dedup();
        for code in codes {
            let of_code = |lint: &Diagnostic| mending(lint) && lint.code == code;
            let all: Vec<Fix> =
                lints.iter().filter(|it| of_code(it)).filter_map(|it| it.fix.clone()).collect();
            let mut together = self.mend(&all).map(Vec::into_iter);
            lints.retain(|lint| {
                if !of_code(lint) {
                    return true;
                }
                let (code, keeps) = match &mut together {
                    // Where two slips made one error, the second is a lint beside it.
                    Some(codes) => (codes.next().or(Some(code)), false),
                    None => self.mend_by(lint),
                };
                repairs.extend(code.map(|code| Diagnostic { code, ..lint.clone() }));
                keeps
            });
        }
        repairs
    }

    /// The code of an error that the lint's fix mends, if it does, and whether it stays a lint:
    /// what makes other errors is no explanation, and what makes no difference is one.
    fn mend_by(&mut self, lint: &Diagnostic) -> (Option<Code>, bool) {
        let fix: Vec<Fix> = lint.fix.iter().cloned().collect();
        match self.try_fixes(&fix) {
            None => (None, false),
            Some(left) if left.len() == self.remaining.len() => (None, true),
            Some(_) => (self.mend(&fix).and_then(|codes| codes.first().copied()), false),
        }
    }

    /// Accepts `fixes` if they leave fewer errors; gives the codes of those that they mend.
    fn mend(&mut self, fixes: &[Fix]) -> Option<Vec<Code>> {
        let left = self.try_fixes(fixes).filter(|left| left.len() < self.remaining.len())?;
        let mut rest = left.clone();
        let mended = self.remaining.iter().filter(|kind| !take(&mut rest, kind));
        let codes = mended.map(ErrorKind::code).collect();
        self.accepted.extend_from_slice(fixes);
        self.remaining = left;
        Some(codes)
    }

    /// Whether the error is one that no fix has mended.
    pub(crate) fn is_left(&self, kind: &ErrorKind) -> bool {
        self.remaining.contains(kind)
    }

    /// A safe fix leaves fewer errors; one that does not is a suggestion.
    pub(crate) fn prove(&mut self, diagnostic: &mut Diagnostic) {
        let Some(fix) = diagnostic.fix.as_mut().filter(|fix| fix.safe) else { return };
        // A backslash at the end may be one too many, or one of two that were meant.
        let doubled = Fix::safe(Span::empty(self.text.len()), r"\");
        let either = diagnostic.code == Code::TrailingBackslash
            && self.try_fixes(&[doubled]).is_some_and(|left| left.len() < self.remaining.len());
        fix.safe = !either && self.mend(core::slice::from_ref(fix)).is_some();
    }

    /// A lint's safe fix makes no error; one that does is a suggestion.
    pub(crate) fn prove_harmless(&mut self, lint: &mut Diagnostic) {
        let mends = lint::mends(lint.code);
        if let Some(fix) = lint.fix.as_mut().filter(|fix| fix.safe && mends) {
            fix.safe = self.try_fixes(core::slice::from_ref(fix)).is_some();
            self.accepted.extend(fix.safe.then(|| fix.clone()));
        }
    }

    /// How many errors all safe fixes leave.
    ///
    /// Where the lints' fixes get in the way of those of errors, they are suggestions; and all are
    /// where they mend nothing without the suggestions that were tried beside them.
    pub(crate) fn prove_together(&self, diagnostics: &mut [Diagnostic]) -> usize {
        let is_error = |it: &Diagnostic| it.severity() == Severity::Error;
        // Not those that are reported: one error may be explained at two places.
        let errors = self.found;
        let safe = |it: &Diagnostic| it.fix.as_ref().is_some_and(|fix| fix.safe);
        if self.text.len() > LONGEST_MENDED || !diagnostics.iter().any(safe) {
            return errors;
        }
        let left_by = |wanted: &dyn Fn(&Diagnostic) -> bool| {
            let fixes = diagnostics.iter().filter(|it| safe(it) && wanted(it));
            self.errors_with(fixes.filter_map(|it| it.fix.as_ref())).len()
        };
        let of_errors = diagnostics.iter().any(|it| is_error(it) && safe(it));
        let (all, alone) = (left_by(&|_| true), left_by(&is_error));
        let (left, keeps): (_, &dyn Fn(&Diagnostic) -> bool) =
            if all < errors + usize::from(!of_errors) {
                (all, &|_| true)
            } else if of_errors && alone < errors {
                (alone, &is_error)
            } else {
                (errors, &|_| false)
            };
        for diagnostic in diagnostics.iter_mut().filter(|it| !keeps(it)) {
            diagnostic.fix.iter_mut().for_each(|fix| fix.safe = false);
        }
        left
    }

    /// The errors that are left with `fixes`, if there is none among them that was not before.
    fn try_fixes(&mut self, fixes: &[Fix]) -> Option<Vec<ErrorKind>> {
        if self.tries == MOST_TRIES {
            return None;
        }
        self.tries += 1;
        let left = self.errors_with(self.accepted.iter().chain(fixes));
        let mut before = self.remaining.clone();
        left.iter().all(|kind| take(&mut before, kind)).then_some(left)
    }

    fn errors_with<'f>(&self, fixes: impl IntoIterator<Item = &'f Fix>) -> Vec<ErrorKind> {
        let mut errors = Errors::default();
        bind(self.types, &apply(self.text, fixes), self.role, &mut errors);
        errors.kept.iter().map(|error| *error.kind()).collect()
    }
}

/// Removes one that equals `kind`.
fn take(kinds: &mut Vec<ErrorKind>, kind: &ErrorKind) -> bool {
    let found = kinds.iter().position(|it| it == kind);
    found.map(|index| kinds.swap_remove(index)).is_some()
}
