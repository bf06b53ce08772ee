//! Trying fixes on a description that has errors: what mends is kept, and proven safe.

use alloc::vec::Vec;

use crate::check::{Errors, bind};
use crate::diagnostic::apply;
use crate::lint;
use crate::{Code, Diagnostic, Error, ErrorKind, Fix, Role, Severity, Span};

/// Longer texts are reported as they are: nobody wrote them by hand.
const LONGEST_MENDED: usize = 64 * 1024;

/// At most this many fixes are tried: each try binds the description again.
const MOST_TRIES: usize = 16;

/// The text on the bench, with the fixes that have proven to mend it.
pub(crate) struct Bench<'b> {
    text: &'b [u8],
    role: Role,
    accepted: Vec<Fix>,
    tries: usize,
    /// The errors that the accepted fixes leave.
    remaining: Vec<ErrorKind>,
}

impl<'b> Bench<'b> {
    pub(crate) fn new(text: &'b [u8], role: Role, errors: &[Error]) -> Self {
        let remaining: Vec<ErrorKind> = errors.iter().map(|error| *error.kind()).collect();
        let tries = if text.len() <= LONGEST_MENDED { 0 } else { MOST_TRIES };
        Self { text, role, accepted: Vec::new(), tries, remaining }
    }

    /// Tries the fixes of the lints that explain errors.
    ///
    /// Each that leaves fewer of them is taken from `lints`, and becomes one of those errors: the
    /// place, the explanation and the fix are the lint's. Where one has mended, the others of its
    /// kind belong to it.
    pub(crate) fn mend_by_lints(&mut self, lints: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut repairs = Vec::new();
        let mut last: Option<(Code, Code)> = None;
        lints.retain(|lint| {
            let Some(fix) = lint.fix.as_ref().filter(|_| lint::mends(lint.code)) else {
                return true;
            };
            let again = last.filter(|(of_lint, _)| *of_lint == lint.code).map(|(_, code)| code);
            // What makes other errors is no explanation, and what makes no difference is a lint.
            let Some(left) = self.try_fix(fix) else { return false };
            let mut rest = left.clone();
            let mended = self.remaining.iter().find(|kind| !take(&mut rest, kind));
            let Some(code) = mended.map(ErrorKind::code).or(again) else { return true };
            last = Some((lint.code, code));
            repairs.push(Diagnostic { code, ..lint.clone() });
            self.accept(fix, left);
            false
        });
        repairs
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
        let either = diagnostic.code == Code::TrailingBackslash && self.mends(&doubled).is_some();
        match self.mends(fix) {
            Some(left) if !either => self.accept(fix, left),
            _ => fix.safe = false,
        }
    }

    /// The errors that are left with `fix`, if they are fewer.
    fn mends(&mut self, fix: &Fix) -> Option<Vec<ErrorKind>> {
        let left = self.try_fix(fix)?;
        (left.len() < self.remaining.len()).then_some(left)
    }

    /// A lint's safe fix makes no error; one that does is a suggestion.
    pub(crate) fn prove_harmless(&mut self, lint: &mut Diagnostic) {
        let mends = lint::mends(lint.code);
        let Some(fix) = lint.fix.as_mut().filter(|fix| fix.safe && mends) else { return };
        match self.try_fix(fix) {
            Some(left) => self.accept(fix, left),
            None => fix.safe = false,
        }
    }

    /// How many errors all safe fixes leave.
    ///
    /// Where the lints' fixes get in the way of those of errors, they are suggestions.
    pub(crate) fn prove_together(&self, diagnostics: &mut [Diagnostic]) -> usize {
        let safe = |it: &&Diagnostic| it.fix.as_ref().is_some_and(|fix| fix.safe);
        let left_by = |wanted: &dyn Fn(&&Diagnostic) -> bool, diagnostics: &[Diagnostic]| {
            let fixes = diagnostics.iter().filter(safe).filter(wanted);
            self.errors_with(fixes.filter_map(|it| it.fix.as_ref())).len()
        };
        let is_error = |it: &&Diagnostic| it.severity() == Severity::Error;
        if self.text.len() > LONGEST_MENDED || !diagnostics.iter().any(|it| safe(&it)) {
            return diagnostics.iter().filter(is_error).count();
        }
        let (all, of_errors) = (left_by(&|_| true, diagnostics), left_by(&is_error, diagnostics));
        if all > of_errors {
            let lints = diagnostics.iter_mut().filter(|it| it.severity() != Severity::Error);
            lints.filter_map(|it| it.fix.as_mut()).for_each(|fix| fix.safe = false);
        }
        of_errors
    }

    /// The errors that are left with `fix`, if there is none among them that was not before.
    fn try_fix(&mut self, fix: &Fix) -> Option<Vec<ErrorKind>> {
        if self.tries == MOST_TRIES {
            return None;
        }
        self.tries += 1;
        self.accepted.push(fix.clone());
        let left = self.errors_with(&self.accepted);
        self.accepted.pop();
        let mut before = self.remaining.clone();
        left.iter().all(|kind| take(&mut before, kind)).then_some(left)
    }

    fn accept(&mut self, fix: &Fix, left: Vec<ErrorKind>) {
        self.accepted.push(fix.clone());
        self.remaining = left;
    }

    fn errors_with<'f>(&self, fixes: impl IntoIterator<Item = &'f Fix>) -> Vec<ErrorKind> {
        let mut errors = Errors::default();
        bind(&apply(self.text, fixes), self.role, &mut errors);
        errors.kept.iter().map(|error| *error.kind()).collect()
    }
}

/// Removes one that equals `kind`.
fn take(kinds: &mut Vec<ErrorKind>, kind: &ErrorKind) -> bool {
    let found = kinds.iter().position(|it| it == kind);
    found.map(|index| kinds.swap_remove(index)).is_some()
}
