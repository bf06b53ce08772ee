//! An output stream, and whether it is a terminal.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use anstyle::Style;
use terminal_size::terminal_size;

use super::args::Color;
use super::report::{Shown, fitted};

/// The size of the buffer: a page of results in one write.
const CAPACITY: usize = 64 * 1024;

/// Standard output or error, buffered.
pub(super) struct Stream {
    writer: BufWriter<Box<dyn Write>>,
    /// Whether control characters in user text must be escaped.
    pub(super) terminal: bool,
    /// Whether to write colors.
    pub(super) color: bool,
    /// The width at which lines are wrapped, in columns.
    pub(super) width: usize,
}

/// How text looks on a stream; see the fields of [`Stream`].
#[derive(Clone, Copy)]
pub(super) struct Look {
    terminal: bool,
    #[cfg(feature = "check")]
    pub(super) color: bool,
    pub(super) width: usize,
}

impl Look {
    /// Wraps the lines that a terminal would break in the middle of a word. Their further lines are
    /// `hanging` columns deeper.
    pub(super) fn fitted(self, text: &str, hanging: usize) -> Cow<'_, str> {
        if self.width < WIDEST {
            Cow::Owned(fitted(text, hanging, self.width))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Writes a result and `end`; on a terminal without control characters.
    pub(super) fn line(self, result: &[u8], end: u8, out: &mut impl Write) -> io::Result<()> {
        if self.terminal {
            out.write_all(Shown::whole(result).text().as_bytes())?;
        } else {
            out.write_all(result)?;
        }
        out.write_all(&[end])
    }
}

/// The width of wider terminals, and of files and pipes.
const WIDEST: usize = 100;
/// Narrower terminals wrap lines.
const NARROWEST: usize = 20;

impl Stream {
    /// Writes colors only on a terminal, and respects variables such as `NO_COLOR` and
    /// `FORCE_COLOR`.
    pub(super) fn new(stream: impl RawStream + IsTerminal + 'static) -> Self {
        let terminal = IsTerminal::is_terminal(&stream);
        Self {
            terminal,
            color: AutoStream::choice(&stream) != ColorChoice::Never || is_forced(),
            width: width(terminal),
            writer: BufWriter::with_capacity(CAPACITY, Box::new(stream)),
        }
    }

    /// Applies `--color`.
    pub(super) fn set_color(&mut self, color: Color) {
        match color {
            Color::Auto => {}
            Color::Always => self.color = true,
            Color::Never => self.color = false,
        }
    }

    /// Whether the terminal is narrower than usual.
    pub(super) const fn is_narrow(&self) -> bool {
        self.width < WIDEST
    }

    /// Writes lines of prose, wrapped for a narrow terminal.
    pub(super) fn prose(&mut self, text: &str) -> io::Result<()> {
        let text = self.look().fitted(text, 0);
        writeln!(self.writer, "{text}")
    }

    /// Writes a result and `end`; on a terminal, escapes control characters.
    pub(super) fn line(&mut self, result: &[u8], end: u8) -> io::Result<()> {
        self.look().line(result, end, &mut self.writer)
    }

    /// How text looks on it, for text that is made before it is written.
    pub(super) const fn look(&self) -> Look {
        Look {
            terminal: self.terminal,
            #[cfg(feature = "check")]
            color: self.color,
            width: self.width,
        }
    }

    /// `style`, or an empty style without colors.
    pub(super) fn style(&self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }
}

/// Whether `FORCE_COLOR` requests colors, and `NO_COLOR` does not forbid them.
fn is_forced() -> bool {
    let is_set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    is_set("FORCE_COLOR").is_some_and(|value| value != "0") && is_set("NO_COLOR").is_none()
}

/// The value of `COLUMNS`, or the width of the terminal.
fn width(is_terminal: bool) -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let measured = || {
        let (width, _) = terminal_size().filter(|_| is_terminal)?;
        Some(usize::from(width.0))
    };
    let width = told.filter(|columns| *columns > 0).or_else(measured).unwrap_or(WIDEST);
    width.clamp(NARROWEST, WIDEST)
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writer.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
