//! Lists of texts, such as the arguments of a program.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::description::Arguments;
use crate::{Description, Text};

/// A list of texts, such as the arguments of a program: a view of a description, or an owned list.
///
/// A view stores no texts, so it needs no allocator: it reads the description again.
///
/// ```
/// use strports_syntax::{ClientEndpoint, Text};
/// let ClientEndpoint::Process(process) = ClientEndpoint::parse("process:/bin/echo:a:b")? else {
///     unreachable!()
/// };
/// assert!(process.args.iter().eq(["a", "b"].map(Text::plain)));
/// # Ok::<(), strports_syntax::ParseError>(())
/// ```
#[derive(Clone, Default)]
pub struct TextList<'a>(Repr<'a>);

#[derive(Clone)]
enum Repr<'a> {
    Borrowed(&'a [Text<'a>]),
    /// The positional arguments of a description, without the first ones, whose number is given.
    Positional(Arguments<'a>, usize),
    /// The values of all arguments with one keyword.
    Keyword(Arguments<'a>, &'static str),
    #[cfg(feature = "alloc")]
    Owned(Vec<Text<'a>>),
}

impl Default for Repr<'_> {
    fn default() -> Self {
        Self::Borrowed(&[])
    }
}

impl<'a> TextList<'a> {
    pub(crate) fn positional(description: &Description<'a>, skip: usize) -> Self {
        Self(Repr::Positional(description.arguments(), skip))
    }

    pub(crate) fn keyword(description: &Description<'a>, name: &'static str) -> Self {
        Self(Repr::Keyword(description.arguments(), name))
    }

    /// Iterates over the texts, in the order they were written.
    pub fn iter(&self) -> Texts<'_, 'a> {
        Texts(match &self.0 {
            Repr::Borrowed(texts) => Source::Slice(texts.iter()),
            Repr::Positional(arguments, skip) => Source::Positional(arguments.clone(), *skip),
            Repr::Keyword(arguments, name) => Source::Keyword(arguments.clone(), name),
            #[cfg(feature = "alloc")]
            Repr::Owned(texts) => Source::Slice(texts.iter()),
        })
    }

    /// Whether the list has no texts.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Copies the borrowed text, so that the result outlives the parsed description.
    #[cfg(feature = "alloc")]
    pub fn into_owned(self) -> TextList<'static> {
        TextList(Repr::Owned(self.iter().map(Text::into_owned).collect()))
    }
}

impl<'t, 'a> IntoIterator for &'t TextList<'a> {
    type Item = Text<'a>;
    type IntoIter = Texts<'t, 'a>;

    fn into_iter(self) -> Texts<'t, 'a> {
        self.iter()
    }
}

/// The iterator over the texts of a list, returned by [`TextList::iter`].
#[derive(Clone)]
pub struct Texts<'t, 'a>(Source<'t, 'a>);

#[derive(Clone)]
enum Source<'t, 'a> {
    Slice(core::slice::Iter<'t, Text<'a>>),
    Positional(Arguments<'a>, usize),
    Keyword(Arguments<'a>, &'static str),
}

impl<'a> Iterator for Texts<'_, 'a> {
    type Item = Text<'a>;

    fn next(&mut self) -> Option<Text<'a>> {
        match &mut self.0 {
            Source::Slice(texts) => texts.next().cloned(),
            Source::Positional(arguments, skip) => {
                let mut positional = arguments.filter(crate::Argument::is_positional);
                let found = positional.nth(core::mem::take(skip));
                found.map(|argument| argument.value)
            }
            Source::Keyword(arguments, name) => arguments
                .find(|argument| argument.key.as_ref().is_some_and(|key| *key == **name))
                .map(|argument| argument.value),
        }
    }
}

impl<'a> From<&'a [Text<'a>]> for TextList<'a> {
    fn from(texts: &'a [Text<'a>]) -> Self {
        Self(Repr::Borrowed(texts))
    }
}

#[cfg(feature = "alloc")]
impl<'a, T: Into<Text<'a>>> FromIterator<T> for TextList<'a> {
    fn from_iter<I: IntoIterator<Item = T>>(texts: I) -> Self {
        Self(Repr::Owned(texts.into_iter().map(Into::into).collect()))
    }
}

#[cfg(feature = "alloc")]
impl<'a, T: Into<Text<'a>>, const N: usize> From<[T; N]> for TextList<'a> {
    fn from(texts: [T; N]) -> Self {
        texts.into_iter().collect()
    }
}

#[cfg(feature = "alloc")]
impl<'a, T: Into<Text<'a>>> From<Vec<T>> for TextList<'a> {
    fn from(texts: Vec<T>) -> Self {
        texts.into_iter().collect()
    }
}

impl PartialEq for TextList<'_> {
    fn eq(&self, other: &TextList<'_>) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for TextList<'_> {}

impl Hash for TextList<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.iter().for_each(|text| text.hash(state));
        state.write_usize(self.iter().count());
    }
}

impl PartialOrd for TextList<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for TextList<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.iter().cmp(other.iter())
    }
}

impl fmt::Debug for TextList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
