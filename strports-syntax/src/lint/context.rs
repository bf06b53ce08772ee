//! The input of a rule, and the destination of its findings.

use alloc::vec::Vec;
use core::cell::RefCell;
use core::ops::Deref;

use crate::bind::{BoundArguments, BoundDescription};
use crate::signature::{Kind, Parameter};
use crate::similar::most_similar;
use crate::{Argument, Diagnostic, Role, Signature, Span};

/// The number of arguments that rules check; a handwritten description has fewer.
const MOST_ARGUMENTS: usize = 1000;

/// Misspelled keys are matched in descriptions with up to this many arguments.
const MOST_COMPARED: usize = 32;

/// One description, as rules see it.
pub(crate) struct RuleContext<'l, 'a> {
    bound: &'l BoundDescription<'l, 'a>,
    /// The first arguments, in order.
    pub(crate) written: Vec<Argument<'a>>,
    /// A cache of the parameters that misspelled keys resemble, by span.
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

    /// The text of the description, including wrappers around it in the same text.
    pub(crate) fn text(&self) -> &'a [u8] {
        self.description.text()
    }

    /// A part of the description's text, escapes included.
    pub(crate) fn raw(&self, span: Span) -> &'a [u8] {
        self.text().get(span.start..span.end).unwrap_or_default()
    }

    /// The signature of the type; `None` if the type is unknown.
    pub(crate) fn signature(&self) -> Option<&'static Signature> {
        self.arguments.map(BoundArguments::signature)
    }

    /// Whether the description has the type `name` and the role `role`.
    pub(crate) fn is(&self, role: Role, name: &str) -> bool {
        self.role == role && self.signature().is_some_and(|signature| signature.name == name)
    }

    /// The argument bound to the parameter `name`.
    pub(crate) fn argument(&self, name: &str) -> Option<Argument<'a>> {
        self.arguments?.get(name)
    }

    /// The parameters that have an argument, each with it.
    pub(crate) fn bound(&self) -> impl Iterator<Item = (&'static Parameter, Argument<'a>)> {
        let pairs = self.arguments.into_iter().flat_map(BoundArguments::iter);
        pairs.filter_map(|(parameter, argument)| Some((parameter, argument?)))
    }

    /// The parameter that an argument's key names, or the most similar one if there are errors.
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

    /// Whether the argument may be meant for a parameter of one of the `wanted` kinds.
    ///
    /// `index` is its position. A mistake that splits one positional argument shifts the others, so
    /// callers also try smaller positions.
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

    /// The span that removes `argument`: the argument and one adjacent colon.
    pub(crate) fn removal(&self, argument: &Argument<'_>) -> Span {
        let Span { start, end } = argument.span;
        if start > 0 {
            Span::new(start - 1, end)
        } else {
            Span::new(start, (end + 1).min(self.text().len()))
        }
    }
}

/// Collects the findings of one description, and maps their spans to the original text.
pub(crate) struct Findings<'l, 'f> {
    bound: &'l BoundDescription<'l, 'l>,
    found: &'f mut Vec<Diagnostic>,
    /// The index of this description's first finding.
    first: usize,
}

impl<'l, 'f> Findings<'l, 'f> {
    pub(crate) fn new(bound: &'l BoundDescription<'l, 'l>, found: &'f mut Vec<Diagnostic>) -> Self {
        let first = found.len();
        Self { bound, found, first }
    }

    /// Reports a finding.
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

    /// Whether a finding of this description touches `span`.
    pub(crate) fn touches(&self, span: Span) -> bool {
        let span = self.locate(span);
        self.found.iter().skip(self.first).any(|found| found.span.touches(span))
    }

    fn locate(&self, span: Span) -> Span {
        self.bound.origin.map_or(span, |origin| origin.locate(span))
    }
}
