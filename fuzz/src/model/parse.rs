//! Ports Twisted's `_tokenize` and `_parse`.

use std::collections::BTreeMap;

use super::python::{Args, Kwargs, Raised};

/// Positional and keyword arguments, as the bytes of Twisted's texts.
pub type Parsed = (Vec<Vec<u8>>, BTreeMap<Vec<u8>, Vec<u8>>);

/// Ports `_parse(description)` for text.
///
/// # Errors
///
/// Raises `RuntimeError` for a backslash at the end, and `UnicodeEncodeError` for a key that is
/// not ASCII.
pub fn parse(description: &str) -> Result<(Args, Kwargs), Raised> {
    let (args, kwargs) = parse_octets(description.as_bytes())?;
    // Escapes are ASCII, so removing them leaves valid UTF-8.
    let text = |octets| String::from_utf8(octets).map_err(|_| Raised::UnicodeEncode);
    let args = args.into_iter().map(text).collect::<Result<_, _>>()?;
    let kwargs = kwargs.into_iter().map(|(key, value)| Ok((text(key)?, text(value)?)));
    Ok((args, kwargs.collect::<Result<_, _>>()?))
}

/// Ports `_parse(description)` for bytes, line by line.
///
/// # Errors
///
/// Returns the same errors as [`parse`].
pub fn parse_octets(description: &[u8]) -> Result<Parsed, Raised> {
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
        return Err(Raised::UnicodeEncode);
    }
    Ok(())
}

enum Twisted {
    String(Vec<u8>),
    Op(u8),
}

/// Ports Twisted's `_tokenize`, line by line. If the generator raises an exception, that is the
/// last item.
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
