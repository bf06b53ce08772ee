//! The parser accepts the same texts as Twisted's `_parse`, and finds the same arguments in them.

use std::collections::BTreeMap;

use strports_syntax::{Argument, ClientEndpoint, Description, ErrorKind, ServerEndpoint};

use crate::model::parse::parse_octets;
use crate::model::python::Raised;
use crate::{inside, shown};

/// Checks the law: `input` is the text of a description.
pub fn holds(input: &[u8]) {
    let found = Description::parse(input);
    match (parse_octets(input), found) {
        // Twisted's `_parse` accepts the empty text as an empty type; only its caller fails.
        (Ok((args, kw)), Err(error)) => {
            let ErrorKind::EmptyDescription { keywords } = error.kind() else {
                panic!("{error} in {}", shown(input))
            };
            assert_eq!(*keywords, !kw.is_empty());
            assert!(args.is_empty() || input.is_empty(), "{}", shown(input));
        }
        (Ok((args, kw)), Ok(description)) => {
            let positional = description.arguments().filter(Argument::is_positional);
            let positional = positional.map(|it| it.value.to_bytes().into_owned());
            let type_name = description.type_name().to_bytes().into_owned();
            let positional: Vec<_> = std::iter::once(type_name).chain(positional).collect();
            assert_eq!(positional, args, "{}", shown(input));
            assert_eq!(keywords(&description, input), kw, "{}", shown(input));
        }
        (Err(Raised::StopIteration), found) => {
            let kind = found.map_err(|error| *error.kind());
            assert_eq!(kind, Err(ErrorKind::TrailingBackslash), "{}", shown(input));
        }
        (Err(_), found) => {
            let refused = found.is_err()
                || found.is_ok_and(|it| keywords(&it, input).keys().any(|key| !key.is_ascii()));
            assert!(refused, "{}", shown(input));
            assert!(ServerEndpoint::parse(input).is_err(), "{}", shown(input));
            assert!(ClientEndpoint::parse(input).is_err(), "{}", shown(input));
        }
    }
}

/// Returns the keyword arguments of a description. If a key repeats, its last value is returned.
fn keywords(description: &Description<'_>, input: &[u8]) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut keywords = BTreeMap::new();
    for argument in description.arguments() {
        inside(argument.span, input);
        if let Some(key) = argument.key {
            keywords.insert(key.to_bytes().into_owned(), argument.value.to_bytes().into_owned());
        }
    }
    keywords
}
