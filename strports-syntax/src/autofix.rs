//! Tries fixes on a description: a fix is safe if binding the fixed text finds fewer errors.

use alloc::vec::Vec;

use crate::bind_role::{Errors, bind_role};
use crate::diagnostic::apply;
use crate::{Code, Diagnostic, Error, ErrorKind, Fix, Role, Severity, Span, Types};

/// Fixes are tried on texts up to this length: longer ones were not written by hand.
const LONGEST_FIXED: usize = 64 * 1024;

/// At most this many fixes are tried: each try binds the description again.
const MOST_TRIES: usize = 24;

/// How a description is read, and how many fixes may still be tried on it.
pub(crate) struct Autofix<'t> {
    types: Types<'t>,
    role: Role,
    tries: usize,
}

/// How much is wrong with a text, the worst first: fixes that reduce it are right.
///
/// An unknown type hides the mistakes in its arguments, and a wrong number of arguments those in
/// their values. A fix that removes a mistake may therefore bring others to light.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    types: usize,
    arguments: usize,
    values: usize,
}

impl Rank {
    /// The same without errors in values.
    pub(crate) const fn without_values(self) -> Self {
        Self { values: 0, ..self }
    }

    pub(crate) fn of(errors: &[ErrorKind]) -> Self {
        let mut rank = Self::default();
        for error in errors {
            match error {
                ErrorKind::EmptyDescription { .. }
                | ErrorKind::UnknownType { .. }
                | ErrorKind::NestedTooDeep { .. } => rank.types += 1,
                ErrorKind::TooManyArguments { max, found, .. } => {
                    rank.arguments += found.saturating_sub(*max);
                }
                ErrorKind::MissingArgument { .. }
                | ErrorKind::UnexpectedKeyword { .. }
                | ErrorKind::MultipleValues { .. }
                | ErrorKind::IndexAndName { .. } => rank.arguments += 1,
                _ => rank.values += 1,
            }
        }
        rank
    }
}

impl<'t> Autofix<'t> {
    pub(crate) const fn new(types: Types<'t>, role: Role) -> Self {
        Self { types, role, tries: 0 }
    }

    /// The errors that are left in `text` with `fixes`; `None` if too many fixes were tried.
    fn errors_with<'f>(
        &mut self,
        text: &[u8],
        fixes: impl IntoIterator<Item = &'f Fix>,
    ) -> Option<Vec<ErrorKind>> {
        self.errors_in(&apply(text, fixes)).map(|errors| errors.kinds())
    }

    /// The errors of `text`; `None` if too many texts were tried.
    pub(crate) fn errors_in(&mut self, text: &[u8]) -> Option<Errors> {
        if self.tries == MOST_TRIES || text.len() > LONGEST_FIXED {
            return None;
        }
        self.tries += 1;
        let mut errors = Errors::default();
        bind_role(self.types, text, self.role, &mut errors);
        Some(errors)
    }

    /// Applies all safe fixes together to a text with the errors `before`, and returns how many
    /// errors are left.
    ///
    /// If the fixes of lints conflict with those of errors, they become suggestions. All become
    /// suggestions if they remove no error without the suggestions that were tried beside them.
    pub(crate) fn prove_together(
        &mut self,
        text: &[u8],
        before: &[ErrorKind],
        diagnostics: &mut [Diagnostic],
    ) -> usize {
        if text.len() > LONGEST_FIXED {
            return before.len();
        }
        let is_error = |it: &Diagnostic| it.severity() == Severity::Error;
        let is_safe = |it: &Diagnostic| it.fix.as_ref().is_some_and(|fix| fix.safe);
        let of_errors = diagnostics.iter().any(|it| is_error(it) && is_safe(it));
        let mut left_by = |wanted: &dyn Fn(&Diagnostic) -> bool| {
            let safe = diagnostics.iter().filter(|it| is_safe(it) && wanted(it));
            let fixes: Vec<&Fix> = safe.filter_map(|it| it.fix.as_ref()).collect();
            let left = (!fixes.is_empty()).then(|| self.errors_with(text, fixes)).flatten()?;
            let (rank, worst) = (Rank::of(&left), Rank::of(before));
            (rank < worst || rank == worst && !of_errors).then_some(left.len())
        };
        let (left, keeps): (_, &dyn Fn(&Diagnostic) -> bool) = match left_by(&|_| true) {
            Some(left) => (left, &|_| true),
            None if of_errors => match left_by(&is_error) {
                Some(left) => (left, &is_error),
                None => (before.len(), &|_| false),
            },
            None => (before.len(), &|_| false),
        };
        for diagnostic in diagnostics.iter_mut().filter(|it| !keeps(it)) {
            diagnostic.fix.iter_mut().for_each(|fix| fix.safe = false);
        }
        left
    }
}

/// The errors of a text that no lint explains, and those of their fixes that remove them.
pub(crate) struct Proof<'p, 't> {
    autofix: &'p mut Autofix<'t>,
    text: &'p [u8],
    /// The errors that the accepted fixes leave.
    remaining: Vec<ErrorKind>,
    accepted: Vec<Fix>,
}

impl<'p, 't> Proof<'p, 't> {
    pub(crate) fn new(autofix: &'p mut Autofix<'t>, text: &'p [u8], errors: &[Error]) -> Self {
        let remaining = errors.iter().map(|error| *error.kind()).collect();
        Self { autofix, text, remaining, accepted: Vec::new() }
    }

    /// Makes the fix of an error a suggestion unless it leaves fewer errors.
    pub(crate) fn prove(&mut self, diagnostic: &mut Diagnostic) {
        let Some(fix) = diagnostic.fix.as_mut().filter(|fix| fix.safe) else { return };
        // A trailing backslash may be one too many, or half of an escaped backslash.
        let doubled = Fix::safe(Span::empty(self.text.len()), r"\");
        let either = diagnostic.code == Code::TrailingBackslash && self.fewer(&doubled).is_some();
        fix.safe = false;
        if let Some(left) = self.fewer(fix).filter(|_| !either) {
            fix.safe = true;
            self.remaining = left;
            self.accepted.push(fix.clone());
        }
    }

    /// Makes the fix of a lint a suggestion if it makes an error.
    pub(crate) fn prove_harmless(&mut self, lint: &mut Diagnostic) {
        let Some(fix) = lint.fix.as_mut().filter(|fix| fix.safe) else { return };
        fix.safe = self.left_by(fix).is_some_and(|left| left.is_empty());
        self.accepted.extend(fix.safe.then(|| fix.clone()));
    }

    /// The errors that the fix leaves if they are fewer and none of them is new.
    fn fewer(&mut self, fix: &Fix) -> Option<Vec<ErrorKind>> {
        let left = self.left_by(fix)?;
        let fewer = left.len() < self.remaining.len() && without(&left, &self.remaining).is_empty();
        fewer.then_some(left)
    }

    fn left_by(&mut self, fix: &Fix) -> Option<Vec<ErrorKind>> {
        self.autofix.errors_with(self.text, self.accepted.iter().chain([fix]))
    }
}

/// Those of `errors` that are not among `others`, each of those counted once.
pub(crate) fn without(errors: &[ErrorKind], others: &[ErrorKind]) -> Vec<ErrorKind> {
    let mut others = others.to_vec();
    let mut is_new = |kind: &&ErrorKind| {
        let found = others.iter().position(|it| it == *kind);
        found.map(|index| others.swap_remove(index)).is_none()
    };
    errors.iter().filter(|kind| is_new(kind)).copied().collect()
}
