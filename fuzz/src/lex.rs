//! Tokens cover their text without gaps, and equal those of the model, as does the unescaped text.

use strports_syntax::{Description, Span, Text, tokens};

use crate::{model, shown};

/// Checks the law: `input` is the text of a description.
pub fn holds(input: &[u8]) {
    let mut at = 0;
    let found: Vec<_> = tokens(input)
        .map(|token| {
            assert_eq!(token.span.start, at, "gap or overlap before {token:?}");
            at = token.span.end;
            (token.kind, token.span.len())
        })
        .collect();
    assert_eq!(at, input.len(), "the end is missing");
    assert_eq!(found, model::tokens(input), "{}", shown(input));

    let Ok(description) = Description::parse(input) else { return };
    reads_unescaped(&description.type_name(), description.type_span(), input);
    for argument in description.arguments() {
        reads_unescaped(&argument.value, argument.value_span, input);
        if let Some(key) = &argument.key {
            reads_unescaped(key, argument.key_span(), input);
        }
    }
}

/// Every accessor of a `Text` returns what the model returns for its bytes.
fn reads_unescaped(text: &Text<'_>, span: Span, input: &[u8]) {
    let raw = &input[span.start..span.end];
    let plain = model::unescape(raw);
    assert_eq!(text.raw(), raw);
    assert_eq!(text.is_escaped(), raw.contains(&b'\\'));
    assert_eq!(text.is_empty(), plain.is_empty());
    assert!(text.bytes().eq(plain.iter().copied()), "{}", shown(raw));
    assert_eq!(*text.to_bytes(), *plain);
    assert_eq!(text.as_plain(), (raw == plain).then_some(raw));
    assert_eq!(*text, Text::plain(&plain));
    assert_eq!(text.cmp(&Text::plain(raw)), plain.as_slice().cmp(raw));
    let chars = model::chars(&plain);
    assert!(text.chars().eq(chars.iter().copied()), "{}", shown(raw));
    assert!(text.to_string().chars().eq(chars), "{}", shown(raw));
    assert_eq!(text.to_str().as_deref(), std::str::from_utf8(&plain).ok());
    let (least, most) = text.bytes().size_hint();
    assert!(least <= plain.len() && most.is_some_and(|most| plain.len() <= most));
}
