//! A description: a type and its arguments, not yet bound to a signature.

use core::fmt;

use crate::argument::{Segments, Written};
use crate::escape::{self, RawText};
use crate::excerpt::Excerpt;
use crate::signature::Signature;
use crate::{Argument, Error, ErrorKind, Place, Quoted, Span, Text};

/// A description as it was written: lossless, ordered, and of any type, even an unknown one.
///
/// It borrows the text and parses it again at every call, so it stores no list and never allocates.
/// `Display` prints it with the type first and the fewest escapes.
///
/// ```
/// use strports_syntax::Description;
/// let description = Description::parse(r"port=80:tc\p:interface=\:\:1")?;
/// assert_eq!(description.type_name(), "tcp");
/// let keys: Vec<_> = description.arguments().filter_map(|a| a.key).collect();
/// assert_eq!(keys, ["port", "interface"]);
/// assert_eq!(description.to_string(), r"tcp:port=80:interface=\:\:1");
/// # Ok::<(), strports_syntax::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Description<'a> {
    /// The segments to read arguments from: those after the type, or all if a keyword precedes it.
    segments: Segments<'a>,
    /// How many positional segments in `segments` are types: the description's own and those of its
    /// wrappers. 0 if the type came first, because `segments` then begins after it.
    types: usize,
    /// The `haproxy` around the description, whose keywords are skipped; `None` if there is none.
    wrapper: Option<&'static Signature>,
    /// The type as written, with its escapes.
    type_name: RawText<'a>,
    /// The byte offset in the text at which the type begins.
    type_start: usize,
}

impl<'a> Description<'a> {
    /// Parses `text`, a `&str` or bytes, as a description of any type.
    ///
    /// # Errors
    ///
    /// - [`EmptyDescription`](ErrorKind::EmptyDescription): no argument is positional, as in the
    ///   empty text and in `port=80`.
    /// - [`TrailingBackslash`](ErrorKind::TrailingBackslash): the text ends in an unescaped
    ///   backslash, as in `tcp:80\`.
    ///
    /// # Examples
    ///
    /// ```
    /// use strports_syntax::{Description, ErrorKind};
    ///
    /// let description = Description::parse("tcp:8080:interface=127.0.0.1")?;
    /// let arguments: Vec<_> = description.arguments().map(|it| it.value.to_string()).collect();
    /// assert_eq!(arguments, ["8080", "127.0.0.1"]);
    ///
    /// let error = Description::parse("port=80").unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::EmptyDescription { .. }));
    /// # Ok::<(), strports_syntax::Error>(())
    /// ```
    pub fn parse<T: AsRef<[u8]> + ?Sized>(text: &'a T) -> Result<Self, Error> {
        let text = text.as_ref();
        // Fast path for the common case: the type comes first, and no backslash is last.
        if text.last().is_some_and(|&byte| byte != b'\\') {
            let mut segments = Segments::new(text);
            let first = segments.next();
            if let Some(first) = first.filter(Written::is_positional) {
                return Ok(Self::with_type(segments, first));
            }
        }
        match Self::recover(text) {
            (Some(description), None) => Ok(description),
            (_, Some(error)) => Err(error),
            (None, None) => Err(no_type(text)),
        }
    }

    /// Parses as much of `text` as possible, and returns the first error too.
    ///
    /// A trailing backslash is dropped. The description is `None` if the text has no type.
    pub(crate) fn recover(text: &'a [u8]) -> (Option<Self>, Option<Error>) {
        let (text, error) = match escape::trailing_backslash(text) {
            Some(span) => {
                (&text[..span.start], Some(Error::new(ErrorKind::TrailingBackslash, span)))
            }
            None => (text, None),
        };
        let description = match text {
            b"" => None,
            _ => Self::from_segments(Segments::new(text)),
        };
        let error = error.or_else(|| description.is_none().then(|| no_type(text)));
        (description, error)
    }

    /// Takes the first positional segment as the type; `None` if all segments are keywords.
    fn from_segments(segments: Segments<'a>) -> Option<Self> {
        let mut rest = segments;
        let first = rest.next()?;
        if first.is_positional() {
            return Some(Self::with_type(rest, first));
        }
        // Keywords precede the type, so all segments are kept, and the type is skipped as an
        // argument.
        let found = rest.find(Written::is_positional)?;
        Some(Self { types: 1, ..Self::with_type(segments, found) })
    }

