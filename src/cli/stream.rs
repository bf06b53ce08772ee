//! An output stream that knows whether it is a terminal.

use std::io::{self, BufWriter, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice, stream::RawStream};
use anstyle::Style;
use terminal_size::terminal_size;

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
    /// How many columns a line may have so that no terminal wraps it.
    pub(super) width: usize,
}

/// The width of what is no terminal, and of wider terminals.
const WIDEST: usize = 100;
/// Narrower terminals wrap lines.
const NARROWEST: usize = 20;

impl Stream {
    /// Colours only terminals, and follows `NO_COLOR`, `FORCE_COLOR` and the like.
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

    /// Whether the terminal is narrower than most.
    pub(super) const fn is_narrow(&self) -> bool {
        self.width < WIDEST
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

/// Whether `FORCE_COLOR` asks for colours, and `NO_COLOR` does not ask for none.
fn is_forced() -> bool {
    let is_set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    is_set("FORCE_COLOR").is_some_and(|value| value != "0") && is_set("NO_COLOR").is_none()
}

/// What `COLUMNS` says, or the width of the terminal.
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
