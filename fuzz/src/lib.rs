//! The laws of the language as plain functions that panic where one does not hold.
//!
//! Nothing here knows of libFuzzer: each target in `fuzz_targets/` calls one of these modules with
//! what libFuzzer makes up, and the replay in `tests/` calls all of them with what is known, on any
//! stable compiler. All take bytes, which need not be UTF-8; where a law is about things that are
//! built rather than read, the bytes are decoded by `arbitrary`.

pub mod arguments;
pub mod bind;
pub mod description;
pub mod endpoints;
pub mod lex;
pub mod lints;
pub mod model;
pub mod nested;
pub mod quote;
mod typed;

use std::fmt::Debug;

use strports_syntax::{
    ClientEndpoint, Error, Parameters, Place, Role, ServerEndpoint, Sink, Span, quote_bytes,
};

/// Every law by the name of its target.
pub const LAWS: &[(&str, fn(&[u8]))] = &[
    ("lex", lex::holds),
    ("arguments", arguments::holds),
    ("description", description::holds),
    ("endpoints", endpoints::holds),
    ("quote", quote::holds),
    ("bind", bind::holds),
    ("lints", lints::holds),
    ("nested", nested::holds),
];

/// Every mistake that binding finds, not bounded as a report is.
fn errors(input: &[u8], role: Role) -> Vec<Error> {
    struct All(Vec<Error>);
    impl Sink for All {
        fn error(&mut self, error: Error) {
            self.0.push(error);
        }
    }
    let mut all = All(Vec::new());
    let found = match role {
        Role::Server => ServerEndpoint::parse_with(input, &mut all).is_some(),
        Role::Client => ClientEndpoint::parse_with(input, &mut all).is_some(),
    };
    assert_eq!(found, all.0.is_empty(), "refused without a reason, or accepted with one");
    all.0
}

/// What a text means, by its canonical form.
fn meaning(input: &[u8], role: Role) -> Result<Vec<u8>, Error> {
    let canonical = |endpoint: &dyn Parameters| strports_syntax::canonical_bytes(endpoint);
    match role {
        Role::Server => ServerEndpoint::parse(input).map(|it| canonical(&it)),
        Role::Client => ClientEndpoint::parse(input).map(|it| canonical(&it)),
    }
}

/// A description from its parts, each quoted for its place.
fn written<'p>(
    type_name: &[u8],
    arguments: impl IntoIterator<Item = (Option<&'p [u8]>, &'p [u8])>,
) -> Vec<u8> {
    let mut text = quote_bytes(type_name, Place::Positional);
    for (key, value) in arguments {
        text.push(b':');
        if let Some(key) = key {
            text.extend(quote_bytes(key, Place::Key));
            text.push(b'=');
            text.extend(quote_bytes(value, Place::Value));
        } else {
            text.extend(quote_bytes(value, Place::Positional));
        }
    }
    text
}

#[track_caller]
fn inside(span: Span, input: &[u8]) {
    assert!(span.start <= span.end && span.end <= input.len(), "{span} of {}", input.len());
}

#[track_caller]
fn parsed<T: Debug>(result: Result<T, Error>, text: &[u8]) -> T {
    match result {
        Ok(it) => it,
        Err(error) => panic!("{} does not parse: {error}", shown(text)),
    }
}

/// Bytes for a message.
fn shown(text: &[u8]) -> String {
    text.escape_ascii().to_string()
}
