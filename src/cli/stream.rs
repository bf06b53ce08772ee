//! An output stream that knows whether it is a terminal.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use anstyle::Style;

use super::args::Color;
use super::report::Shown;

/// Enough for a page of results in one write.
const CAPACITY: usize = 64 * 1024;

/// Standard output or error, buffered.
pub(super) struct Stream {
    writer: BufWriter<Box<dyn Write>>,
    /// Whether control characters of user text have to be replaced.
    pub(super) terminal: bool,
    /// Whether to write colours.
    pub(super) color: bool,
}

impl Stream {
    /// Colours only terminals, and follows `NO_COLOR` and the like.
    pub(super) fn new(stream: impl RawStream + IsTerminal + 'static) -> Self {
        Self {
            terminal: IsTerminal::is_terminal(&stream),
            color: AutoStream::choice(&stream) != ColorChoice::Never,
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

    /// Writes a result and `end`; on a terminal without control characters.
    pub(super) fn line(&mut self, result: &[u8], end: u8) -> io::Result<()> {
        if self.terminal {
            self.write_all(Shown::whole(result).text().as_bytes())?;
        } else {
            self.write_all(result)?;
        }
        self.write_all(&[end])
    }

    /// How many columns a line has: `COLUMNS`, or what the terminal says, or 100.
    #[cfg(feature = "relay")]
    pub(super) fn columns(&self) -> usize {
        const NARROWEST: usize = 20;
        const USUAL: usize = 100;
        let variable = std::env::var("COLUMNS").ok();
        let told = variable.and_then(|it| it.parse().ok()).filter(|columns| *columns > 0);
        let asked = || {
            let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
            size.map(|it| it.ws_col.into()).filter(|columns| self.terminal && *columns > 0)
        };
        told.or_else(asked).unwrap_or(USUAL).max(NARROWEST)
    }

    /// `style`, or none without colours.
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
