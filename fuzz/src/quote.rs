//! `unquote(quote(t)) == t` in each of the three places, whatever stands around it.

use strports_syntax::{
    Description, Place, Quoted, Text, quote_bytes, quote_positional, quote_string_argument,
};

use crate::{model, parsed, shown, written};

/// The law, on one input.
pub fn holds(input: &[u8]) {
    for place in [Place::Positional, Place::Key, Place::Value] {
        quotes_as_the_model(input, place);
    }
    let text = Text::plain(input);
    let x: &[u8] = b"x";
    let written = written(input, [(None, input), (Some(input), input), (None, x), (Some(x), input)]);
    let description = parsed(Description::parse(&written), &written);
    assert_eq!(*description.type_name(), text);
    let arguments: Vec<_> = description.arguments().map(|it| (it.key, it.value)).collect();
    let x = Text::literal("x");
    let keyword = |key: &Text<'static>| (Some(key.clone()), text.clone().into_owned());
    let expected = [(None, text.clone()), keyword(&text.clone().into_owned()), (None, x.clone()), keyword(&x)];
    assert_eq!(arguments, expected);
}

/// Nothing but the specials of the place is escaped, and every escape can be taken back.
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
    // Quoting what is quoted already leaves its escapes to be read.
    let description = [b"t:".as_slice(), &quoted].concat();
    if place != Place::Value {
        let again = parsed(Description::parse(&description), &description);
        let value = again.arguments().next().map(|it| Quoted::new(&it.value, place).bytes().collect::<Vec<_>>());
        assert_eq!(value.as_deref(), Some(quoted.as_slice()));
    }
}
