//! Explains errors by lints: a lint whose fix removes an error describes the cause better.
//!
//! A slip such as an unescaped colon shifts the arguments after it. That causes false errors and
//! hides real ones. Each round therefore applies the fix of a lint that explains errors, and binds
//! the text again, until no fix helps. Errors of the last text are reported at their place in the
//! original text.

use alloc::vec::Vec;

use crate::autofix::{Autofix, Proof, Rank, without};
use crate::edits::Edits;
use crate::find::{Found, find};
use crate::{Code, Diagnostic, Error, ErrorKind, Fix, Role, Severity, Types};
use crate::{hint, lint};

/// The number of fixes of one rule that are tried one by one; more would use up the tries that
/// other rules need.
const MOST_ALONE: usize = 6;

/// The findings of a text: its errors, explained by lints where possible, and the other lints.
pub(crate) struct Explained {
    pub(crate) errors: Vec<Diagnostic>,
    pub(crate) lints: Vec<Diagnostic>,
    /// The number of errors that were left out because there are too many.
    pub(crate) more: usize,
}

/// Explains the errors of `text` by its lints, both of which `found` holds.
///
/// Fixes that turn out not to be safe become suggestions.
pub(crate) fn explain(types: Types<'_>, text: &[u8], role: Role, mut found: Found) -> Explained {
    let mut autofix = Autofix::new(types, role);
    let mut rounds = Rounds { edits: Edits::new(text), explained: Vec::new() };
    if found.errors.kept.is_empty() {
        let mut proof = Proof::new(&mut autofix, text, &[]);
        let explaining = found.lints.iter_mut().filter(|lint| explains(lint));
        explaining.for_each(|lint| proof.prove_harmless(lint));
        return Explained { errors: Vec::new(), lints: found.lints, more: 0 };
    }
    while rounds.explain(&mut autofix, &found.errors.kinds(), &mut found.lints) {
        (_, found) = find(types, rounds.edits.text(), role);
    }
    let Found { errors, mut lints } = found;
    let left = hint::diagnostics(types, rounds.edits.text(), role, &errors.kept);
    let explained = rounds.finish(&mut autofix, &errors.kept, left, &mut lints);
    Explained { errors: explained, lints, more: errors.more }
}

/// The state between rounds: the text with the fixes applied so far, and the errors they explain.
struct Rounds<'t> {
    edits: Edits<'t>,
    explained: Vec<Diagnostic>,
}

/// What applying fixes does to the errors of a text. The variants are ordered, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Some errors disappear, and none is new.
    Fewer,
    /// The errors are less severe, with the given rank, although some are new.
    Lighter(Rank),
    /// Errors appear, but only in the values of other arguments, which were not checked before.
    Reveals,
    /// The errors stay the same.
    Same,
    /// The errors are more severe or in the fixed place, or the fixes were not tried.
    Worse,
}

/// A set of lints whose fixes were tried together, and the effect of the fixes.
struct Candidate {
    /// The indices, in the list of lints, of those whose fixes are applied.
    lints: Vec<usize>,
    outcome: Outcome,
    /// The errors that the fixes remove from the text.
    removed: Vec<ErrorKind>,
}

