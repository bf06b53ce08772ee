//! Prints conversions as JSON, and the tables of conversion rules.

use std::io::{self, Write};

use serde::Serialize;

use crate::convert::{Conversion, Form};
use crate::describe::Converted;

/// Writes the result of one conversion, with its losses, as a line of JSON.
pub(in crate::cli) fn json(
    text: &str,
    to: Form,
    conversion: &Conversion,
    out: &mut dyn Write,
) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Converted::new(text, to, conversion))?;
    out.write_all(b"\n")
}

/// Prints the tables of all conversion rules as Markdown; `spec/convert.md` is this output.
pub(in crate::cli) fn book(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Conversions\n")?;
    writeln!(
        out,
        "How `strports convert` reads the texts of other programs, and writes them. A row has"
    )?;
    writeln!(
        out,
        "the words that it defines, a text with one of them, and the result. Written by"
    )?;
    writeln!(out, "`strports convert --rules`; do not edit.")?;
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

/// Formats a text as a Markdown table cell, with `<br>` between its lines.
fn cell(text: &str) -> String {
    let lines = text.lines().map(|line| format!("`{}`", line.replace('|', "\\|")));
    lines.collect::<Vec<_>>().join("<br>")
}

/// Prints the tables of all conversion rules, one JSON object for each row.
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
