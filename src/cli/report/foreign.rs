//! Reports that a text is no description, but an address of another program.

use std::io::{self, Write};

use crate::cli::stream::Stream;
use crate::describe::foreign;
use strports_syntax::Report;

/// Prints which program's address the text is, and the description that it converts to. Prints
/// nothing for other texts.
pub(super) fn write(report: &Report<'_>, out: &mut Stream) -> io::Result<()> {
    let Some((form, conversion)) = foreign(report) else { return Ok(()) };
    writeln!(out, "\nas {} ({}), it is:", form.name(), form.summary())?;
    for result in &conversion.results {
        write!(out, "  ")?;
        out.line(result.text.as_bytes(), b'\n')?;
    }
    for loss in &conversion.losses {
        writeln!(out, "{loss}")?;
    }
    Ok(())
}
