//! Checks that the floor and the parser return the same, so that their speeds can be compared.

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panics")]

use strports_benches::corpus::{self, Random, Shape};
use strports_benches::floor::{self, Raw, TrailingBackslash};
use strports_syntax::{Code, Description, Span, Text};

/// A segment in a form that both results convert to: key, value, and offsets of both spans. The
/// `bool`s say whether a text has escapes.
type Plain<'a> = (Option<(&'a [u8], bool)>, (&'a [u8], bool), [usize; 4]);

fn raw(raw: Raw<'_>) -> (&[u8], bool) {
    (raw.bytes, raw.escaped)
}

fn by_floor(text: &[u8]) -> Result<Vec<Plain<'_>>, TrailingBackslash> {
    let mut found = Vec::new();
    floor::arguments(text, |argument| {
        let (span, value) = (argument.span, argument.value_span);
        let spans = [span.start, span.end, value.start, value.end];
        found.push((argument.key.map(raw), raw(argument.value), spans));
    })?;
    Ok(found)
}

#[track_caller]
fn agree(text: &[u8]) {
    let shown = String::from_utf8_lossy(text);
    let of = |it: &Text<'_>, span: Span| (span.slice(text), it.is_escaped());
    match (by_floor(text), Description::parse(text)) {
        (Ok(mut floor), Ok(description)) => {
            let index = floor.iter().position(|(key, ..)| key.is_none()).expect("a type");
            let (_, type_name, spans) = floor.remove(index);
            let span = description.type_span();
            assert_eq!(type_name, of(&description.type_name(), span), "{shown}");
            assert_eq!(description.type_name().raw(), type_name.0, "{shown}");
            assert_eq!(spans, [span.start, span.end, span.start, span.end], "{shown}");
            let arguments = description.arguments().inspect(|argument| {
                assert_eq!(argument.value.raw(), argument.value_span.slice(text), "{shown}");
                let key = argument.key.as_ref().map_or(&b""[..], Text::raw);
                assert_eq!(key, argument.key_span().slice(text), "{shown}");
            });
            let arguments: Vec<_> = arguments.collect();
            assert_eq!(arguments.len(), floor.len(), "{shown}");
            for (argument, (key, value, spans)) in arguments.iter().zip(floor) {
                let ours = argument.key.as_ref().map(|key| of(key, argument.key_span()));
                assert_eq!(ours, key, "{shown}");
                assert_eq!(of(&argument.value, argument.value_span), value, "{shown}");
                let (span, value) = (argument.span, argument.value_span);
                assert_eq!([span.start, span.end, value.start, value.end], spans, "{shown}");
            }
        }
        (Ok(floor), Err(error)) => {
            assert_eq!(error.code(), Code::EmptyDescription, "{shown}");
            let no_type = floor.iter().all(|(key, ..)| key.is_some());
            assert!(text.is_empty() || no_type, "{shown}: {error}");
        }
        (Err(TrailingBackslash(at)), Err(error)) => {
            assert_eq!(error.code(), Code::TrailingBackslash, "{shown}");
            assert_eq!(error.span(), Span::new(at, at + 1), "{shown}");
        }
        (Err(at), Ok(_)) => panic!("{shown}: only the floor finds {at:?}"),
    }
}

#[test]
fn on_all_vectors() {
    let inputs = corpus::all_vectors();
    assert!(inputs.len() > 1500, "only {} vectors", inputs.len());
    for input in inputs {
        agree(input.as_bytes());
    }
}

#[test]
fn on_every_short_text() {
    let symbols = b"a\\:=";
    for len in 0..=8 {
        for number in 0..symbols.len().pow(len) {
            let text: Vec<u8> =
                (0..len).map(|place| symbols[number / symbols.len().pow(place) % 4]).collect();
            agree(&text);
        }
    }
}

#[test]
fn on_random_descriptions() {
    let mut inputs = corpus::random(200_000);
    inputs.extend(Shape::ALL.iter().map(|shape| shape.text("", 64 * 1024)));
    for input in inputs {
        agree(input.as_bytes());
    }
}

#[test]
fn on_random_bytes() {
    let mut random = Random::new();
    for _ in 0..200_000 {
        let symbols =
            random.pick(&[&b"abcdefghijk:\\="[..], b"aaaaaaaaaaaaaaaaaaaa\\:=", b"\\:=\xff"]);
        let text: Vec<u8> = (0..random.below(60)).map(|_| random.pick(symbols)).collect();
        agree(&text);
    }
}

#[test]
fn on_all_bytes() {
    for byte in 0..=u8::MAX {
        for text in [&[byte][..], &[b'a', byte], &[byte, b':'], b"\\", &[b'\\', byte, b'=', byte]] {
            agree(text);
        }
    }
}
