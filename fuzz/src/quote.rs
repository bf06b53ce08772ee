//! Unquoting a quoted text returns the text, in each of the three positions and with any neighbors.

use strports_syntax::{
    Description, Place, Quoted, Text, quote_bytes, quote_positional, quote_string_argument,
};

use crate::{model, parsed, shown, written};

/// Checks the law: `input` is the text to quote.
pub fn holds(input: &[u8]) {
    for place in [Place::Positional, Place::Key, Place::Value] {
        quotes_as_the_model(input, place);
    }
    let (text, x) = (Text::plain(input), Text::literal("x"));
    let own = || text.clone();
    let arguments = [(None, own()), (Some(own()), own()), (None, x.clone()), (Some(x), own())];
    let written = written(&text, arguments.clone());
    let description = parsed(Description::parse(&written), &written);
    assert_eq!(description.type_name(), text);
    let found = description.arguments().map(|it| (it.key, it.value));
    assert!(found.eq(arguments), "{}", shown(&written));
}

/// Quoting escapes only characters that are special in the position, and unescaping reverses it.
fn quotes_as_the_model(input: &[u8], place: Place) {
    let specials: &[u8] = if place == Place::Value { b"\\:" } else { b"\\:=" };
    let mut expected = Vec::new();
    for byte in input {
        if specials.contains(byte) {
            expected.push(b'\\');
        }
        expected.push(*byte);
    }
    let quoted = quote_bytes(input, place);
    assert_eq!(quoted, expected, "{place:?} {}", shown(input));
    assert_eq!(model::unescape(&quoted), input);
    let text = Text::plain(input);
    assert!(Quoted::new(&text, place).bytes().eq(quoted.iter().copied()));
    if let Ok(plain) = std::str::from_utf8(input) {
        assert_eq!(Quoted::new(&text, place).to_string().as_bytes(), quoted);
        let named = match place {
            Place::Value => quote_string_argument(plain),
            Place::Positional | Place::Key => quote_positional(plain),
        };
        assert_eq!(named.as_bytes(), quoted);
    }
}
