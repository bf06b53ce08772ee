//! Binding: assigns the arguments of a description to the parameters of its type.
//!
//! Every error is reported, not only the first. After an error the other arguments are still
//! assigned, so that their values are checked too.

mod assign;
mod bound;
mod sink;

use crate::origin::Origin;
use crate::signature::Signature;
use crate::similar::most_similar;
use crate::{Description, Error, ErrorKind, Role, Span, Text, Types};

pub use self::bound::BoundArguments;
pub use self::sink::{BoundDescription, Sink};

/// Binds one description and those nested in it, and reports their errors.
pub(crate) struct Binder<'s> {
    /// Receives every error and every bound description. Without a sink, only `first` is kept.
    sink: Option<&'s mut dyn Sink>,
    /// The first error, including errors of nested descriptions.
    first: Option<Error>,
    types: Types<'s>,
    /// Maps spans to the original text; `None` for the outermost text, whose spans need no mapping.
    pub(crate) origin: Option<&'s Origin<'s>>,
    /// The signature of the enclosing description; `None` for the outermost one.
    outer: Option<&'static Signature>,
    /// The nesting depth, 0 for the outermost description.
    pub(crate) depth: usize,
    /// The number of errors reported so far in this description and those nested in it.
    pub(crate) errors: usize,
}

impl<'s> Binder<'s> {
    /// Creates a binder for an outermost description of a built-in type.
    #[inline]
    pub(crate) const fn new(sink: Option<&'s mut dyn Sink>) -> Self {
        Self {
            sink,
            first: None,
            types: Types::BUILTIN,
            origin: None,
            outer: None,
            depth: 0,
            errors: 0,
        }
    }

    /// Creates a binder for an outermost description whose type may be that of a plugin.
    #[cfg(feature = "alloc")]
    pub(crate) const fn with_types(types: Types<'s>, sink: Option<&'s mut dyn Sink>) -> Self {
        Self { types, ..Self::new(sink) }
    }

    /// Calls `bind` with a binder for a description that is nested in one of type `outer`.
    ///
    /// The errors of the nested description also count as errors of this one.
    #[cfg(feature = "alloc")]
    pub(crate) fn inside<T>(
        &mut self,
        outer: &'static Signature,
        origin: Option<&Origin<'_>>,
        bind: impl FnOnce(&mut Binder<'_>) -> T,
    ) -> T {
        let sink: Option<&mut dyn Sink> = match &mut self.sink {
            Some(sink) => Some(&mut **sink),
            None => None,
        };
        let (outer, depth) = (Some(outer), self.depth + 1);
        let mut inner =
            Binder { sink, first: self.first, types: self.types, origin, outer, depth, errors: 0 };
        let bound = bind(&mut inner);
        self.first = inner.first;
        self.errors += inner.errors;
        bound
    }

    /// Counts an error and passes it to the sink; `span` is in the text that is being bound.
    #[cold]
    pub(crate) fn error(&mut self, kind: ErrorKind, span: Span) {
        self.errors += 1;
        let span = self.origin.map_or(span, |origin| origin.locate(span));
        let error = Error::new(kind, span);
        self.first.get_or_insert(error);
        if let Some(sink) = &mut self.sink {
            sink.error(error);
        }
    }

    /// The first error that was reported, for results without a sink.
    pub(crate) fn first_error(&self) -> Error {
        // Binding fails only after it has reported an error. The default only avoids a panic.
        let is_empty = ErrorKind::EmptyDescription { keywords: false };
        self.first.unwrap_or(Error::new(is_empty, Span::empty(0)))
    }

    /// Passes a description to the sink after it was bound.
    ///
    /// `arguments` is `None` if its type is unknown and not similar to a known one.
    #[inline]
    pub(crate) fn report_bound(
        &mut self,
        role: Role,
        description: &Description<'_>,
        arguments: Option<&BoundArguments<'_>>,
    ) {
        let Some(sink) = &mut self.sink else { return };
        sink.bound(&BoundDescription {
            role,
            description,
            arguments,
            depth: self.depth,
            errors: self.errors,
            outer: self.outer,
            #[cfg(feature = "alloc")]
            types: self.types,
            #[cfg(feature = "alloc")]
            origin: self.origin,
            #[cfg(not(feature = "alloc"))]
            origin: core::marker::PhantomData,
        });
    }

    /// The signature of the description's type, or of the most similar one if the type is unknown.
    ///
    /// Reports an unknown type, and returns `None` if no type is similar.
    #[inline]
    pub(crate) fn signature(
        &mut self,
        role: Role,
        description: &Description<'_>,
    ) -> Option<&'static Signature> {
        let found = self.types.find(role, &description.type_name());
        found.or_else(|| self.unknown_type(role, description))
    }

    /// Reports an unknown type; returns the most similar one, or `None` if none is similar.
    ///
    /// The caller checks the arguments against the similar type, so that their errors are found
    /// too.
    #[cold]
    fn unknown_type(
        &mut self,
        role: Role,
        description: &Description<'_>,
    ) -> Option<&'static Signature> {
        let name = &description.type_name();
        let names = self.types.all(role).map(|signature| signature.name);
        let suggestion = most_similar(name, names);
        let other_role = suggestion.is_none() && self.types.find(role.other(), name).is_some();
        let found = description.type_excerpt();
        let kind = ErrorKind::UnknownType { role, found, suggestion, other_role };
        self.error(kind, description.type_span());
        self.types.find(role, &Text::plain(suggestion?))
    }
}
