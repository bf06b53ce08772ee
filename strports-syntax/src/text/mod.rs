//! The text type of keys and values, which hides their escapes.

mod iter;

#[cfg(feature = "alloc")]
use alloc::{borrow::Cow, boxed::Box, string::String, vec::Vec};
use core::cmp::Ordering;
use core::fmt::{self, Write};
use core::hash::{Hash, Hasher};

use crate::escape::{self, RawText};

pub use self::iter::{Bytes, Chars};

/// A piece of text in a description, stored as written and read without its escapes.
///
/// It compares, hashes, iterates and prints as its unescaped text, so `a\:b` and a plain `a:b` are
/// equal. Text from a `&str` is UTF-8; text from bytes, such as a path, may not be.
///
/// ```
/// use strports_syntax::{Description, Text};
/// let description = Description::parse(r"unix:/run/a\:b")?;
/// let path = description.arguments().next().unwrap().value;
/// assert_eq!(path, Text::plain("/run/a:b"));
/// assert_eq!(path.raw(), br"/run/a\:b");
/// assert_eq!(path.to_string(), "/run/a:b");
/// # Ok::<(), strports_syntax::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Text<'a>(Repr<'a>);

#[derive(Clone)]
enum Repr<'a> {
    Plain(&'a [u8]),
    Escaped(&'a [u8]),
    #[cfg(feature = "alloc")]
    Owned(Box<[u8]>),
}

impl<'a> Text<'a> {
    /// Creates a text from literal bytes: a `\` in them is not an escape.
    ///
    /// ```
    /// use strports_syntax::Text;
    /// assert_eq!(Text::plain(r"C:\keys"), r"C:\keys");
    /// assert!(!Text::plain(r"C:\keys").is_escaped());
    /// ```
    pub fn plain<T: AsRef<[u8]> + ?Sized>(text: &'a T) -> Self {
        Self(Repr::Plain(text.as_ref()))
    }

    /// Creates a text from a literal `&str`, like [`plain`](Self::plain); usable in constants.
    ///
    /// ```
    /// use strports_syntax::Text;
    /// const SOCKET: Text<'static> = Text::literal("/run/app.sock");
    /// assert_eq!(SOCKET, "/run/app.sock");
    /// ```
    pub const fn literal(text: &'a str) -> Self {
        Self(Repr::Plain(text.as_bytes()))
    }

    pub(crate) fn from_raw(raw: RawText<'a>) -> Self {
        Self(match raw {
            RawText::Plain(bytes) => Repr::Plain(bytes),
            RawText::Escaped(bytes) => Repr::Escaped(bytes),
        })
    }

    /// The bytes as they were written, escapes included.
    ///
    /// # Examples
    ///
    /// ```
    /// use strports_syntax::Description;
    ///
    /// let description = Description::parse(r"unix:/run/a\:b")?;
    /// let path = description.arguments().next().unwrap().value;
    /// assert_eq!(path.raw(), br"/run/a\:b");
    /// assert_eq!(path, "/run/a:b");
    /// # Ok::<(), strports_syntax::Error>(())
    /// ```
    pub fn raw(&self) -> &[u8] {
        match &self.0 {
            Repr::Plain(bytes) | Repr::Escaped(bytes) => bytes,
            #[cfg(feature = "alloc")]
            Repr::Owned(bytes) => bytes,
        }
    }

    /// Whether the text was written with escapes, so that [`raw`](Self::raw) differs from the text.
    pub const fn is_escaped(&self) -> bool {
        matches!(self.0, Repr::Escaped(_))
    }

    /// Whether the text has no bytes.
    pub fn is_empty(&self) -> bool {
        self.raw().is_empty()
    }

    /// Iterates over the unescaped bytes.
    ///
    /// ```
    /// use strports_syntax::ServerEndpoint;
    /// let endpoint = ServerEndpoint::parse(r"unix:a\:b")?;
    /// let ServerEndpoint::Unix(unix) = endpoint else { unreachable!() };
    /// assert!(unix.address.bytes().eq(*b"a:b"));
    /// # Ok::<(), strports_syntax::ParseError>(())
    /// ```
    pub fn bytes(&self) -> Bytes<'_> {
        match &self.0 {
            Repr::Escaped(bytes) => Bytes::escaped(bytes),
            Repr::Plain(bytes) => Bytes::plain(bytes),
            #[cfg(feature = "alloc")]
            Repr::Owned(bytes) => Bytes::plain(bytes),
        }
    }

    /// Iterates over the unescaped characters; each byte that is not UTF-8 becomes U+FFFD.
    ///
    /// ```
    /// use strports_syntax::Text;
    /// assert!(Text::plain(b"\xc3\xa9\xff").chars().eq(['é', '\u{fffd}']));
    /// ```
    pub fn chars(&self) -> Chars<'_> {
        Chars::new(self.bytes())
    }

    /// The unescaped bytes without copying; `None` if the text contains escapes.
    ///
    /// ```
    /// use strports_syntax::Description;
    /// let description = Description::parse(r"x:plain:with\:escape")?;
    /// let mut values = description.arguments().map(|argument| argument.value);
    /// assert_eq!(values.next().unwrap().as_plain(), Some(&b"plain"[..]));
    /// assert_eq!(values.next().unwrap().as_plain(), None);
    /// # Ok::<(), strports_syntax::ParseError>(())
    /// ```
    pub fn as_plain(&self) -> Option<&[u8]> {
        (!self.is_escaped()).then(|| self.raw())
    }

    /// The unescaped bytes, copied only if the text contains escapes.
    ///
    /// ```
    /// use std::borrow::Cow;
    /// use strports_syntax::Text;
    /// assert!(matches!(Text::plain(b"/run/\xff").to_bytes(), Cow::Borrowed(b"/run/\xff")));
    /// ```
    #[cfg(feature = "alloc")]
    pub fn to_bytes(&self) -> Cow<'_, [u8]> {
        match self.as_plain() {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(self.bytes().collect()),
        }
    }

    /// The unescaped text as a string, copied only if it contains escapes.
    ///
    /// Returns `None` if the text is not UTF-8.
    ///
    /// ```
    /// use strports_syntax::Text;
    /// assert_eq!(Text::plain("/run/a").to_str().as_deref(), Some("/run/a"));
    /// assert_eq!(Text::plain(b"/run/\xff").to_str(), None);
    /// ```
    #[cfg(feature = "alloc")]
    pub fn to_str(&self) -> Option<Cow<'_, str>> {
        match self.to_bytes() {
            Cow::Borrowed(bytes) => core::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        }
    }

    /// The unescaped text as a string, in which bytes that are not UTF-8 become U+FFFD.
    ///
    /// ```
    /// use strports_syntax::Text;
    /// assert_eq!(Text::plain(b"/run/\xff").to_str_lossy(), "/run/\u{fffd}");
    /// ```
    #[cfg(feature = "alloc")]
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        match self.to_bytes() {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// Copies the unescaped text, so that the result outlives the parsed description.
    ///
    /// ```
    /// use strports_syntax::Text;
    /// fn keep(text: &str) -> Text<'static> {
    ///     Text::plain(text).into_owned()
    /// }
    /// assert_eq!(keep(&String::from("/run/a")), "/run/a");
    /// ```
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> Text<'static> {
        Text(Repr::Owned(match self.0 {
            Repr::Owned(bytes) => bytes,
            other => Text(other).to_bytes().into_owned().into_boxed_slice(),
        }))
    }

    /// Whether the unescaped text equals `other`, ignoring the case of ASCII letters.
    ///
    /// ```
    /// use strports_syntax::Text;
    /// assert!(Text::plain("TCP").eq_ignore_ascii_case("tcp"));
    /// ```
    pub fn eq_ignore_ascii_case(&self, other: &str) -> bool {
        self.bytes()
            .map(|byte| byte.to_ascii_lowercase())
            .eq(other.bytes().map(|byte| byte.to_ascii_lowercase()))
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self::plain(text)
    }
}

