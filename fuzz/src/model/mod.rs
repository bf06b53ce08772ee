//! A second, independent implementation of the language, to compare the real one with.
//!
//! The modules port `twisted.internet.endpoints` 26.10 and carry its function names. They share
//! nothing with `strports-syntax` but the names of the tokens, they allocate freely, and they
//! prefer obvious code to fast code.
//!
//! | module | what it ports |
//! | --- | --- |
//! | [`parse`](mod@parse) | `_tokenize` and `_parse`: text to arguments |
//! | [`python`] | what Python itself does: calls, `int()`, and the `idna` package for ASCII |
//! | [`server`] | `serverFromString` and the parser of each server type |
//! | [`client`] | `clientFromString` and the parser of each client type |
//! | [`plan`] | nothing of Twisted: what the runtime makes of the arguments |
//! | [`endpoint`] | the result, and which results this project refuses on purpose |

pub mod client;
pub mod endpoint;
pub mod parse;
pub mod plan;
pub mod proxy;
pub mod python;
pub mod server;
pub mod tunnel;

use strports_syntax::TokenKind;

/// Returns the kinds of the tokens of a text, each with its length in bytes.
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

/// Returns a text without its escapes.
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

/// Decodes UTF-8, with U+FFFD for each byte that is not part of a character.
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
