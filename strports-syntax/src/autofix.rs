//! Tries fixes on a description. A fix is safe if the fixed text has fewer or less severe errors.

use alloc::vec::Vec;

use crate::bind_role::{Errors, bind_role};
use crate::diagnostic::apply;
use crate::{Code, Diagnostic, Error, ErrorKind, Fix, Role, Severity, Span, Types};

/// The maximum length in bytes of a text whose fixes are tried. Longer texts were not written by
/// hand.
const LONGEST_FIXED: usize = 64 * 1024;

/// The maximum number of tries per text, each of which binds the fixed text again.
const MOST_TRIES: usize = 24;

/// Binds texts with fixes applied, and stops after [`MOST_TRIES`] texts.
pub(crate) struct Autofix<'t> {
    types: Types<'t>,
    role: Role,
    tries: usize,
}

/// The number of errors of each class, for comparison: the field of the most severe class is first.
/// A fix is right if it lowers the rank.
///
/// Severe classes are compared first because of hidden errors. An error in the type hides errors in
/// the arguments, and a wrong number of arguments hides errors in their values. A fix that removes
/// an error may therefore reveal others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    types: usize,
    arguments: usize,
    values: usize,
}

impl Rank {
    /// The rank of the errors in types and arguments alone, which ignores wrong values.
    pub(crate) const fn without_values(self) -> Self {
        Self { values: 0, ..self }
    }

    pub(crate) fn from_errors(errors: &[ErrorKind]) -> Self {
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

    /// The errors that remain in `text` with `fixes` applied.
    ///
    /// Returns `None` after too many tries, or if the fixed text is too long.
    fn errors_with<'f>(
        &mut self,
        text: &[u8],
        fixes: impl IntoIterator<Item = &'f Fix>,
    ) -> Option<Vec<ErrorKind>> {
        self.errors_in(&apply(text, fixes)).map(|errors| errors.kinds())
    }

    /// Binds `text` as one try and returns its errors.
    ///
    /// Returns `None` after too many tries, or if the text is too long.
    pub(crate) fn errors_in(&mut self, text: &[u8]) -> Option<Errors> {
        if self.tries == MOST_TRIES || text.len() > LONGEST_FIXED {
            return None;
        }
        self.tries += 1;
        let mut errors = Errors::default();
        bind_role(self.types, text, self.role, &mut errors);
        Some(errors)
    }

    /// Applies all safe fixes of `diagnostics` together and returns how many errors remain in the
    /// text.
    ///
    /// `before` holds the errors of the unfixed text. If the fixes of lints conflict with those of
    /// errors, they become suggestions. If all fixes together remove no error, all become
    /// suggestions.
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
            let (rank, worst) = (Rank::from_errors(&left), Rank::from_errors(before));
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

/// Decides which fixes of one text are safe. `remaining` starts as the errors that no lint
/// explains.
pub(crate) struct Proof<'p, 't> {
    autofix: &'p mut Autofix<'t>,
    text: &'p [u8],
    /// The errors of `text` with all `accepted` fixes applied.
    remaining: Vec<ErrorKind>,
    /// The fixes that were found safe; each further fix is tried on top of them.
    accepted: Vec<Fix>,
}

impl<'p, 't> Proof<'p, 't> {
    pub(crate) fn new(autofix: &'p mut Autofix<'t>, text: &'p [u8], errors: &[Error]) -> Self {
        let remaining = errors.iter().map(|error| *error.kind()).collect();
        Self { autofix, text, remaining, accepted: Vec::new() }
    }

    /// Turns the safe fix of an error into a suggestion unless it removes an error and adds none.
    pub(crate) fn prove(&mut self, diagnostic: &mut Diagnostic) {
        let Some(fix) = diagnostic.fix.as_mut().filter(|fix| fix.safe) else { return };
        // If doubling a trailing backslash works too, removing it may not be what was meant.
        let doubled = Fix::safe(Span::empty(self.text.len()), r"\");
        let either = diagnostic.code == Code::TrailingBackslash && self.fewer(&doubled).is_some();
        fix.safe = false;
        if let Some(left) = self.fewer(fix).filter(|_| !either) {
            fix.safe = true;
            self.remaining = left;
            self.accepted.push(fix.clone());
        }
    }

    /// Turns the safe fix of a lint into a suggestion if the fixed text has an error.
    pub(crate) fn prove_harmless(&mut self, lint: &mut Diagnostic) {
        let Some(fix) = lint.fix.as_mut().filter(|fix| fix.safe) else { return };
        fix.safe = self.left_by(fix).is_some_and(|left| left.is_empty());
        self.accepted.extend(fix.safe.then(|| fix.clone()));
    }

    /// The errors that remain with `fix`; `None` if there are not fewer, or if one is new.
    fn fewer(&mut self, fix: &Fix) -> Option<Vec<ErrorKind>> {
        let left = self.left_by(fix)?;
        let fewer = left.len() < self.remaining.len() && without(&left, &self.remaining).is_empty();
        fewer.then_some(left)
    }

    fn left_by(&mut self, fix: &Fix) -> Option<Vec<ErrorKind>> {
        self.autofix.errors_with(self.text, self.accepted.iter().chain([fix]))
    }
}

/// The multiset difference: `errors` without one occurrence for each of `others`.
pub(crate) fn without(errors: &[ErrorKind], others: &[ErrorKind]) -> Vec<ErrorKind> {
    let mut others = others.to_vec();
    let mut is_new = |kind: &&ErrorKind| {
        let found = others.iter().position(|it| it == *kind);
        found.map(|index| others.swap_remove(index)).is_none()
    };
    errors.iter().filter(|kind| is_new(kind)).copied().collect()
}
