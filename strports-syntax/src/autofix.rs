//! Tries fixes on a description: a fix is safe if binding the fixed text finds fewer errors.

use alloc::vec::Vec;

use crate::bind_role::{Errors, bind_role};
use crate::diagnostic::apply;
use crate::lint;
use crate::{Code, Diagnostic, Error, ErrorKind, Fix, Role, Severity, Span, Types};

/// Fixes are tried on texts up to this length: longer ones were not written by hand.
const LONGEST_FIXED: usize = 64 * 1024;

/// At most this many fixes are tried: each try binds the description again.
const MOST_TRIES: usize = 16;

/// A text with errors, and the fixes that have proven to remove them.
pub(crate) struct Autofix<'b> {
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

impl<'b> Autofix<'b> {
    pub(crate) fn new(types: Types<'b>, text: &'b [u8], role: Role, errors: &[Error]) -> Self {
        let remaining: Vec<ErrorKind> = errors.iter().map(|error| *error.kind()).collect();
        let tries = if text.len() <= LONGEST_FIXED { 0 } else { MOST_TRIES };
        let found = remaining.len();
        Self { types, text, role, found, accepted: Vec::new(), tries, remaining }
    }

    /// Tries the fixes of the lints that explain errors.
    ///
    /// A lint whose fix leaves fewer errors moves from `lints` to the result and replaces the
    /// error: the place, the explanation and the fix are the lint's. The fixes of one rule are
    /// tried together first: of two paths that were split, each fix alone may remove no error.
    pub(crate) fn explain_errors(&mut self, lints: &mut Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut explained = Vec::new();
        if self.remaining.is_empty() {
            return explained;
        }
        let explains = |lint: &Diagnostic| lint.fix.is_some() && lint::fixes_errors(lint.code);
        let mut codes: Vec<Code> =
            lints.iter().filter(|it| explains(it)).map(|it| it.code).collect();
        codes.dedup();
        for code in codes {
            let of_code = |lint: &Diagnostic| explains(lint) && lint.code == code;
            let all: Vec<Fix> =
                lints.iter().filter(|it| of_code(it)).filter_map(|it| it.fix.clone()).collect();
            let mut together = self.accept(&all).map(Vec::into_iter);
            lints.retain(|lint| {
                if !of_code(lint) {
                    return true;
                }
                let (code, keeps) = match &mut together {
                    // Where two slips made one error, the second is a lint beside it.
                    Some(codes) => (codes.next().or(Some(code)), false),
                    None => self.explain_error(lint),
                };
                explained.extend(code.map(|code| Diagnostic { code, ..lint.clone() }));
                keeps
            });
        }
        explained
    }

    /// The code of an error that the lint's fix removes, and whether the lint stays a lint.
    ///
    /// A lint whose fix makes other errors is dropped; one whose fix changes nothing stays.
    fn explain_error(&mut self, lint: &Diagnostic) -> (Option<Code>, bool) {
        let fix: Vec<Fix> = lint.fix.iter().cloned().collect();
        match self.try_fixes(&fix) {
            None => (None, false),
            Some(left) if left.len() == self.remaining.len() => (None, true),
            Some(_) => (self.accept(&fix).and_then(|codes| codes.first().copied()), false),
        }
    }

    /// Accepts `fixes` if they leave fewer errors, and returns the codes of the removed errors.
    fn accept(&mut self, fixes: &[Fix]) -> Option<Vec<Code>> {
        let left = self.try_fixes(fixes).filter(|left| left.len() < self.remaining.len())?;
        let mut rest = left.clone();
        let removed = self.remaining.iter().filter(|kind| !take(&mut rest, kind));
        let codes = removed.map(ErrorKind::code).collect();
        self.accepted.extend_from_slice(fixes);
        self.remaining = left;
        Some(codes)
    }

    /// Whether no accepted fix has removed the error.
    pub(crate) fn is_left(&self, kind: &ErrorKind) -> bool {
        self.remaining.contains(kind)
    }

    /// Makes the fix of an error a suggestion unless it leaves fewer errors.
    pub(crate) fn prove(&mut self, diagnostic: &mut Diagnostic) {
        let Some(fix) = diagnostic.fix.as_mut().filter(|fix| fix.safe) else { return };
        // A trailing backslash may be one too many, or half of an escaped backslash.
        let doubled = Fix::safe(Span::empty(self.text.len()), r"\");
        let either = diagnostic.code == Code::TrailingBackslash
            && self.try_fixes(&[doubled]).is_some_and(|left| left.len() < self.remaining.len());
        fix.safe = !either && self.accept(core::slice::from_ref(fix)).is_some();
    }

    /// Makes the fix of a lint a suggestion if it makes an error.
    pub(crate) fn prove_harmless(&mut self, lint: &mut Diagnostic) {
        let fixes_errors = lint::fixes_errors(lint.code);
        if let Some(fix) = lint.fix.as_mut().filter(|fix| fix.safe && fixes_errors) {
            fix.safe = self.try_fixes(core::slice::from_ref(fix)).is_some();
            self.accepted.extend(fix.safe.then(|| fix.clone()));
        }
    }

    /// Applies all safe fixes together and returns how many errors are left.
    ///
    /// If the fixes of lints conflict with those of errors, they become suggestions. All become
    /// suggestions if they remove no error without the suggestions that were tried beside them.
    pub(crate) fn prove_together(&self, diagnostics: &mut [Diagnostic]) -> usize {
        let is_error = |it: &Diagnostic| it.severity() == Severity::Error;
        // The errors that were found, as one error may be reported at two places.
        let errors = self.found;
        let safe = |it: &Diagnostic| it.fix.as_ref().is_some_and(|fix| fix.safe);
        if self.text.len() > LONGEST_FIXED || !diagnostics.iter().any(safe) {
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

    /// The errors that are left with `fixes`; `None` if there are new ones among them.
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
        bind_role(self.types, &apply(self.text, fixes), self.role, &mut errors);
        errors.kept.iter().map(|error| *error.kind()).collect()
    }
}

/// Removes one that equals `kind`.
fn take(kinds: &mut Vec<ErrorKind>, kind: &ErrorKind) -> bool {
    let found = kinds.iter().position(|it| it == kind);
    found.map(|index| kinds.swap_remove(index)).is_some()
}
