//! Decides quickly whether a file may contain a description. This determines the speed on large
//! trees.
//!
//! It searches for a type followed by a colon. A reader gets a file only if the file has such a
//! type, or a word that its format requires.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::{memchr, memchr_iter};

use crate::types::Catalogue;
use strports_syntax::signature::{client, server};

/// The names of the built-in types, for servers and for clients.
static TYPES: LazyLock<Names> = LazyLock::new(|| {
    let signatures = server::ALL.iter().chain(client::ALL);
    Names::new(signatures.map(|it| it.name.as_bytes()))
});

/// A table of the last two bytes of names. Few words before a colon end in one of these pairs.
///
/// A file may have a colon on each line, so the test is a single lookup in a table.
#[derive(Clone, Debug)]
struct Pairs(Vec<bool>);

impl Pairs {
    fn new<'n>(names: impl Iterator<Item = &'n [u8]>) -> Self {
        let mut pairs = vec![false; 1 << 16];
        for name in names {
            let Some((last, before)) = name.split_last() else { continue };
            let before = before.last().map_or(0..=u8::MAX, |before| *before..=*before);
            for before in before {
                for before in [before.to_ascii_lowercase(), before.to_ascii_uppercase()] {
                    for last in [last.to_ascii_lowercase(), last.to_ascii_uppercase()] {
                        pairs[Self::index(before, last)] = true;
                    }
                }
            }
        }
        Self(pairs)
    }

    /// Whether `text` may end in a name. A text of one byte counts as one after a blank.
    fn may_end(&self, text: &[u8]) -> bool {
        match *text {
            [.., before, last] => self.0[Self::index(before, last)],
            [last] => self.0[Self::index(b' ', last)],
            [] => false,
        }
    }

    fn index(before: u8, last: u8) -> usize {
        usize::from(before) << 8 | usize::from(last)
    }
}

/// Names of types, indexed by their last byte to find those at the end of a text.
#[derive(Clone, Debug)]
struct Names {
    /// For each byte, in upper and lower case, the names that end in it, each once.
    by_last: Vec<Vec<&'static [u8]>>,
    pairs: Pairs,
}

impl Names {
    fn new(names: impl Iterator<Item = &'static [u8]> + Clone) -> Self {
        let pairs = Pairs::new(names.clone());
        let mut by_last = vec![Vec::new(); 256];
        for name in names {
            let Some(last) = name.last() else { continue };
            for last in [last.to_ascii_lowercase(), last.to_ascii_uppercase()] {
                let known: &mut Vec<&[u8]> = &mut by_last[usize::from(last)];
                if !known.contains(&name) {
                    known.push(name);
                }
            }
        }
        Self { by_last, pairs }
    }

    /// All names. A name that ends in a letter occurs twice, once for each case of the letter.
    fn all(&self) -> impl Iterator<Item = &'static [u8]> + Clone + '_ {
        self.by_last.iter().flatten().copied()
    }

    /// The part of `text` before each name with which it ends, ignoring case. Empty if it ends with
    /// none.
    fn before<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = &'t [u8]> {
        let last = text.last().filter(|_| self.pairs.may_end(text));
        let names = last.map_or(&[][..], |last| self.by_last[usize::from(*last)].as_slice());
        names.iter().filter_map(move |name| {
            let (before, end) = text.split_at_checked(text.len().checked_sub(name.len())?)?;
            end.eq_ignore_ascii_case(name).then_some(before)
        })
    }
}

/// The names of plugins' types.
///
/// Some are short, so a longer word that ends in one does not count.
#[derive(Clone, Debug)]
pub(crate) struct TypeNames {
    names: Names,
    /// The pairs of bytes that any type ends in, of a plugin or a built-in one.
    all: Pairs,
}

impl TypeNames {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let names: Vec<_> = catalogue.names().map(str::as_bytes).collect();
        let names = Names::new(names.into_iter());
        let all = Pairs::new(names.all().chain(TYPES.all()));
        Self { names, all }
    }

    /// Whether `text` ends in the name of a plugin's type that is a word by itself.
    fn end(&self, text: &[u8]) -> bool {
        let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        self.names.before(text).any(|before| !before.last().is_some_and(goes_on))
    }
}

