//! Serializes the result of a conversion as the JSON of `strports convert`.

use serde::Serialize;

use crate::convert::{Conversion, Form};
use strports_syntax::Role;

/// The result of a conversion with the converted text, as `strports convert` prints it. The JSON
/// keys are stable.
///
/// # Examples
///
/// ```
/// use strports::convert::{Form, convert};
/// use strports::describe::Converted;
///
/// let text = "UNIX-CONNECT:/run/app.sock";
/// let conversion = convert(text, None, Form::DESCRIPTION, None);
/// let json = serde_json::to_value(Converted::new(text, Form::DESCRIPTION, &conversion))?;
/// assert_eq!(json["from"], "socat");
/// assert_eq!(json["results"][0]["text"], "unix:/run/app.sock");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Serialize)]
pub struct Converted<'c> {
    text: &'c str,
    from: Option<&'static str>,
    to: &'static str,
    results: Vec<OneResult<'c>>,
    losses: Vec<Part<'c>>,
    failures: Vec<Part<'c>>,
}

#[derive(Debug, Serialize)]
struct OneResult<'c> {
    text: &'c str,
    role: Option<&'static str>,
}

/// A part of the converted text that no result expresses, and the reason.
#[derive(Debug, Serialize)]
struct Part<'c> {
    text: &'c str,
    message: &'c str,
    line: Option<usize>,
}

impl<'c> Converted<'c> {
    /// Combines `text` and its conversion to the form `to` for serialization.
    pub fn new(text: &'c str, to: Form, conversion: &'c Conversion) -> Self {
        let results = conversion.results.iter();
        let losses = conversion.losses.iter();
        let failures = conversion.failures.iter();
        Self {
            text,
            from: conversion.from.map(Form::name),
            to: to.name(),
            results: results
                .map(|it| OneResult { text: &it.text, role: it.role.map(Role::as_str) })
                .collect(),
            losses: losses
                .map(|it| Part { text: &it.text, message: &it.why, line: it.line })
                .collect(),
            failures: failures
                .map(|it| Part { text: &it.text, message: &it.why, line: it.line })
                .collect(),
        }
    }
}
