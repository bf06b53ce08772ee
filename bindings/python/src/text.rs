//! Python's strings as the bytes of a description, and places in both.
//!
//! Bytes that are no UTF-8 are surrogate escapes in Python, as in its file names, so each is one
//! character there.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use strports::Span;

const ENCODING: (&str, &str) = ("utf-8", "surrogateescape");

/// The bytes that a string stands for; an error if it has surrogates that are no escapes.
pub(crate) fn to_bytes(text: &Bound<'_, PyString>) -> PyResult<Vec<u8>> {
    match text.to_cow() {
        Ok(text) => Ok(text.into_owned().into_bytes()),
        Err(_) => Ok(text.call_method1("encode", ENCODING)?.cast::<PyBytes>()?.as_bytes().to_vec()),
    }
}

/// The string for bytes of a description.
pub(crate) fn to_string<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Ok(PyString::new(py, text));
    }
    Ok(PyBytes::new(py, bytes).call_method1("decode", ENCODING)?.cast_into::<PyString>()?)
}

/// A place in the string that stands for `text`.
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
