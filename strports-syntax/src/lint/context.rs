//! What a rule looks at, and where it reports.

use alloc::vec::Vec;
use core::ops::Deref;

use crate::bind::{BoundArguments, BoundDescription};
use crate::signature::{Kind, Parameter};
use crate::similar::most_similar;
use crate::{Argument, Diagnostic, Role, Signature, Span};

/// How many arguments of a description the rules look at; more are never written by hand.
const MOST_ARGUMENTS: usize = 1000;

/// Misspelt keys are compared with parameters in descriptions of up to so many arguments.
const MOST_COMPARED: usize = 32;

/// One description as a rule sees it.
pub(crate) struct RuleContext<'l, 'a> {
    bound: &'l BoundDescription<'l, 'a>,
    /// Its first arguments, in the order they were written.
    pub(crate) written: Vec<Argument<'a>>,
}

impl<'l, 'a> Deref for RuleContext<'l, 'a> {
    type Target = BoundDescription<'l, 'a>;

    fn deref(&self) -> &BoundDescription<'l, 'a> {
        self.bound
    }
}

impl<'l, 'a> RuleContext<'l, 'a> {
    pub(crate) fn new(bound: &'l BoundDescription<'l, 'a>) -> Self {
        Self { bound, written: bound.description.arguments().take(MOST_ARGUMENTS).collect() }
    }

    /// Its text, with the wrappers of the same text around it.
    pub(crate) fn text(&self) -> &'a [u8] {
        self.description.text()
    }

    /// A part of its text, escapes included.
    pub(crate) fn raw(&self, span: Span) -> &'a [u8] {
        self.text().get(span.start..span.end).unwrap_or_default()
    }

    /// What its arguments were bound to.
    pub(crate) fn signature(&self) -> Option<&'static Signature> {
        self.arguments.map(BoundArguments::signature)
    }

    /// Whether it is of the type `name`, for the role `role`.
    pub(crate) fn is(&self, role: Role, name: &str) -> bool {
        self.role == role && self.signature().is_some_and(|signature| signature.name == name)
    }

    /// The argument bound to the parameter `name`.
    pub(crate) fn argument(&self, name: &str) -> Option<Argument<'a>> {
        self.arguments?.get(name)
    }

    /// The parameters that have an argument, with it.
    pub(crate) fn bound(&self) -> impl Iterator<Item = (&'static Parameter, Argument<'a>)> {
        let pairs = self.arguments.into_iter().flat_map(BoundArguments::iter);
        pairs.filter_map(|(parameter, argument)| Some((parameter, argument?)))
    }

    /// The parameter that an argument's key names, or that was probably meant by a misspelt key.
    pub(crate) fn named(&self, argument: &Argument<'_>) -> Option<&'static Parameter> {
        let (key, parameters) = (argument.key.as_ref()?, self.signature()?.parameters);
        let is_for = |name: &str| parameters.iter().find(|parameter| parameter.name == name);
        parameters.iter().find(|parameter| *key == parameter.name).or_else(|| {
            let few = self.errors > 0 && self.written.len() <= MOST_COMPARED;
            let names = parameters.iter().map(|parameter| parameter.name);
            few.then(|| most_similar(key, names)).flatten().and_then(is_for)
        })
    }

    /// The kinds of parameter that `argument`, the positional one number `index`, may be for.
    ///
    /// A server's positional arguments move when one of them is split by mistake, so that each may
    /// be for any parameter behind the place where it stands.
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

/// Where the rules report: spans and fixes count in the description's own text, and are led back
/// to the original one.
pub(crate) struct Findings<'l, 'f> {
    bound: &'l BoundDescription<'l, 'l>,
    found: &'f mut Vec<Diagnostic>,
    /// Where this description's findings begin.
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

    /// Whether something was found there in this description before.
    pub(crate) fn touches(&self, span: Span) -> bool {
        let span = self.locate(span);
        self.found.iter().skip(self.first).any(|found| found.span.touches(span))
    }

    fn locate(&self, span: Span) -> Span {
        self.bound.origin.map_or(span, |origin| origin.locate(span))
    }
}
