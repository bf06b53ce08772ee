//! Decides quickly whether a file may contain a description. This determines the speed on large
//! trees.
//!
//! Searches for a type followed by a colon. A file is read with the reader of its format only if it
//! has one, or a word that its format requires.

use std::sync::LazyLock;

use memchr::{memchr, memchr_iter};

use super::types::Catalogue;
use strports_syntax::signature::{client, server};

static TYPES: LazyLock<Types> = LazyLock::new(Types::all);

struct Types {
    /// The names, without duplicates.
    names: Vec<&'static [u8]>,
    /// The last bytes of the names in both cases; few other words before a colon end in one.
    last: [bool; 256],
}

impl Types {
    fn all() -> Self {
        let signatures = server::ALL.iter().chain(client::ALL);
        let mut names: Vec<_> = signatures.map(|it| it.name.as_bytes()).collect();
        names.sort_unstable();
        names.dedup();
        let mut last = [false; 256];
        for byte in names.iter().filter_map(|name| name.last()) {
            last[usize::from(byte.to_ascii_lowercase())] = true;
            last[usize::from(byte.to_ascii_uppercase())] = true;
        }
        Self { names, last }
    }
}

/// The names of plugins' types.
///
/// Some are short, so a longer word that ends in one does not count.
#[derive(Clone, Debug)]
pub(crate) struct TypeNames {
    names: Vec<&'static [u8]>,
}

impl TypeNames {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let mut names: Vec<_> = catalogue.names().map(str::as_bytes).collect();
        names.sort_unstable();
        names.dedup();
        Self { names }
    }

    fn end(&self, text: &[u8]) -> bool {
        self.names.iter().any(|name| {
            let Some(start) = text.len().checked_sub(name.len()) else { return false };
            let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            text[start..].eq_ignore_ascii_case(name) && !text[..start].last().is_some_and(goes_on)
        })
    }
}

/// Whether `file` contains a type followed by a colon, ignoring case.
pub(crate) fn has_type(file: &[u8], plugins: &TypeNames) -> bool {
    let types = &*TYPES;
    memchr_iter(b':', file).any(|colon| {
        let before = &file[..colon];
        ends_in_type(before, types) || plugins.end(before)
    })
}

/// Whether `text` contains a built-in type followed by a colon.
pub(crate) fn has_known_type(text: &[u8]) -> bool {
    type_places(text).next().is_some()
}

/// The colons in `text` that follow a built-in type.
pub(crate) fn type_places(text: &[u8]) -> impl Iterator<Item = usize> {
    memchr_iter(b':', text).filter(|colon| ends_in_type(&text[..*colon], &TYPES))
}

/// Whether `text` begins with a type followed by a colon.
pub(crate) fn begins_with_type(text: &[u8]) -> bool {
    let Some(colon) = memchr(b':', text) else { return false };
    TYPES.names.iter().any(|name| name.eq_ignore_ascii_case(&text[..colon]))
}

fn ends_in_type(text: &[u8], types: &Types) -> bool {
    let Some(&last) = text.last() else { return false };
    types.last[usize::from(last)]
        && types.names.iter().any(|name| {
            text.len() >= name.len() && text[text.len() - name.len()..].eq_ignore_ascii_case(name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_type(file: &[u8]) -> bool {
        let catalogue = Catalogue::new(&[]).unwrap_or_else(|_| panic!("no mistake"));
        super::has_type(file, &TypeNames::new(&catalogue))
    }

    #[test]
    fn ok_types_of_plugins_are_words_of_their_own() {
        assert!(has_type(b"listen = onion:80") && has_type(b"x: LE:/certs:tcp:443"));
        assert!(!has_type(b"title: x") && !has_type(b"file: x") && !has_type(b"vector: x"));
    }

    #[test]
    fn ok_a_type_and_a_colon_in_any_case() {
        for text in ["tcp:80", "x=SSL:443", "haproxy:x", "a\nfd:3", "\"unix:/x\"", "Tcp6:1"] {
            assert!(has_type(text.as_bytes()), "{text}");
        }
        for text in ["", ":", "tcp", "cp:80", "tcp :80", "ssl=443", "http://x", "port: 80"] {
            assert!(!has_type(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn ok_the_types_are_those_of_the_table() {
        let names = &TYPES.names;
        assert!(names.contains(&b"process".as_slice()) && names.contains(&b"tcp6".as_slice()));
    }
}
