//! The events of binding, and the trait that receives them.

use super::BoundArguments;
#[cfg(feature = "alloc")]
use crate::origin::Origin;
use crate::signature::Signature;
#[cfg(feature = "alloc")]
use crate::types::Types;
use crate::{Description, Error, Role, Span};

/// A description that was bound. A [`Sink`] receives one for each, nested ones included.
///
/// ```
/// use strports_syntax::{Error, BoundDescription, ServerEndpoint, Sink};
///
/// struct Types(Vec<(String, usize)>);
///
/// impl Sink for Types {
///     fn error(&mut self, _: Error) {}
///
///     fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
///         self.0.push((bound.description.type_name().to_string(), bound.depth));
///     }
/// }
///
/// let mut types = Types(Vec::new());
/// ServerEndpoint::parse_with("haproxy:tcp:80", &mut types);
/// assert_eq!(types.0, [("tcp".to_owned(), 1), ("haproxy".to_owned(), 0)]);
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BoundDescription<'l, 'a> {
    /// Whether the endpoint listens or connects.
    pub role: Role,
    /// The description. Its spans are byte offsets in its own text; [`locate`](Self::locate) maps
    /// them to the original text.
    pub description: &'l Description<'a>,
    /// The arguments by parameter; `None` if the type is unknown and not similar to a known one.
    pub arguments: Option<&'l BoundArguments<'a>>,
    /// How many descriptions enclose this one; 0 for the outermost description.
    pub depth: usize,
    /// The number of errors in this description and in those nested in it.
    pub errors: usize,
    /// The signature of the enclosing description; `None` for the outermost description.
    pub outer: Option<&'static Signature>,
    /// The types that were known when this description was bound.
    #[cfg(feature = "alloc")]
    pub(crate) types: Types<'l>,
    #[cfg(feature = "alloc")]
    pub(crate) origin: Option<&'l Origin<'l>>,
    /// Without an allocator, nothing nests, and spans need no mapping.
    #[cfg(not(feature = "alloc"))]
    pub(crate) origin: core::marker::PhantomData<&'l ()>,
}

impl BoundDescription<'_, '_> {
    /// Maps `span` of this description's text to the text that was passed to the parser.
    ///
    /// ```
    /// use strports_syntax::{ClientEndpoint, Error, BoundDescription, Sink, Span};
    ///
    /// struct Types(Vec<Span>);
    ///
    /// impl Sink for Types {
    ///     fn error(&mut self, _: Error) {}
    ///
    ///     fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
    ///         self.0.push(bound.locate(bound.description.type_span()));
    ///     }
    /// }
    ///
    /// let mut types = Types(Vec::new());
    /// ClientEndpoint::parse_with(r"tls:h:443:endpoint=unix\:/run/x", &mut types);
    /// assert_eq!(types.0, [Span::new(19, 23), Span::new(0, 3)]);
    /// ```
    pub fn locate(&self, span: Span) -> Span {
        #[cfg(feature = "alloc")]
        let span = self.origin.map_or(span, |origin| origin.locate(span));
        span
    }
}

/// Receives every error and every description while a text is bound.
///
/// Binding continues after an error, so a sink receives every error. Events are plain data:
/// messages and fixes are created only when the sink requests them.
///
/// ```
/// use strports_syntax::{ClientEndpoint, Error, Sink};
///
/// struct Mistakes(Vec<String>);
///
/// impl Sink for Mistakes {
///     fn error(&mut self, error: Error) {
///         self.0.push(format!("{}: {error}", error.span()));
///     }
/// }
///
/// let mut mistakes = Mistakes(Vec::new());
/// assert_eq!(ClientEndpoint::parse_with("tcp:h:http:timeout=0", &mut mistakes), None);
/// assert_eq!(mistakes.0, [
///     "6..10: expected an integer for `port`, but found `http`",
///     "19..20: expected a number of seconds above 0 for `timeout`, but found `0`",
/// ]);
/// ```
pub trait Sink {
    /// Receives an error. Its span is in the original text, even for a nested description.
    fn error(&mut self, error: Error);

    /// Receives each description that was bound, valid or not; nested ones before the enclosing
    /// one.
    fn bound(&mut self, bound: &BoundDescription<'_, '_>) {
        let _ = bound;
    }
}
