//! An output stream that knows whether a person looks at it.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use anstyle::Style;

use super::args::Color;
use super::report::Shown;

/// Enough for a page, so that results leave in few calls.
const CAPACITY: usize = 64 * 1024;

/// Standard output or error, buffered.
pub(super) struct Stream {
    writer: BufWriter<Box<dyn Write>>,
    /// Whether text of others has to be made harmless.
    pub(super) terminal: bool,
    /// Whether to write colours.
    pub(super) color: bool,
}

impl Stream {
    /// Colours are for terminals, and follow `NO_COLOR` and the like.
    pub(super) fn of(stream: impl RawStream + IsTerminal + 'static) -> Self {
        Self {
            terminal: IsTerminal::is_terminal(&stream),
            color: AutoStream::choice(&stream) != ColorChoice::Never,
            writer: BufWriter::with_capacity(CAPACITY, Box::new(stream)),
        }
    }

    /// Does what `--color` says.
    pub(super) fn choose(&mut self, color: Color) {
        match color {
            Color::Auto => {}
            Color::Always => self.color = true,
            Color::Never => self.color = false,
        }
    }

    /// Writes a result and the end of its line; on a terminal without what would control it.
    pub(super) fn line(&mut self, result: &[u8], end: u8) -> io::Result<()> {
        if self.terminal {
            self.write_all(Shown::whole(result).text().as_bytes())?;
        } else {
            self.write_all(result)?;
        }
        self.write_all(&[end])
    }

    /// `style`, where colours are wanted.
    pub(super) fn style(&self, style: Style) -> Style {
        if self.color { style } else { Style::new() }
    }
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
