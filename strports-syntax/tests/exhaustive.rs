//! Compares the arguments of all short texts with those of a plain port of Twisted's parser.
//!
//! The port follows `_tokenize` and `_parse` of `twisted.internet.endpoints`, and shares no code
//! with the lexer.

use strports_syntax::{Description, Place, quote_bytes};

/// The arguments in order, each with its key if it has one; `None` if a backslash ends the text.
type Arguments = Option<Vec<(Option<Vec<u8>>, Vec<u8>)>>;

/// The arguments according to the port of Twisted's code, which reads byte by byte.
fn naive(text: &[u8]) -> Arguments {
    let mut arguments = Vec::new();
    let (mut key, mut current) = (None, Vec::new());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b':' => arguments.push((key.take(), core::mem::take(&mut current))),
            b'=' if key.is_none() => key = Some(core::mem::take(&mut current)),
            b'\\' => current.push(bytes.next()?),
            _ => current.push(byte),
        }
    }
    arguments.push((key, current));
    Some(arguments)
}

/// The arguments according to this crate.
fn ours(text: &[u8]) -> Arguments {
    // With a type at the beginning, any text without a trailing backslash is a description.
    let whole = [b"t:", text].concat();
    let description = Description::parse(&whole).ok()?;
    let owned = |argument: strports_syntax::Argument<'_>| {
        let key = argument.key.map(|key| key.to_bytes().into_owned());
        (key, argument.value.to_bytes().into_owned())
    };
    Some(description.arguments().map(owned).collect())
}

/// Calls `visit` with every text of up to `longest` bytes from `alphabet`; returns their number.
fn every_text(alphabet: &[u8], longest: u32, mut visit: impl FnMut(&[u8])) -> usize {
    let base = alphabet.len();
    let mut text = Vec::new();
    let mut count = 0;
    for len in 0..=longest {
        for number in 0..base.pow(len) {
            text.clear();
            text.extend((0..len).map(|place| alphabet[number / base.pow(place) % base]));
            visit(&text);
            count += 1;
        }
    }
    count
}

#[test]
fn every_short_text_reads_as_twisted_reads_it() {
    let count = every_text(b"a\\:=", 7, |text| {
        assert_eq!(ours(text), naive(text), "{:?}", String::from_utf8_lossy(text));
    });
    assert_eq!(count, 21_845);
    every_text(b"1\\:= \xc3\n", 5, |text| {
        assert_eq!(ours(text), naive(text), "{:?}", String::from_utf8_lossy(text));
    });
}

/// The lexer reads words of eight bytes, so delimiters are tried at every offset of two words.
#[test]
fn every_short_text_behind_others_of_every_length_reads_the_same() {
    for before in 0..17 {
        every_text(b"a\\:=", 4, |text| {
            let whole = [&b"xxxxxxxxxxxxxxxxx"[..before], text].concat();
            assert_eq!(ours(&whole), naive(&whole), "{:?}", String::from_utf8_lossy(&whole));
        });
    }
}

#[test]
fn every_short_text_quoted_reads_as_itself() {
    every_text(b"a\\:=", 6, |text| {
        let quoted = |place| quote_bytes(text, place);
        let positional = quoted(Place::Positional);
        assert_eq!(naive(&positional), Some(vec![(None, text.to_vec())]));
        let keyword = [&quoted(Place::Key)[..], b"=", &quoted(Place::Value)].concat();
        assert_eq!(naive(&keyword), Some(vec![(Some(text.to_vec()), text.to_vec())]));
        assert_eq!(ours(&keyword), naive(&keyword));
    });
}
