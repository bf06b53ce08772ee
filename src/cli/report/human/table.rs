//! Prints names, values and meanings in columns.

use std::io::{self, Write};

use super::super::shown::width;
use crate::cli::stream::Stream;
use crate::describe::Absent;

/// Writes rows of a name, a value and a meaning.
pub(super) fn write<'r>(
    rows: &(impl Iterator<Item = [&'r str; 3]> + Clone),
    indent: &str,
    out: &mut Stream,
) -> io::Result<()> {
    let widest = |column: usize| rows.clone().map(|row| width(row[column])).max().unwrap_or(0);
    let (names, values) = (widest(0), widest(1));
    for [name, value, summary] in rows.clone() {
        let bold = out.style(anstyle::Style::new().bold());
        write!(out, "{indent}  {bold}{name}{bold:#}{:1$}", "", names - width(name))?;
        write!(out, "  {value}{:1$}", "", values - width(value))?;
        writeln!(out, "  {summary}")?;
    }
    Ok(())
}

/// Prints the defaults of parameters without arguments, for each type.
pub(super) fn write_defaults(absent: &[Absent], indent: &str, out: &mut Stream) -> io::Result<()> {
    for Absent { r#type, parameters, .. } in absent {
        writeln!(out, "\n{indent}not given to `{type}`:")?;
        write(&parameters.iter().map(|it| [it.name, it.default, it.summary]), indent, out)?;
    }
    Ok(())
}