impl Rounds<'_> {
    /// Runs one round: applies the best fixes of lints that explain errors.
    ///
    /// Returns whether any were applied; the text must then be bound again.
    ///
    /// `before` holds the errors of the current text. If no fix helps, lints whose fixes make the
    /// errors worse are removed from `lints`, because they misjudge the text.
    fn explain(
        &mut self,
        autofix: &mut Autofix<'_>,
        before: &[ErrorKind],
        lints: &mut Vec<Diagnostic>,
    ) -> bool {
        let candidates = self.candidates(autofix, before, lints);
        let best = candidates.iter().min_by_key(|candidate| candidate.outcome);
        if let Some(best) = best.filter(|best| best.outcome < Outcome::Same) {
            self.accept(best, lints);
            return true;
        }
        // Whether the fix of a lint, applied alone, leaves the errors as they are: it is then a
        // valid lint, although it explains no error.
        let stays = |index: usize| {
            let mut own = candidates.iter().filter(|it| it.lints == [index]);
            own.any(|it| it.outcome == Outcome::Same)
        };
        let mut index = 0;
        lints.retain(|lint| {
            index += 1;
            !explains(lint) || stays(index - 1)
        });
        false
    }

    /// Tries the fixes of the lints that may explain errors: all of a rule together, then each
    /// alone.
    ///
    /// Fixes are tried together because one may need another: if two paths were split, neither fix
    /// removes an error alone.
    fn candidates(
        &self,
        autofix: &mut Autofix<'_>,
        before: &[ErrorKind],
        lints: &[Diagnostic],
    ) -> Vec<Candidate> {
        let mut groups: Vec<(Code, Vec<usize>)> = Vec::new();
        for (index, lint) in lints.iter().enumerate().filter(|(_, lint)| explains(lint)) {
            match groups.iter_mut().find(|(code, _)| *code == lint.code) {
                Some((_, group)) => group.push(index),
                None => groups.push((lint.code, [index].into())),
            }
        }
        let mut candidates: Vec<Candidate> = Vec::new();
        for (_, group) in groups {
            let alone = group.iter().take(MOST_ALONE).map(|index| [*index].into());
            let together = (group.len() > 1).then(|| group.clone());
            for indices in together.into_iter().chain(alone) {
                let candidate = self.candidate(autofix, before, lints, indices);
                let helps = candidate.outcome == Outcome::Fewer;
                candidates.push(candidate);
                if helps {
                    return candidates;
                }
            }
        }
        candidates
    }

    /// Applies the fixes of the lints `indices`, and compares the errors with those `before`.
    fn candidate(
        &self,
        autofix: &mut Autofix<'_>,
        before: &[ErrorKind],
        lints: &[Diagnostic],
        indices: Vec<usize>,
    ) -> Candidate {
        let fixes = indices.iter().filter_map(|index| lints[*index].fix.clone());
        let fixes: Vec<Fix> = fixes.collect();
        let mut edits = Edits::new(self.edits.text());
        edits.add(&fixes);
        let Some(errors) = autofix.errors_in(edits.text()) else {
            return Candidate { lints: indices, outcome: Outcome::Worse, removed: Vec::new() };
        };
        let left = errors.kinds();
        let new = without(&left, before);
        // The parts of a split value can be bound to other parameters. Joining the parts may then
        // reveal that an argument is missing, which is not the fault of the fix.
        let joins = |code| matches!(code, Code::UnescapedIpv6 | Code::UnescapedEndpoint);
        let joins = indices.iter().all(|index| joins(lints[*index].code));
        let was_hidden =
            |kind: &ErrorKind| joins && matches!(kind, ErrorKind::MissingArgument { .. });
        let is_elsewhere = |error: &Error| {
            let span = edits.locate(error.span());
            was_hidden(error.kind())
                || !new.contains(error.kind())
                || !fixes.iter().any(|fix| fix.span.touches(span))
        };
        let (rank, worst) = (Rank::from_errors(&left), Rank::from_errors(before));
        let shown = left.iter().filter(|kind| !was_hidden(kind)).copied().collect::<Vec<_>>();
        let is_apart = errors.kept.iter().all(is_elsewhere);
        // If an escaped IPv6 address causes an error where it is, the text was not meant as an
        // address.
        let is_address = indices.iter().all(|index| lints[*index].code == Code::UnescapedIpv6);
        let outcome = if new.is_empty() {
            if left.len() < before.len() { Outcome::Fewer } else { Outcome::Same }
        } else if rank < worst && (!is_address || is_apart) {
            Outcome::Lighter(rank)
        } else if fixes.iter().all(|fix| fix.safe)
            && Rank::from_errors(&shown).without_values() <= worst.without_values()
            && is_apart
        {
            Outcome::Reveals
        } else {
            Outcome::Worse
        };
        Candidate { lints: indices, outcome, removed: without(before, &left) }
    }

    /// Applies the fixes of a candidate, and reports its lints as the errors that they explain.
    fn accept(&mut self, accepted: &Candidate, lints: &[Diagnostic]) {
        let mut removed = accepted.removed.iter();
        let mut fixes = Vec::new();
        for lint in accepted.lints.iter().map(|index| &lints[*index]) {
            // Each lint takes the code of one removed error. If lints outnumber the errors, as when
            // two mistakes caused one error, the last lints keep their own code.
            let code = removed.next().map_or(lint.code, ErrorKind::code);
            let span = self.edits.locate(lint.span);
            let fix = lint.fix.as_ref().and_then(|fix| self.edits.original_fix(fix));
            let explained_by = Some(lint.code).filter(|lint| *lint != code);
            self.explained.push(Diagnostic { code, span, fix, explained_by, ..lint.clone() });
            fixes.extend(lint.fix.clone());
        }
        self.edits.add(&fixes);
    }

    /// Returns the lints that explain errors, then the remaining errors, with their spans and fixes
    /// in the original text.
    fn finish(
        mut self,
        autofix: &mut Autofix<'_>,
        errors: &[Error],
        mut left: Vec<Diagnostic>,
        lints: &mut [Diagnostic],
    ) -> Vec<Diagnostic> {
        let mut proof = Proof::new(autofix, self.edits.text(), errors);
        for error in &mut left {
            proof.prove(error);
        }
        // A fix inside a replacement has no place in the original text, so it is merged into that
        // replacement.
        let mut inside = Vec::new();
        for diagnostic in left.iter_mut().chain(lints) {
            diagnostic.span = self.edits.locate(diagnostic.span);
            let Some(fix) = diagnostic.fix.take() else { continue };
            diagnostic.fix = self.edits.original_fix(&fix);
            if diagnostic.fix.is_none() && diagnostic.severity() == Severity::Error && fix.safe {
                inside.push(fix);
            }
        }
        self.edits.add(&inside);
        for explained in &mut self.explained {
            let fix = explained.fix.as_ref().and_then(|fix| self.edits.at(fix.span));
            explained.fix = fix.cloned();
        }
        self.explained.append(&mut left);
        self.explained
    }
}

/// Whether the lint is of a rule whose fixes can remove errors, and has such a fix.
fn explains(lint: &Diagnostic) -> bool {
    lint.fix.is_some() && lint::fixes_errors(lint.code)
}
