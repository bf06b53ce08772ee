//! Converts findings to tuples, both those in a description and those in a file.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use strports::check::{Finding, Place};
use strports::{Diagnostic, Fix};

use crate::text::{place, to_string};

/// Returns `(code, severity, message, span, help, fix)`, with spans in characters of the string.
pub(crate) fn of_text<'py>(
    py: Python<'py>,
    text: &[u8],
    diagnostic: &Diagnostic,
) -> PyResult<Bound<'py, PyTuple>> {
    let Diagnostic { code, span, message, help, fix, .. } = diagnostic;
    let fix = fix.as_ref().map(|fix| fix_of_text(py, text, fix)).transpose()?;
    let severity = diagnostic.severity().as_str();
    (code.slug(), severity, message, place(text, *span), help, fix).into_pyobject(py)
}

type TextFix<'py> = ((usize, usize), Bound<'py, PyString>, bool);

fn fix_of_text<'py>(py: Python<'py>, text: &[u8], fix: &Fix) -> PyResult<TextFix<'py>> {
    Ok((place(text, fix.span), to_string(py, &fix.replacement)?, fix.safe))
}

/// Returns `(path, start, end, slug, severity, message, help, description, role, fix)`.
pub(crate) fn of_file<'py>(py: Python<'py>, it: &Finding) -> PyResult<Bound<'py, PyTuple>> {
    let fix = match &it.fix {
        None => None,
        Some(fix) => {
            let written = to_string(py, &fix.replacement)?;
            Some((pair(fix.start), pair(fix.end), written, fix.safe))
        }
    };
    let (slug, severity) = (it.rule.slug(), it.severity().as_str());
    let role = it.role.map(strports::Role::as_str);
    let (message, help, description) = (&it.message, &it.help, it.description.as_deref());
    let (path, start, end) = (it.path.as_os_str(), pair(it.start), pair(it.end));
    (path, start, end, slug, severity, message, help, description, role, fix).into_pyobject(py)
}

const fn pair(place: Place) -> (usize, usize) {
    (place.line, place.column)
}
