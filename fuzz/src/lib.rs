//! The laws of the language and of the linter's parsers, as plain functions that panic if their law
//! does not hold.
//!
//! The laws do not depend on libFuzzer. Each target in `fuzz_targets/` calls one of these modules
//! with inputs of libFuzzer. The replay in `tests/` calls all of them with recorded inputs, on
//! stable Rust. All laws take bytes, which need not be UTF-8. For laws about constructed values,
//! the crate `arbitrary` decodes the bytes.

pub mod addresses;
pub mod arguments;
pub mod bind;
pub mod configurations;
pub mod conversions;
mod declared;
pub mod description;
pub mod documents;
pub mod embedded;
pub mod endpoints;
mod files;
pub mod grammar;
pub mod grid;
pub mod inherited;
pub mod lex;
pub mod lints;
#[cfg(feature = "command")]
pub mod lsp;
#[cfg(feature = "command")]
pub mod metrics;
pub mod model;
pub mod nested;
pub mod pauses;
#[cfg(feature = "command")]
pub mod pem;
pub mod plans;
pub mod proxy;
pub mod python;
pub mod quote;
pub mod racing;
pub mod relay;
pub mod schemas;
pub mod scripts;
pub mod services;
pub mod settings;
pub mod tunnels;
pub mod twisted;
pub mod values;

use std::fmt::Debug;

use strports_syntax::{
    ClientEndpoint, Error, ParseError, Place, Quoted, Role, ServerEndpoint, Sink, Span, Text,
    canonical_bytes,
};

/// A law: a property that holds for every input. The function panics if it does not.
pub type Law = fn(&[u8]);

/// All laws, each with the name of its fuzz target.
pub const LAWS: &[(&str, Law)] = &[
    ("addresses", addresses::holds),
    ("arguments", arguments::holds),
    ("bind", bind::holds),
    ("configurations", configurations::holds),
    ("conversions", conversions::holds),
    ("description", description::holds),
    ("documents", documents::holds),
    ("embedded", embedded::holds),
    ("endpoints", endpoints::holds),
    ("inherited", inherited::holds),
    ("lex", lex::holds),
    ("lints", lints::holds),
    #[cfg(feature = "command")]
    ("lsp", lsp::holds),
    #[cfg(feature = "command")]
    ("metrics", metrics::holds),
    ("nested", nested::holds),
    ("pauses", pauses::holds),
    #[cfg(feature = "command")]
    ("pem", pem::holds),
    ("plans", plans::holds),
    ("proxy", proxy::holds),
    ("python", python::holds),
    ("quote", quote::holds),
    ("racing", racing::holds),
    ("relay", relay::holds),
    ("schemas", schemas::holds),
    ("scripts", scripts::holds),
    ("services", services::holds),
    ("settings", settings::holds),
    ("tunnels", tunnels::holds),
    ("twisted", twisted::holds),
    ("values", values::holds),
];

/// Generates inputs for one law.
pub type Samples = fn() -> Vec<Vec<u8>>;

/// Generators of inputs, for laws whose inputs are not descriptions.
pub const SAMPLES: &[(&str, Samples)] = &[
    ("addresses", addresses::samples),
    ("embedded", embedded::samples),
    ("inherited", inherited::samples),
    #[cfg(feature = "command")]
    ("lsp", lsp::samples),
    #[cfg(feature = "command")]
    ("metrics", metrics::samples),
    ("pauses", pauses::samples),
    #[cfg(feature = "command")]
    ("pem", pem::samples),
    ("proxy", proxy::samples),
    ("racing", racing::samples),
    ("relay", relay::samples),
    ("schemas", schemas::samples),
    ("tunnels", tunnels::samples),
    ("values", values::samples),
];

/// Returns every sequence of at most three events, for state machines on a virtual clock.
fn sequences(events: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![vec![]];
    for _ in 0..3 {
        let longer = |sequence: &Vec<u8>| {
            let sequence = sequence.clone();
            events.iter().map(move |event| [&sequence[..], &[*event]].concat())
        };
        all.extend(all.iter().flat_map(longer).collect::<Vec<_>>());
    }
    all
}

/// Returns the law that the program's first argument names. Some engines use one program for all
/// laws.
pub fn law_of_first_argument() -> Law {
    let name = std::env::args().nth(1).unwrap_or_default();
    let law = LAWS.iter().find(|(known, _)| *known == name);
    law.unwrap_or_else(|| panic!("expected the name of a law, but found `{name}`")).1
}

/// Returns every error that binding finds. A report would limit their number.
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

/// Returns the canonical form of a text; two texts with the same form have the same meaning.
fn meaning(input: &[u8], role: Role) -> Result<Vec<u8>, ParseError> {
    match role {
        Role::Server => ServerEndpoint::parse(input).map(|it| canonical_bytes(&it)),
        Role::Client => ClientEndpoint::parse(input).map(|it| canonical_bytes(&it)),
    }
}

/// An argument of a description: an optional key, and a value.
type Argument<'a> = (Option<Text<'a>>, Text<'a>);

/// Writes a description from its parts, each quoted as its position requires.
fn written<'a>(type_name: &Text<'_>, arguments: impl IntoIterator<Item = Argument<'a>>) -> Vec<u8> {
    let mut text: Vec<u8> = Quoted::new(type_name, Place::Positional).bytes().collect();
    for (key, value) in arguments {
        text.push(b':');
        if let Some(key) = key {
            text.extend(Quoted::new(&key, Place::Key).bytes());
            text.push(b'=');
            text.extend(Quoted::new(&value, Place::Value).bytes());
        } else {
            text.extend(Quoted::new(&value, Place::Positional).bytes());
        }
    }
    text
}

#[track_caller]
fn inside(span: Span, input: &[u8]) {
    assert!(span.start <= span.end && span.end <= input.len(), "{span} of {}", input.len());
}

#[track_caller]
fn parsed<T: Debug>(result: Result<T, impl Into<ParseError>>, text: &[u8]) -> T {
    match result {
        Ok(it) => it,
        Err(error) => panic!("{} does not parse: {}", shown(text), error.into()),
    }
}

/// Formats an input for a message, with escapes for bytes that are not printable ASCII.
fn shown(text: &[u8]) -> String {
    text.escape_ascii().to_string()
}

/// Defines a libFuzzer target for a law about descriptions. Every second mutation changes tokens,
/// so that more inputs are valid.
#[macro_export]
macro_rules! mutated_target {
    ($law:ident) => {
        libfuzzer_sys::fuzz_target!(|input: &[u8]| $crate::$law::holds(input));

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            if seed % 2 == 0 {
                return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
            }
            let mutated = strports_syntax::arbitrary::mutate(&data[..size], seed);
            let size = mutated.len().min(max_size);
            data[..size].copy_from_slice(&mutated[..size]);
            size
        });
    };
}