/// The kind of text that follows the types in a file. It decides whether the file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypesFound {
    /// The file has no type followed by a colon.
    None,
    /// Two slashes, as in a URL such as `unix:///run/x`. It is read only as the value of a key or
    /// an argument that is known to be a description.
    Urls,
    /// Text other than two slashes, so it may be a description.
    Descriptions,
}

impl TypesFound {
    /// Inspects the text after each of `colons`, the offsets of the colons that follow a type.
    fn new(text: &[u8], mut colons: impl Iterator<Item = usize>) -> Self {
        match colons.next().map(|first| first..first + 1) {
            None => Self::None,
            Some(first) => {
                let mut colons = first.chain(colons);
                let is_url = |colon: usize| text[colon + 1..].starts_with(b"//");
                if colons.all(is_url) { Self::Urls } else { Self::Descriptions }
            }
        }
    }
}

/// Searches `file` for built-in types and types of plugins followed by a colon, ignoring case.
pub(crate) fn types_in(file: &[u8], plugins: &TypeNames) -> TypesFound {
    let is_type = |colon: &usize| {
        let before = &file[..*colon];
        plugins.all.may_end(before) && (ends_in_type(before) || plugins.end(before))
    };
    TypesFound::new(file, memchr_iter(b':', file).filter(is_type))
}

/// Searches `text` for built-in types followed by a colon.
pub(crate) fn known_types_in(text: &[u8]) -> TypesFound {
    TypesFound::new(text, type_places(text))
}

/// Whether `text` contains a built-in type followed by a colon.
pub(crate) fn has_known_type(text: &[u8]) -> bool {
    type_places(text).next().is_some()
}

/// The byte offsets of the colons in `text` that follow a built-in type.
fn type_places(text: &[u8]) -> impl Iterator<Item = usize> {
    memchr_iter(b':', text).filter(|colon| ends_in_type(&text[..*colon]))
}

/// The byte ranges of the built-in types in `text`, each with the colon after it.
pub(crate) fn types(text: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    memchr_iter(b':', text).flat_map(|colon| {
        let starts = TYPES.before(&text[..colon]).map(<[u8]>::len);
        starts.map(move |start| start..colon + 1)
    })
}

/// Whether `text` begins with a built-in type followed by a colon.
pub(crate) fn begins_with_type(text: &[u8]) -> bool {
    let Some(colon) = memchr(b':', text) else { return false };
    TYPES.before(&text[..colon]).any(<[u8]>::is_empty)
}

fn ends_in_type(text: &[u8]) -> bool {
    TYPES.before(text).next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(file: &[u8]) -> TypesFound {
        let catalogue = Catalogue::new(&[]).unwrap_or_else(|_| panic!("no mistake"));
        types_in(file, &TypeNames::new(&catalogue))
    }

    fn has_type(file: &[u8]) -> bool {
        types(file) != TypesFound::None
    }

    #[test]
    fn urls_are_told_from_descriptions() {
        assert_eq!(types(b"unix:///run/x tcp://h:80 http://h"), TypesFound::Urls);
        assert_eq!(types(b"unix:///run/x tcp:80"), TypesFound::Descriptions);
        assert_eq!(types(b"TCP:"), TypesFound::Descriptions);
        assert_eq!(types(b"http://x:80 a:b"), TypesFound::None);
        assert_eq!(
            (types(b"s:"), types(b"p:/"), types(b":")),
            (TypesFound::None, TypesFound::None, TypesFound::None)
        );
    }

    #[test]
    fn plugin_types_are_searched_as_words() {
        assert!(has_type(b"listen = onion:80") && has_type(b"x: LE:/certs:tcp:443"));
        assert!(!has_type(b"title: x") && !has_type(b"file: x") && !has_type(b"vector: x"));
    }

    #[test]
    fn types_are_searched_in_any_case() {
        for text in ["tcp:80", "x=SSL:443", "haproxy:x", "a\nfd:3", "\"unix:/x\"", "Tcp6:1"] {
            assert!(has_type(text.as_bytes()), "{text}");
        }
        for text in ["", ":", "tcp", "cp:80", "tcp :80", "ssl=443", "http://x", "port: 80"] {
            assert!(!has_type(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn the_searched_types_are_those_of_the_table() {
        assert!(begins_with_type(b"process:x") && begins_with_type(b"TCP6:1"));
        assert!(
            !begins_with_type(b"xtcp:1") && !begins_with_type(b"tcp") && !begins_with_type(b"")
        );
    }
}
