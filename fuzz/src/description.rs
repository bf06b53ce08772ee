//! Printing and parsing undo each other, for what was read and for what was built.

use arbitrary::{Arbitrary, Unstructured};
use strports_syntax::Description;

use crate::{inside, parsed, shown, written};

/// The law, on one input: as a description, and as the parts of one.
pub fn holds(input: &[u8]) {
    what_was_read_prints_as_itself(input);
    if let Ok(parts) = Parts::arbitrary_take_rest(Unstructured::new(input)) {
        what_was_built_reads_as_itself(&parts);
    }
}

/// Any type with any arguments.
#[derive(Debug, Arbitrary)]
struct Parts<'a> {
    type_name: &'a [u8],
    arguments: Vec<(Option<&'a [u8]>, &'a [u8])>,
}

fn what_was_read_prints_as_itself(input: &[u8]) {
    let Ok(description) = Description::parse(input) else { return };
    inside(description.type_span(), input);
    for argument in description.arguments() {
        inside(argument.span, input);
        inside(argument.value_span, input);
        inside(argument.key_span(), input);
    }
    // `Display` shows U+FFFD for what is not UTF-8, so bytes are printed here.
    let (type_name, arguments) = parts(&description);
    let arguments = arguments.iter().map(|(key, value)| (key.as_deref(), value.as_slice()));
    let printed = written(&type_name, arguments);
    assert_eq!(parsed(Description::parse(&printed), &printed), description);
    if std::str::from_utf8(input).is_ok() {
        assert_eq!(shown(description.to_string().as_bytes()), shown(&printed));
    }
}

fn what_was_built_reads_as_itself(built: &Parts<'_>) {
    let text = written(built.type_name, built.arguments.iter().copied());
    // The one that cannot be written: no type and no arguments are an empty text.
    if text.is_empty() {
        return;
    }
    let description = parsed(Description::parse(&text), &text);
    let (type_name, arguments) = parts(&description);
    assert_eq!(type_name, built.type_name, "{}", shown(&text));
    let same = |(found, given): (&(Option<Vec<u8>>, Vec<u8>), &(Option<&[u8]>, &[u8]))| {
        found.0.as_deref() == given.0 && found.1 == given.1
    };
    assert_eq!(arguments.len(), built.arguments.len(), "{}", shown(&text));
    assert!(arguments.iter().zip(&built.arguments).all(same), "{}", shown(&text));
    if let Ok(text) = std::str::from_utf8(&text) {
        assert_eq!(description.to_string(), text, "printing has changed what was printed");
    }
}

/// The type, and each argument's key and value, without escapes.
fn parts(description: &Description<'_>) -> (Vec<u8>, Vec<(Option<Vec<u8>>, Vec<u8>)>) {
    let arguments = description.arguments();
    let arguments = arguments.map(|it| {
        let key = it.key.map(|key| key.to_bytes().into_owned());
        (key, it.value.to_bytes().into_owned())
    });
    (description.type_name().to_bytes().into_owned(), arguments.collect())
}