    /// The description of the type `found`; all of `segments` are its arguments.
    #[inline]
    fn with_type(segments: Segments<'a>, found: Written<'a>) -> Self {
        let (type_name, type_start) = (found.value(), found.span().start);
        Self { segments, types: 0, wrapper: None, type_name, type_start }
    }

    /// The description inside a wrapper such as `haproxy`: this one without its type.
    ///
    /// Returns `None` if no positional argument remains that could be the inner type. The keywords
    /// of `signature` belong to the wrapper and are left out.
    ///
    /// ```
    /// use strports_syntax::{Description, signature::server::HAPROXY};
    /// let description = Description::parse("haproxy:tcp:80:proxyVersion=2")?;
    /// let inner = description.wrapped(&HAPROXY).unwrap();
    /// assert_eq!(inner.type_name(), "tcp");
    /// assert_eq!(inner.arguments().count(), 1);
    /// # Ok::<(), strports_syntax::Error>(())
    /// ```
    pub fn wrapped(&self, signature: &'static Signature) -> Option<Self> {
        let wrapper = Some(signature);
        let mut rest = self.segments;
        if self.types == 0 {
            return Some(Self { wrapper, ..Self::from_segments(rest)? });
        }
        // If keywords precede this type, they precede the inner type too, so all segments are kept.
        let inner = rest.by_ref().filter(Written::is_positional).nth(self.types)?;
        Some(Self { types: self.types + 1, wrapper, ..Self::with_type(self.segments, inner) })
    }

    /// Whether the description has a type but no arguments; a wrapper's keywords count as
    /// arguments.
    #[cfg(feature = "alloc")]
    pub(crate) fn is_alone(&self) -> bool {
        // Skips the types, which are in `segments` only if keywords precede them.
        let mut segments = self.segments;
        segments.by_ref().take(self.types).count() == self.types && segments.next().is_none()
    }

    /// The whole text, wrappers included, without a trailing backslash.
    pub const fn text(&self) -> &'a [u8] {
        self.segments.text()
    }

    /// The type: the first positional segment, which need not be a known type.
    ///
    /// ```
    /// use strports_syntax::Description;
    /// let description = Description::parse("port=80:tcp")?;
    /// assert_eq!(description.type_name(), "tcp");
    /// # Ok::<(), strports_syntax::Error>(())
    /// ```
    #[inline]
    pub fn type_name(&self) -> Text<'a> {
        Text::from_raw(self.type_name)
    }

    /// The span of the type in the text.
    pub const fn type_span(&self) -> Span {
        Span::new(self.type_start, self.type_start + self.type_name.bytes().len())
    }

    /// Iterates over the arguments in the order they were written, without the type.
    ///
    /// ```
    /// use strports_syntax::Description;
    /// let description = Description::parse("tcp:80:backlog=5")?;
    /// let values: Vec<_> = description.arguments().map(|a| a.value.to_string()).collect();
    /// assert_eq!(values, ["80", "5"]);
    /// # Ok::<(), strports_syntax::Error>(())
    /// ```
    pub fn arguments(&self) -> Arguments<'a> {
        let (segments, skip) = (self.segments, self.types);
        let several = skip > 0 || self.wrapper.is_some();
        Arguments { segments, several, skip, wrapper: self.wrapper }
    }
}

#[cfg(feature = "alloc")]
impl<'a> Description<'a> {
    /// Iterates over the arguments without removing their escapes.
    pub(crate) fn written(&self) -> impl Iterator<Item = Written<'a>> + Clone + use<'a> {
        let mut arguments = self.arguments();
        core::iter::from_fn(move || arguments.next_written())
    }
}

fn no_type(text: &[u8]) -> Error {
    let keywords = !text.is_empty();
    Error::new(ErrorKind::EmptyDescription { keywords }, Span::new(0, text.len()))
}

