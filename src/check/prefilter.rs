//! Decides quickly whether a file may contain a description. This determines the speed on large
//! trees.
//!
//! Searches for a type followed by a colon. A file is read with the reader of its format only if it
//! has one, or a word that its format requires.

use std::sync::LazyLock;

use memchr::{memchr, memchr_iter};

use crate::types::Catalogue;
use strports_syntax::signature::{client, server};

static TYPES: LazyLock<Names> = LazyLock::new(|| {
    let signatures = server::ALL.iter().chain(client::ALL);
    Names::new(signatures.map(|it| it.name.as_bytes()))
});

/// Names of types by their last bytes: few words before a colon end like one of them.
#[derive(Clone, Debug)]
struct Names {
    /// For each byte, in either case, the names that end in it, each once.
    by_last: Vec<Vec<&'static [u8]>>,
}

impl Names {
    fn new(names: impl Iterator<Item = &'static [u8]>) -> Self {
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
        Self { by_last }
    }

    /// The part of `text` before each name, in whatever case, that it ends in.
    fn before<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = &'t [u8]> {
        let names = text.last().map_or(&[][..], |last| self.by_last[usize::from(*last)].as_slice());
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
pub(crate) struct TypeNames(Names);

impl TypeNames {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        Self(Names::new(catalogue.names().map(str::as_bytes)))
    }

    fn end(&self, text: &[u8]) -> bool {
        let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        self.0.before(text).any(|before| !before.last().is_some_and(goes_on))
    }
}

/// Whether `file` contains a type followed by a colon, ignoring case.
pub(crate) fn has_type(file: &[u8], plugins: &TypeNames) -> bool {
    memchr_iter(b':', file).any(|colon| {
        let before = &file[..colon];
        ends_in_type(before) || plugins.end(before)
    })
}

/// Whether `text` contains a built-in type followed by a colon.
pub(crate) fn has_known_type(text: &[u8]) -> bool {
    type_places(text).next().is_some()
}

/// The colons in `text` that follow a built-in type.
pub(crate) fn type_places(text: &[u8]) -> impl Iterator<Item = usize> {
    memchr_iter(b':', text).filter(|colon| ends_in_type(&text[..*colon]))
}

/// Whether `text` begins with a type followed by a colon.
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

    fn has_type(file: &[u8]) -> bool {
        let catalogue = Catalogue::new(&[]).unwrap_or_else(|_| panic!("no mistake"));
        super::has_type(file, &TypeNames::new(&catalogue))
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