impl<'a> From<&'a [u8]> for Text<'a> {
    fn from(text: &'a [u8]) -> Self {
        Self::plain(text)
    }
}

#[cfg(feature = "alloc")]
impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

#[cfg(feature = "alloc")]
impl From<Vec<u8>> for Text<'_> {
    fn from(text: Vec<u8>) -> Self {
        Self(Repr::Owned(text.into_boxed_slice()))
    }
}

/// Prints the unescaped text; bytes that are not UTF-8 print as U+FFFD.
impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Ok(text)) = self.as_plain().map(core::str::from_utf8) {
            return f.write_str(text);
        }
        self.chars().try_for_each(|char| f.write_char(char))
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        self.chars().flat_map(char::escape_debug).try_for_each(|char| f.write_char(char))?;
        f.write_char('"')
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Text<'_>) -> bool {
        match (self.as_plain(), other.as_plain()) {
            (Some(a), Some(b)) => a == b,
            _ => self.bytes().eq(other.bytes()),
        }
    }
}

impl Eq for Text<'_> {}

impl PartialEq<str> for Text<'_> {
    #[inline]
    fn eq(&self, other: &str) -> bool {
        if self.is_escaped() {
            self.bytes().eq(other.bytes())
        } else {
            escape::same(self.raw(), other)
        }
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes().cmp(other.bytes())
    }
}

