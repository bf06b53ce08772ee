//! What a lint rule receives: the description to check, and the list for its findings.

use alloc::vec::Vec;
use core::cell::RefCell;
use core::ops::Deref;

use crate::bind::{BoundArguments, BoundDescription};
use crate::signature::{Kind, Parameter};
use crate::similar::most_similar;
use crate::{Argument, Diagnostic, Role, Signature, Span};

/// Rules check only this many arguments; a handwritten description has fewer.
const MOST_ARGUMENTS: usize = 1000;

/// Misspelled keys are compared with keywords only in descriptions with at most this many
/// arguments, because comparing is slow.
const MOST_COMPARED: usize = 32;

/// The description that a rule checks. Rules run on each nested description separately.
pub(crate) struct RuleContext<'l, 'a> {
    bound: &'l BoundDescription<'l, 'a>,
    /// The arguments in the order they were written, up to [`MOST_ARGUMENTS`].
    pub(crate) written: Vec<Argument<'a>>,
    /// A cache for [`named`](Self::named): the span of an argument with an unknown key, and the
    /// parameter that the key resembles, if any.
    guessed: RefCell<Vec<(Span, Option<&'static Parameter>)>>,
}

impl<'l, 'a> Deref for RuleContext<'l, 'a> {
    type Target = BoundDescription<'l, 'a>;

    fn deref(&self) -> &BoundDescription<'l, 'a> {
        self.bound
    }
}

impl<'l, 'a> RuleContext<'l, 'a> {
    pub(crate) fn new(bound: &'l BoundDescription<'l, 'a>) -> Self {
        let written = bound.description.arguments().take(MOST_ARGUMENTS).collect();
        Self { bound, written, guessed: RefCell::default() }
    }

    /// The text that contains the description. Spans are offsets in it, so it includes wrappers
    /// such as `haproxy:` before the description.
    pub(crate) fn text(&self) -> &'a [u8] {
        self.description.text()
    }

    /// The bytes of the description's text at `span`, escapes included; empty if out of bounds.
    pub(crate) fn raw(&self, span: Span) -> &'a [u8] {
        self.text().get(span.start..span.end).unwrap_or_default()
    }

    /// The signature of the type, or of the most similar type if it is unknown; `None` if none is
    /// similar.
    pub(crate) fn signature(&self) -> Option<&'static Signature> {
        self.arguments.map(BoundArguments::signature)
    }

    /// Whether the description is of the type `name` in the role `role`.
    pub(crate) fn is(&self, role: Role, name: &str) -> bool {
        self.role == role && self.signature().is_some_and(|signature| signature.name == name)
    }

    /// The argument bound to the parameter `name`; `None` if there is none.
    pub(crate) fn argument(&self, name: &str) -> Option<Argument<'a>> {
        self.arguments?.get(name)
    }

    /// Iterates over the parameters that have an argument, each with that argument.
    pub(crate) fn bound(&self) -> impl Iterator<Item = (&'static Parameter, Argument<'a>)> {
        let pairs = self.arguments.into_iter().flat_map(BoundArguments::iter);
        pairs.filter_map(|(parameter, argument)| Some((parameter, argument?)))
    }

    /// The parameter that an argument's key names; `None` for a positional argument or an unknown
    /// key.
    ///
    /// In a description with errors, an unknown key counts as the most similar keyword.
    pub(crate) fn named(&self, argument: &Argument<'_>) -> Option<&'static Parameter> {
        let (key, parameters) = (argument.key.as_ref()?, self.signature()?.parameters);
        let named = parameters.iter().find(|parameter| *key == parameter.name);
        if named.is_some() || self.errors == 0 || self.written.len() > MOST_COMPARED {
            return named;
        }
        let known = self.guessed.borrow().iter().find(|(span, _)| *span == argument.span).copied();
        if let Some((_, guess)) = known {
            return guess;
        }
        let name = most_similar(key, parameters.iter().map(|parameter| parameter.name));
        let guess = name.and_then(|name| parameters.iter().find(|it| it.name == name));
        self.guessed.borrow_mut().push((argument.span, guess));
        guess
    }

    /// Whether the argument may be meant for a parameter whose kind is one of `wanted`.
    ///
    /// For a positional argument, `index` is the position to assume, from 0. A mistake that splits
    /// one positional argument shifts the others, so callers also try smaller positions.
    pub(crate) fn may_be(&self, argument: &Argument<'_>, index: usize, wanted: &[Kind]) -> bool {
        let fits = |parameter: &&Parameter| wanted.contains(&parameter.kind);
        match (&argument.key, self.signature()) {
            (Some(_), _) => self.named(argument).is_some_and(|parameter| fits(&parameter)),
            (None, Some(signature)) => {
                signature.positional().nth(index).is_some_and(|it| fits(&it))
            }
            (None, None) => false,
        }
    }

    /// The span whose deletion removes `argument`: the argument and one adjacent colon.
    pub(crate) fn removal(&self, argument: &Argument<'_>) -> Span {
        let Span { start, end } = argument.span;
        if start > 0 {
            Span::new(start - 1, end)
        } else {
            Span::new(start, (end + 1).min(self.text().len()))
        }
    }
}

/// Collects the lints of one description, and maps their spans to the original text.
pub(crate) struct Findings<'l, 'f> {
    bound: &'l BoundDescription<'l, 'l>,
    found: &'f mut Vec<Diagnostic>,
    /// The index in `found` of this description's first finding.
    first: usize,
}

impl<'l, 'f> Findings<'l, 'f> {
    pub(crate) fn new(bound: &'l BoundDescription<'l, 'l>, found: &'f mut Vec<Diagnostic>) -> Self {
        let first = found.len();
        Self { bound, found, first }
    }

    /// Reports a finding whose spans are in this description's text.
    ///
    /// A fix is dropped if its bytes are not adjacent in the original text, and escaped if they
    /// are.
    pub(crate) fn push(&mut self, mut diagnostic: Diagnostic) {
        diagnostic.span = self.locate(diagnostic.span);
        if let Some(origin) = self.bound.origin {
            diagnostic.fix = diagnostic.fix.filter(|fix| origin.is_contiguous(fix.span));
        }
        if let (Some(origin), Some(fix)) = (self.bound.origin, &mut diagnostic.fix) {
            fix.span = origin.locate(fix.span);
            fix.replacement = origin.quote(&fix.replacement);
        }
        self.found.push(diagnostic);
    }

    /// Whether another rule already reported a finding of this description that overlaps or adjoins
    /// `span`.
    pub(crate) fn touches(&self, span: Span) -> bool {
        let span = self.locate(span);
        self.found.iter().skip(self.first).any(|found| found.span.touches(span))
    }

    fn locate(&self, span: Span) -> Span {
        self.bound.origin.map_or(span, |origin| origin.locate(span))
    }
}
