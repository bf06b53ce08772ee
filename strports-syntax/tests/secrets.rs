//! `Description::secrets` finds every byte of each secret, even in malformed text.

#![cfg(feature = "alloc")]

use proptest::prelude::*;
use strports_syntax::{Description, Place, quote_bytes};

/// Bytes that occur only in secrets, so that any of them outside a found span is a leak.
const MARKS: &[u8] = b"XYZ";

/// Tests at least 2,000 random texts, or more if `PROPTEST_CASES` is larger.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(2000), failure_persistence: None, ..default }
}

/// A secret that starts and ends with a mark; delimiters and backslashes are frequent in it.
fn secret() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop::sample::select(b"XYZ:=\\ \xff".to_vec());
    prop::collection::vec(byte, 0..8).prop_map(|middle| [b"X", &*middle, b"Z"].concat())
}

/// An argument `env=name=SECRET`, possibly with needless backslashes in the keyword.
fn variable() -> impl Strategy<Value = Vec<u8>> {
    let key = prop::sample::select(vec!["env", r"\env", r"e\nv", r"en\v", r"\e\n\v"]);
    (key, secret()).prop_map(|(key, secret)| {
        [key.as_bytes(), b"=name=", &*quote_bytes(&secret, Place::Value)].concat()
    })
}

/// A description of a program, with the variable before the type, after it or at the end.
fn program() -> impl Strategy<Value = Vec<u8>> {
    (variable(), 0..3).prop_map(|(variable, place)| match place {
        0 => [&variable, &b":process:/bin/a:cwd=/"[..]].concat(),
        1 => [b"process:/bin/a:", &*variable, b":cwd=/"].concat(),
        _ => [b"process:/bin/a:cwd=/:", &*variable].concat(),
    })
}

/// A description of a program, nested in up to four other descriptions.
fn nested() -> impl Strategy<Value = Vec<u8>> {
    (program(), prop::collection::vec(0..4, 0..5)).prop_map(|(program, around)| {
        around.into_iter().fold(program, |inner, outer| {
            let (before, place, behind) = match outer {
                0 => return [b"haproxy:", &*inner].concat(),
                1 => ("tls:h:443:endpoint=", Place::Value, ":timeout=5"),
                2 => ("endpoint=", Place::Value, ":tls:h:443"),
                _ => ("unknown:", Place::Positional, ":a=b"),
            };
            [before.as_bytes(), &*quote_bytes(&inner, place), behind.as_bytes()].concat()
        })
    })
}

/// The text with every found secret replaced by `*`.
///
/// Asserts that the spans are ordered, not empty and inside the text.
fn masked(text: &[u8]) -> Vec<u8> {
    let mut masked = text.to_vec();
    let mut end = 0;
    for secret in Description::secrets(text) {
        assert!(end <= secret.start && !secret.is_empty() && secret.end <= text.len());
        masked[secret.start..secret.end].fill(b'*');
        end = secret.end;
    }
    masked
}

fn shows_a_secret(text: &[u8]) -> bool {
    masked(text).iter().any(|byte| MARKS.contains(byte))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_byte_of_a_secret_is_shown(text in nested()) {
        prop_assert!(!shows_a_secret(&text), "{}", text.escape_ascii());
    }

    #[test]
    fn no_byte_of_a_secret_is_shown_in_a_malformed_text(
        text in nested(),
        cut in any::<prop::sample::Index>(),
        tail in prop::sample::select(vec!["", "\\", ":", "=", ":\\", ":port=80\\"]),
    ) {
        let text = [&text[..cut.index(text.len() + 1)], tail.as_bytes()].concat();
        prop_assert!(!shows_a_secret(&text), "{}", text.escape_ascii());
    }

    #[test]
    fn spans_fit_any_text(
        text in prop::collection::vec(prop::sample::select(b"env=:\\ ENV\xff".to_vec()), 0..60),
    ) {
        masked(&text);
    }

    #[test]
    fn without_the_keyword_nothing_is_hidden(
        text in prop::collection::vec(prop::sample::select(b"ev=:\\1".to_vec()), 0..60),
    ) {
        prop_assert_eq!(Description::secrets(&text).count(), 0);
    }
}
