//! Printing and parsing are inverse, for parsed descriptions and for constructed ones.

use arbitrary::{Arbitrary, Unstructured};
use strports_syntax::{Description, Span, Text};

use crate::{inside, parsed, shown, written};

/// Checks the law. The bytes are the text of a description, and also data to construct one.
pub fn holds(input: &[u8]) {
    what_was_read_prints_as_itself(input);
    if let Ok(parts) = Parts::arbitrary_take_rest(Unstructured::new(input)) {
        what_was_built_reads_as_itself(&parts);
    }
}

/// Parts from which a description is constructed: a type, and arguments with optional keys.
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
    values_of_variables_are_secret(&description, input);
    // `Display` replaces bytes that are not UTF-8 by U+FFFD, so the bytes are printed instead.
    let arguments = description.arguments().map(|it| (it.key, it.value));
    let printed = written(&description.type_name(), arguments);
    assert_eq!(parsed(Description::parse(&printed), &printed), description);
    if std::str::from_utf8(input).is_ok() {
        assert_eq!(shown(description.to_string().as_bytes()), shown(&printed));
    }
}

/// In an argument `env=NAME=VALUE`, the value is a secret, which no message contains.
fn values_of_variables_are_secret(description: &Description<'_>, input: &[u8]) {
    let secrets: Vec<_> = Description::secrets(input).collect();
    for argument in description.arguments() {
        let key = argument.key.as_ref();
        let (start, end) = (argument.value_span.start, argument.value_span.end);
        let equals = input[start..end].iter().position(|byte| *byte == b'=');
        let value = equals.map(|equals| start + equals + 1).filter(|value| *value < end);
        if let Some(value) = value.filter(|_| key.is_some_and(|it| it.eq_ignore_ascii_case("env")))
        {
            let hides = |it: &Span| it.start <= value && it.end >= end;
            assert!(secrets.iter().any(hides), "{secrets:?} in {}", shown(input));
        }
    }
}

fn what_was_built_reads_as_itself(parts: &Parts<'_>) {
    let type_name = Text::plain(parts.type_name);
    let plain = |&(key, value): &(Option<_>, _)| (key.map(Text::plain), Text::plain(value));
    let arguments = parts.arguments.iter().map(plain);
    let text = written(&type_name, arguments.clone());
    // An empty type without arguments would be the empty text, which is no description.
    if text.is_empty() {
        return;
    }
    let description = parsed(Description::parse(&text), &text);
    assert_eq!(description.type_name(), type_name, "{}", shown(&text));
    let found = description.arguments().map(|it| (it.key, it.value));
    assert!(found.eq(arguments), "{}", shown(&text));
    if let Ok(text) = std::str::from_utf8(&text) {
        assert_eq!(description.to_string(), text, "printing has changed what was printed");
    }
}