/// The iterator over the arguments of a description, returned by [`Description::arguments`].
#[derive(Clone, Debug)]
pub struct Arguments<'a> {
    segments: Segments<'a>,
    /// Whether any segment must be skipped: a type, or a keyword of `wrapper`.
    several: bool,
    /// How many of the next positional segments are types, which are not arguments.
    skip: usize,
    wrapper: Option<&'static Signature>,
}

impl<'a> Iterator for Arguments<'a> {
    type Item = Argument<'a>;

    #[expect(clippy::inline_always, reason = "measured: see benches/")]
    #[inline(always)]
    fn next(&mut self) -> Option<Argument<'a>> {
        self.next_written().map(Argument::from)
    }
}

impl<'a> Arguments<'a> {
    #[expect(clippy::inline_always, reason = "measured: see benches/")]
    #[inline(always)]
    pub(crate) fn next_written(&mut self) -> Option<Written<'a>> {
        if !self.several {
            return self.segments.next();
        }
        let (found, rest) = self.clone().next_of_several();
        *self = rest;
        found
    }

    /// The slow path of [`next_written`](Self::next_written): skips types and a wrapper's keywords.
    ///
    /// Takes and returns `self` by value, so that iterators on the fast path stay in registers.
    #[inline(never)]
    fn next_of_several(mut self) -> (Option<Written<'a>>, Self) {
        let found = loop {
            let Some(argument) = self.segments.next() else { break None };
            if argument.is_positional() && self.skip > 0 {
                self.skip -= 1;
                continue;
            }
            match (argument.key(), self.wrapper) {
                (Some(key), Some(wrapper)) if takes(wrapper, key) => {}
                _ => break Some(argument),
            }
        };
        (found, self)
    }
}

fn takes(signature: &Signature, key: RawText<'_>) -> bool {
    signature.parameters.iter().any(|parameter| key.is(parameter.name))
}

/// Equal if the type and the arguments are the same in the same order, however they are spelled.
impl PartialEq for Description<'_> {
    fn eq(&self, other: &Self) -> bool {
        let same = |(a, b): (Argument<'_>, Argument<'_>)| a.key == b.key && a.value == b.value;
        self.type_name() == other.type_name()
            && self.arguments().count() == other.arguments().count()
            && self.arguments().zip(other.arguments()).all(same)
    }
}

impl Eq for Description<'_> {}

impl fmt::Display for Description<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Quoted::new(&self.type_name(), Place::Positional))?;
        self.arguments().try_for_each(|argument| match &argument.key {
            None => write!(f, ":{}", Quoted::new(&argument.value, Place::Positional)),
            Some(key) => {
                let key = Quoted::new(key, Place::Key);
                write!(f, ":{key}={}", Quoted::new(&argument.value, Place::Value))
            }
        })
    }
}

/// The type for use in error messages.
impl Description<'_> {
    pub(crate) fn type_excerpt(&self) -> Excerpt {
        Excerpt::new(self.type_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn the_type_is_the_first_positional_segment() {
        let description = Description::parse("a=1:b=2:tcp:80").unwrap();
        assert_eq!(description.type_name(), Text::plain("tcp"));
        assert_eq!(description.type_span(), Span::new(8, 11));
        assert_eq!(description.arguments().count(), 3);
    }

    #[test]
    fn a_printed_description_parses_back() {
        for text in [r"a\=b:c\:d=e\:f=g", "a::", "=:a", r"t\cp:8\0", "a:=b=c"] {
            let description = Description::parse(text).unwrap();
            let printed = description.to_string();
            assert_eq!(Description::parse(&printed).unwrap(), description, "{printed}");
            assert_eq!(Description::parse(&printed).unwrap().to_string(), printed);
        }
    }

    #[test]
    fn a_missing_type_is_an_error() {
        for text in ["", "port=80", "=:="] {
            let error = Description::parse(text).unwrap_err();
            assert_eq!(error.code(), crate::Code::EmptyDescription, "{text}");
        }
        assert!(Description::parse(":80").unwrap().type_name().is_empty());
    }

    #[test]
    fn a_trailing_backslash_is_reported_at_the_end() {
        let error = Description::parse(r"tcp:80\").unwrap_err();
        assert_eq!((error.kind(), error.span()), (&ErrorKind::TrailingBackslash, Span::new(6, 7)));
        assert!(Description::parse(r"tcp:80\\").is_ok());
    }
}
