//! Converts between Python's strings and the bytes of a description, and spans between both.
//!
//! Bytes that are not UTF-8 become surrogate escapes in Python, as in file names. Each of them is
//! one character.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use strports::Span;

const ENCODING: (&str, &str) = ("utf-8", "surrogateescape");

/// Converts a string to bytes. Fails if it has surrogates that do not stand for a byte.
pub(crate) fn to_bytes(text: &Bound<'_, PyString>) -> PyResult<Vec<u8>> {
    match text.to_cow() {
        Ok(text) => Ok(text.into_owned().into_bytes()),
        Err(_) => Ok(text.call_method1("encode", ENCODING)?.cast::<PyBytes>()?.as_bytes().to_vec()),
    }
}

/// Converts bytes of a description to a string, with surrogate escapes where they are not UTF-8.
pub(crate) fn to_string<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Ok(PyString::new(py, text));
    }
    Ok(PyBytes::new(py, bytes).call_method1("decode", ENCODING)?.cast_into::<PyString>()?)
}

/// Converts a span from bytes of `text` to characters of the Python string.
pub(crate) fn place(text: &[u8], span: Span) -> (usize, usize) {
    if str::from_utf8(text).is_ok() {
        let Span { start, end } = span.in_chars(text);
        return (start, end);
    }
    let chars = |end: usize| {
        let chunks = text[..end.min(text.len())].utf8_chunks();
        chunks.map(|it| it.valid().chars().count() + it.invalid().len()).sum()
    };
    (chars(span.start), chars(span.end))
}
