//! A buffered output stream that adapts text to a terminal.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use anstyle::Style;
use terminal_size::terminal_size;

use super::args::Color;
use super::report::{Shown, fitted};

/// The size of the write buffer in bytes: a page of results takes one write.
const CAPACITY: usize = 64 * 1024;

/// Standard output or error, buffered, with what is known about its terminal.
pub(super) struct Stream {
    writer: BufWriter<Box<dyn Write>>,
    /// Whether the stream is a terminal, so that control characters in user text are escaped.
    pub(super) terminal: bool,
    /// Whether text is written with color sequences.
    pub(super) color: bool,
    /// The width in columns at which lines are wrapped.
    pub(super) width: usize,
}

/// How text is formatted for a stream: the fields of [`Stream`] without the writer.
#[derive(Clone, Copy)]
pub(super) struct Look {
    terminal: bool,
    #[cfg(feature = "check")]
    pub(super) color: bool,
    pub(super) width: usize,
}

impl Look {
    /// Wraps lines between words if the terminal is narrow. Continuation lines are indented by
    /// `hanging` columns more than the line that they continue.
    pub(super) fn fitted(self, text: &str, hanging: usize) -> Cow<'_, str> {
        if self.width < WIDEST {
            Cow::Owned(fitted(text, hanging, self.width))
        } else {
            Cow::Borrowed(text)
        }
    }

    /// Writes a result and the byte `end`. On a terminal, control characters are escaped.
    pub(super) fn line(self, result: &[u8], end: u8, out: &mut impl Write) -> io::Result<()> {
        if self.terminal {
            out.write_all(Shown::whole(result).text().as_bytes())?;
        } else {
            out.write_all(result)?;
        }
        out.write_all(&[end])
    }
}

/// The maximum width in columns. Files, pipes and wider terminals get it too.
const WIDEST: usize = 100;
/// The minimum width in columns: narrower terminals break lines themselves.
const NARROWEST: usize = 20;

impl Stream {
    /// Wraps a stream in a buffer. Colors are on only for a terminal; variables such as `NO_COLOR`
    /// and `FORCE_COLOR` override that.
    pub(super) fn new(stream: impl RawStream + IsTerminal + 'static) -> Self {
        let terminal = IsTerminal::is_terminal(&stream);
        Self {
            terminal,
            color: AutoStream::choice(&stream) != ColorChoice::Never || is_forced(),
            width: width(terminal),
            writer: BufWriter::with_capacity(CAPACITY, Box::new(stream)),
        }
    }

    /// Applies the option `--color`, which overrides the terminal and the environment.
    pub(super) fn set_color(&mut self, color: Color) {
        match color {
            Color::Auto => {}
            Color::Always => self.color = true,
            Color::Never => self.color = false,
        }
    }

    /// Whether lines must be wrapped, because the terminal is narrower than usual.
    pub(super) const fn is_narrow(&self) -> bool {
        self.width < WIDEST
    }

    /// Writes a paragraph and a line feed, wrapped for a narrow terminal.
    pub(super) fn prose(&mut self, text: &str) -> io::Result<()> {
        let text = self.look().fitted(text, 0);
        writeln!(self.writer, "{text}")
    }

    /// Writes a result and the byte `end`. On a terminal, control characters are escaped.
    pub(super) fn line(&mut self, result: &[u8], end: u8) -> io::Result<()> {
        self.look().line(result, end, &mut self.writer)
    }

    /// Returns how to format text for this stream, for text that is written to it later.
    pub(super) const fn look(&self) -> Look {
        Look {
            terminal: self.terminal,
            #[cfg(feature = "check")]
            color: self.color,
            width: self.width,
        }
    }

    /// Returns `style` if colors are on, and an empty style otherwise.
    pub(super) fn style(&self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }
}

/// Whether `FORCE_COLOR` requests colors, and `NO_COLOR` does not forbid them.
fn is_forced() -> bool {
    let is_set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    is_set("FORCE_COLOR").is_some_and(|value| value != "0") && is_set("NO_COLOR").is_none()
}

/// Returns the width from `COLUMNS` or of the terminal, within the supported range.
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
