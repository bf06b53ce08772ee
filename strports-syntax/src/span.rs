//! Places in a text, as byte offsets.

use core::fmt;
use core::ops::Range;

/// A half-open range of bytes in the text that was parsed.
///
/// Offsets count bytes from the start of the *original* text, also for what stands inside a
/// nested description.
///
/// ```
/// use strports_syntax::Span;
/// assert_eq!(Span::new(4, 8).slice(b"tcp:8080"), b"8080");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to, but not including, `end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty span at `offset`, for something that is missing there.
    pub const fn empty(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// How many bytes it covers.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether it covers nothing.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The smallest span that covers both.
    ///
    /// ```
    /// use strports_syntax::Span;
    /// assert_eq!(Span::new(4, 6).to(Span::new(9, 12)), Span::new(4, 12));
    /// ```
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }

    /// Whether the two share a byte, or one is empty and touches the other.
    ///
    /// ```
    /// use strports_syntax::Span;
    /// assert!(Span::new(4, 6).touches(Span::empty(6)));
    /// assert!(!Span::new(4, 6).touches(Span::new(7, 8)));
    /// ```
    pub const fn touches(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// The part of `text` that it covers; empty where it lies outside.
    ///
    /// ```
    /// use strports_syntax::Span;
    /// assert_eq!(Span::new(0, 3).slice(b"tcp:80"), b"tcp");
    /// assert_eq!(Span::new(4, 99).slice(b"tcp:80"), b"");
    /// ```
    pub fn slice(self, text: &[u8]) -> &[u8] {
        text.get(Range::from(self)).unwrap_or_default()
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}
