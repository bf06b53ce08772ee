//! Prints rows of a name, a value and a meaning in aligned columns.

use std::io::{self, Write};

use super::super::shown::width;
use super::super::wrapped;
use crate::cli::stream::Stream;
use crate::describe::Absent;

/// The minimum width of the last column; with less room it moves to the next line.
const LEAST: usize = 24;

/// Writes rows of a name, a value and a meaning, aligned in columns.
pub(super) fn write<'r>(
    rows: &(impl Iterator<Item = [&'r str; 3]> + Clone),
    indent: &str,
    out: &mut Stream,
) -> io::Result<()> {
    let widest = |column: usize| rows.clone().map(|row| width(row[column])).max().unwrap_or(0);
    let (names, values) = (widest(0), widest(1));
    let column = indent.len() + 2 + names + 2 + values + 2;
    for [name, value, summary] in rows.clone() {
        let bold = out.style(anstyle::Style::new().bold());
        write!(out, "{indent}  {bold}{name}{bold:#}{:1$}", "", names - width(name))?;
        write!(out, "  {value}")?;
        last_cell(summary, values - width(value), column, indent.len() + 4, out)?;
    }
    Ok(())
}

/// Writes the last cell of a row after `padding` and two blanks, wrapped in its column.
///
/// `column` is where it begins. If a narrow terminal has no room there, the cell is written on the
/// next line, indented by `indent` columns.
pub(in crate::cli) fn last_cell(
    text: &str,
    padding: usize,
    column: usize,
    indent: usize,
    out: &mut Stream,
) -> io::Result<()> {
    let columns = out.width;
    if !out.is_narrow() {
        writeln!(out, "{:padding$}  {text}", "")
    } else if has_room(column, out) {
        writeln!(out, "{:padding$}  {}", "", wrapped(text, column, column, columns))
    } else {
        writeln!(out, "\n{:indent$}{}", "", wrapped(text, indent, indent, columns))
    }
}

/// Whether the last cell of a row fits if it begins in `column`.
pub(in crate::cli) const fn has_room(column: usize, out: &Stream) -> bool {
    !out.is_narrow() || column + LEAST <= out.width
}

/// Prints, for each type, the defaults of the parameters that the description leaves out.
pub(super) fn write_defaults(absent: &[Absent], indent: &str, out: &mut Stream) -> io::Result<()> {
    for Absent { r#type, parameters, .. } in absent {
        writeln!(out, "\n{indent}not given to `{type}`:")?;
        write(&parameters.iter().map(|it| [it.name, it.default, it.summary]), indent, out)?;
    }
    Ok(())
}