impl Hash for Text<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes().for_each(|byte| state.write_u8(byte));
        state.write_u8(0xff);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::hash::{BuildHasher, BuildHasherDefault};
    use std::hash::DefaultHasher;
    use std::string::ToString;

    fn escaped(bytes: &[u8]) -> Text<'_> {
        Text::from_raw(RawText::Escaped(bytes))
    }

    #[test]
    fn texts_compare_by_their_unescaped_bytes() {
        let text = escaped(br"a\:b\\");
        assert_eq!(text, Text::plain(r"a:b\"));
        assert_eq!(text.to_string(), r"a:b\");
        #[cfg(feature = "alloc")]
        assert_eq!(text.to_str().as_deref(), Some(r"a:b\"));
        assert!(text < Text::plain("a:c"));
    }

    #[test]
    fn equal_texts_have_equal_hashes() {
        let (a, b) = (escaped(br"a\:b"), Text::plain("a:b"));
        let hash = |text: &Text<'_>| BuildHasherDefault::<DefaultHasher>::default().hash_one(text);
        assert_eq!((&a, a.cmp(&b), hash(&a)), (&b, Ordering::Equal, hash(&b)));
        for other in ["a:c", "a:", r"a\:b", ""] {
            let other = Text::plain(other);
            assert!(a != other && b != other && hash(&a) != hash(&other), "{other}");
        }
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn plain_text_is_borrowed() {
        let text = Text::plain("a:b");
        assert!(!text.is_escaped());
        assert_eq!(text.as_plain(), Some(&b"a:b"[..]));
        assert!(matches!(text.to_bytes(), Cow::Borrowed(b"a:b")));
        assert!(matches!(text.to_str(), Some(Cow::Borrowed("a:b"))));
        assert!(matches!(text.to_str_lossy(), Cow::Borrowed("a:b")));
        assert_eq!(escaped(br"a\:b").as_plain(), None);
    }

    #[test]
    fn the_size_hint_bounds_the_remaining_bytes() {
        assert_eq!(Text::plain("abc").bytes().size_hint(), (3, Some(3)));
        let text = escaped(br"\a\b\c");
        let mut bytes = text.bytes();
        for left in (1..=3).rev() {
            assert_eq!(bytes.size_hint(), (left, Some(2 * left)));
            #[cfg(feature = "alloc")]
            assert_eq!(bytes.raw_len(), 2 * left);
            assert!(bytes.next().is_some());
        }
        assert_eq!((bytes.size_hint(), bytes.next()), ((0, Some(0)), None));
    }

    #[test]
    fn debug_quotes_the_unescaped_text() {
        assert_eq!(std::format!("{:?}", escaped(b"a\\:\"\n")), r#""a:\"\n""#);
    }

    #[test]
    fn an_escape_inside_a_character_leaves_the_character() {
        let text = escaped(b"\\\xc3\\\xa9");
        assert_eq!(text.to_string(), "é");
    }

    #[test]
    fn bytes_that_are_not_utf8_print_as_replacement_characters() {
        assert_eq!(Text::plain(b"a\xffb\xe2\x82").to_string(), "a\u{fffd}b\u{fffd}\u{fffd}");
        assert_eq!(Text::plain(b"\xe2\x82a").chars().last(), Some('a'));
    }

    #[test]
    #[cfg(feature = "alloc")]
    fn invalid_utf8_is_not_a_str() {
        assert_eq!(Text::plain(b"\xff").to_str(), None);
        assert_eq!(Text::plain(b"a\xff").to_str_lossy(), "a\u{fffd}");
        assert_eq!(escaped(b"\\a\xff").to_str_lossy(), "a\u{fffd}");
    }
}
