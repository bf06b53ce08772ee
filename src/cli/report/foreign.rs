//! Recognizes addresses of other programs in place of descriptions.

use std::io::{self, Write};

use crate::cli::stream::Stream;
use crate::describe::foreign;
use strports_syntax::Report;

/// Prints the form and the conversion.
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
