//! Prints a description with underlined parts, and a line from each part down to its meaning.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::super::Shown;
use super::super::shown::width;
use super::table;
use crate::cli::stream::Stream;
use crate::describe::{Line, Part, head};

/// How many bytes are printed of a description that cannot be underlined on one line.
const MOST_BARE: usize = 100;
/// By how many columns a nested description is indented more than the outer one.
const INDENT: usize = 4;

/// The colors of the parts, used in turn, so that adjacent parts differ.
const COLORS: [AnsiColor; 5] =
    [AnsiColor::Cyan, AnsiColor::Green, AnsiColor::Yellow, AnsiColor::Magenta, AnsiColor::Blue];

/// Prints a description or a nested one at `depth`, with its parts underlined and explained.
pub(super) fn write(line: &Line, depth: usize, out: &mut Stream) -> io::Result<()> {
    let indent = indent(depth);
    let shown = Shown::whole(&line.text);
    if depth > 0 {
        writeln!(out)?;
    }
    // If the terminal wrapped the line, its marks would be below other text, so a table is printed.
    let columns =
        if out.is_narrow() { widest(&shown, line) } else { width(shown.text()) } + indent.len();
    if line.cut || line.more > 0 || columns > out.width {
        bare_at(&line.text, line.cut, &indent, out)?;
        let rows = line.parts.iter().map(|part| [part.name, &part.value, part.summary]);
        table::write(&rows, &indent, out)?;
    } else {
        writeln!(out, "{indent}{}", shown.text())?;
        underlines(&shown, &line.parts, &indent, out)?;
        for count in (0..line.parts.len()).rev() {
            label(&shown, &line.parts[..=count], &indent, out)?;
        }
    }
    if line.more > 0 {
        writeln!(out, "{indent}  and {} more arguments", line.more)?;
    }
    Ok(())
}

/// The width of the description or of the longest line below it, whichever is greater.
fn widest(shown: &Shown, line: &Line) -> usize {
    let label = |part: &Part| {
        let meaning = part.meaning.as_deref().map_or(0, |it| width(it) + ", here ``".len());
        shown.column(part.span.start)
            + width(part.name)
            + ": ".len()
            + width(part.summary)
            + meaning
    };
    line.parts.iter().map(label).chain([width(shown.text())]).max().unwrap_or_default()
}

/// Returns the blanks before a description at the nesting `depth`.
pub(super) fn indent(depth: usize) -> String {
    " ".repeat(depth * INDENT)
}

/// Prints a description without explanations, because it could not be split into parts.
pub(super) fn bare(text: &[u8], out: &mut Stream) -> io::Result<()> {
    if text.is_empty() {
        return writeln!(out, "(an empty description)");
    }
    bare_at(text, false, "", out)
}

fn bare_at(text: &[u8], cut: bool, indent: &str, out: &mut Stream) -> io::Result<()> {
    let head = head(text, MOST_BARE);
    let end = if cut && !head.ends_with('…') { "…" } else { "" };
    writeln!(out, "{indent}{head}{end}")
}

/// Prints the row of marks below the description: each part is underlined in its color.
fn underlines(shown: &Shown, parts: &[Part], indent: &str, out: &mut Stream) -> io::Result<()> {
    write!(out, "{indent}")?;
    let mut column = 0;
    for (index, part) in parts.iter().enumerate() {
        let (start, end) = (shown.column(part.span.start), shown.column(part.span.end));
        // A caret marks an empty part, where a dash would extend the mark of an adjacent part.
        let mark = if start == end { "^".to_owned() } else { "-".repeat(end - start) };
        let style = out.style(color(index));
        write!(out, "{:1$}{style}{mark}{style:#}", "", start.saturating_sub(column))?;
        column = start.max(column) + mark.len();
    }
    writeln!(out)
}

/// Prints the row that explains the last of `parts`, with a `|` for each earlier part. The `|`
/// connect the marks of earlier parts to their rows further below.
fn label(shown: &Shown, parts: &[Part], indent: &str, out: &mut Stream) -> io::Result<()> {
    let Some((part, before)) = parts.split_last() else { return Ok(()) };
    write!(out, "{indent}")?;
    let mut column = 0;
    for (index, part) in before.iter().enumerate() {
        let start = shown.column(part.span.start);
        let style = out.style(color(index));
        write!(out, "{:1$}{style}|{style:#}", "", start.saturating_sub(column))?;
        column = start.max(column) + 1;
    }
    let start = shown.column(part.span.start);
    let style = out.style(color(before.len()));
    // Without a blank, a part's name directly after a `|` would look like one word with it.
    let gap = start.saturating_sub(column).max(usize::from(column > 0));
    write!(out, "{:gap$}{style}{}{style:#}: {}", "", part.name, part.summary)?;
    match &part.meaning {
        Some(meaning) => writeln!(out, ", here `{meaning}`"),
        None => writeln!(out),
    }
}

fn color(index: usize) -> Style {
    COLORS[index % COLORS.len()].on_default().bold()
}
