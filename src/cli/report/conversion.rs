//! Prints conversions as JSON, and the tables of conversion rules.

use std::io::{self, Write};

use serde::Serialize;

use crate::convert::{Conversion, Form};

/// One conversion as a JSON object; the keys are stable.
#[derive(Serialize)]
struct Record<'c> {
    text: &'c str,
    from: Option<&'static str>,
    to: &'static str,
    results: Vec<OneResult<'c>>,
    losses: Vec<Part<'c>>,
    failures: Vec<Part<'c>>,
}

#[derive(Serialize)]
struct OneResult<'c> {
    text: &'c str,
    role: Option<&'static str>,
}

/// A part of the text that the results lack, and the reason.
#[derive(Serialize)]
struct Part<'c> {
    text: &'c str,
    message: &'c str,
    line: Option<usize>,
}

/// Writes one conversion as a line of JSON.
pub(in crate::cli) fn json(
    text: &str,
    to: Form,
    conversion: &Conversion,
    out: &mut dyn Write,
) -> io::Result<()> {
    let results = conversion.results.iter();
    let losses = conversion.losses.iter();
    let failures = conversion.failures.iter();
    let record = Record {
        text,
        from: conversion.from.map(Form::name),
        to: to.name(),
        results: results
            .map(|it| OneResult {
                text: &it.text,
                role: it.role.map(strports_syntax::Role::as_str),
            })
            .collect(),
        losses: losses.map(|it| Part { text: &it.text, message: &it.why, line: it.line }).collect(),
        failures: failures
            .map(|it| Part { text: &it.text, message: &it.why, line: it.line })
            .collect(),
    };
    serde_json::to_writer(&mut *out, &record)?;
    out.write_all(b"\n")
}

/// Prints all tables, which are `spec/convert.md`.
pub(in crate::cli) fn book(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Conversions\n\nWritten by `strports convert --rules`; do not edit.")?;
    for form in Form::all() {
        writeln!(out, "\n## {}\n\n{}.\n", form.name(), form.summary())?;
        writeln!(out, "| what | example | becomes |\n| --- | --- | --- |")?;
        for row in form.rows() {
            let names = row.names.iter().map(|name| cell(name)).collect::<Vec<_>>().join(", ");
            let (example, gives) = (cell(row.example), cell(row.gives));
            let gives = if row.gives.is_empty() { "nothing".to_owned() } else { gives };
            writeln!(out, "| {names} | {example} | {gives} |")?;
        }
    }
    Ok(())
}

/// A text in a table cell, with its lines below one another.
fn cell(text: &str) -> String {
    let lines = text.lines().map(|line| format!("`{}`", line.replace('|', "\\|")));
    lines.collect::<Vec<_>>().join("<br>")
}

/// Prints all tables, as one JSON object for each row.
pub(in crate::cli) fn rows(out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line {
        form: &'static str,
        names: &'static [&'static str],
        example: &'static str,
        gives: &'static str,
    }
    for form in Form::all() {
        for row in form.rows() {
            let (form, names) = (form.name(), row.names);
            let line = Line { form, names, example: row.example, gives: row.gives };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(())
}
