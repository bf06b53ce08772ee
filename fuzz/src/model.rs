//! The language a second time, as simply as it can be said, to compare the real one with.
//!
//! A byte at a time, everything collected, nothing shared with `strports-syntax` but the names of
//! the tokens.

use std::collections::BTreeMap;

use strports_syntax::TokenKind;

/// The tokens of a text, each with its length.
pub(crate) fn tokens(text: &[u8]) -> Vec<(TokenKind, usize)> {
    let mut tokens: Vec<(TokenKind, usize)> = Vec::new();
    let mut in_value = false;
    let mut at = 0;
    while at < text.len() {
        let (kind, len) = match text[at] {
            b':' => (TokenKind::Colon, 1),
            b'=' if !in_value => (TokenKind::Equals, 1),
            b'\\' if at + 1 == text.len() => (TokenKind::TrailingBackslash, 1),
            b'\\' => (TokenKind::Text, 2),
            _ => (TokenKind::Text, 1),
        };
        match kind {
            TokenKind::Colon => in_value = false,
            TokenKind::Equals => in_value = true,
            _ => {}
        }
        match tokens.last_mut() {
            Some((TokenKind::Text, before)) if kind == TokenKind::Text => *before += len,
            _ => tokens.push((kind, len)),
        }
        at += len;
    }
    tokens
}

/// A text without its escapes.
pub(crate) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut escaped = false;
    for &byte in text {
        if byte == b'\\' && !escaped {
            escaped = true;
        } else {
            plain.push(byte);
            escaped = false;
        }
    }
    plain
}

/// The characters of bytes, U+FFFD for each byte that is none.
pub(crate) fn chars(mut bytes: &[u8]) -> Vec<char> {
    let mut chars = Vec::new();
    while !bytes.is_empty() {
        let longest = bytes.len().min(4);
        let found = (1..=longest).find_map(|len| std::str::from_utf8(&bytes[..len]).ok());
        let found = found.unwrap_or_default();
        chars.push(found.chars().next().unwrap_or('\u{fffd}'));
        bytes = &bytes[found.len().max(1)..];
    }
    chars
}

/// Why Twisted's `_parse` raises.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Raised {
    /// `RuntimeError`: the generator met the end behind a backslash.
    StopIteration,
    /// `UnicodeDecodeError`: a key is not ASCII.
    UnicodeDecode,
}

/// What Twisted's `_parse` returns: positional arguments, and a dict of keywords.
pub(crate) type Parsed = (Vec<Vec<u8>>, BTreeMap<Vec<u8>, Vec<u8>>);

/// Twisted's `_parse`, line by line.
pub(crate) fn parse(description: &[u8]) -> Result<Parsed, Raised> {
    let (mut args, mut kw) = (Vec::new(), BTreeMap::new());
    let mut sofar = Vec::new();
    for token in tokenize(description) {
        match token? {
            Twisted::String(value) => sofar.push(value),
            Twisted::Op(b':') => {
                add(&sofar, &mut args, &mut kw)?;
                sofar.clear();
            }
            Twisted::Op(_) => {}
        }
    }
    add(&sofar, &mut args, &mut kw)?;
    Ok((args, kw))
}

fn add(
    sofar: &[Vec<u8>],
    args: &mut Vec<Vec<u8>>,
    kw: &mut BTreeMap<Vec<u8>, Vec<u8>>,
) -> Result<(), Raised> {
    if sofar.len() == 1 {
        args.push(sofar[0].clone());
    } else if sofar[0].is_ascii() {
        kw.insert(sofar[0].clone(), sofar[1].clone());
    } else {
        return Err(Raised::UnicodeDecode);
    }
    Ok(())
}

enum Twisted {
    String(Vec<u8>),
    Op(u8),
}

/// Twisted's `_tokenize`, line by line; where the generator raises, that is its last item.
fn tokenize(description: &[u8]) -> Vec<Result<Twisted, Raised>> {
    let mut yielded = Vec::new();
    let mut current = Vec::new();
    let mut ops: &[u8] = b":=";
    let mut iterdesc = description.iter();
    while let Some(n) = iterdesc.next() {
        if ops.contains(n) {
            yielded.push(Ok(Twisted::String(current)));
            yielded.push(Ok(Twisted::Op(*n)));
            current = Vec::new();
            ops = if *n == b':' { b":=" } else { b":" };
        } else if *n == b'\\' {
            let Some(next) = iterdesc.next() else {
                yielded.push(Err(Raised::StopIteration));
                return yielded;
            };
            current.push(*next);
        } else {
            current.push(*n);
        }
    }
    yielded.push(Ok(Twisted::String(current)));
    yielded
}
