//! Writes to standard error: lines, and on a terminal a status line below them.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use anstyle::Style;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::termios::tcgetwinsize;

use crate::cli::report::{columns, fitting};

/// The control sequence that moves to the first column and erases the row.
pub(super) const CLEAR: &[u8] = b"\r\x1b[K";
const DIM: Style = Style::new().dimmed();
/// The width in columns that is assumed if a terminal does not report it.
const WIDTH: u16 = 80;

/// Standard error as a duplicate descriptor. `std::io::stderr` would hold its lock while a write
/// blocks, and so block other threads.
pub(in crate::cli) struct Screen {
    file: File,
    is_terminal: bool,
    style: Style,
    /// The width in columns of the status line on the screen; 0 if there is none.
    drawn: usize,
    /// Whether the last write failed within a line, so that the next line must begin on a new row.
    torn: bool,
}

impl Screen {
    /// Duplicates the descriptor of standard error.
    pub(in crate::cli) fn stderr(color: bool) -> io::Result<Self> {
        let stderr = io::stderr();
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        let is_terminal = stderr.is_terminal() && !is_dumb;
        let file = stderr.as_fd().try_clone_to_owned()?.into();
        Ok(Self::new(file, is_terminal, color))
    }

    pub(super) fn new(file: File, is_terminal: bool, color: bool) -> Self {
        let style = if color { DIM } else { Style::new() };
        Self { file, is_terminal, style, drawn: 0, torn: false }
    }

    /// Whether standard error is a terminal that supports a status line.
    pub(in crate::cli) fn shows_status(&self) -> bool {
        self.is_terminal
    }

    /// Erases the status line and writes `line`, which includes its line feed.
    pub(super) fn line(&mut self, line: &[u8]) -> io::Result<()> {
        self.clear()?;
        if self.torn {
            self.write(b"\n")?;
            self.torn = false;
        }
        self.write(line)
    }

    /// Draws the status line in place of the previous one; `None` only erases it.
    pub(super) fn status(&mut self, status: Option<&str>) -> io::Result<()> {
        let Some(status) = status.filter(|_| self.is_terminal) else { return self.clear() };
        let width = self.width();
        if self.drawn > width {
            self.clear()?;
        }
        // A line as wide as the terminal could make it scroll.
        let status = fitting(status, width.saturating_sub(1));
        let style = self.style;
        let line = format!("\r{style}{status}{style:#}\x1b[K");
        self.drawn = columns(&status).max(1);
        self.write(line.as_bytes())
    }

    fn width(&self) -> usize {
        let width = tcgetwinsize(&self.file).map_or(0, |size| size.ws_col);
        usize::from(if width == 0 { WIDTH } else { width })
    }

    fn clear(&mut self) -> io::Result<()> {
        match std::mem::take(&mut self.drawn) {
            0 => Ok(()),
            drawn => self.write(&erasing(drawn, self.width())),
        }
    }

    /// Writes all bytes. Waits for room if another process has made the descriptor non-blocking.
    fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.file.write(bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    bytes = &bytes[written..];
                    self.torn = !bytes.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], None)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Returns the sequence that erases a line of `columns` columns. A terminal that has become
/// narrower than the line has wrapped it to several rows.
fn erasing(columns: usize, width: usize) -> Vec<u8> {
    match columns.div_ceil(width.max(1)) {
        0 | 1 => CLEAR.to_vec(),
        rows => format!("\r\x1b[{}A\x1b[J", rows - 1).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Seek};

    use super::*;

    fn written(
        is_terminal: bool,
        color: bool,
        work: impl Fn(&mut Screen) -> io::Result<()>,
    ) -> String {
        let mut file = tempfile::tempfile().unwrap();
        let mut screen = Screen::new(file.try_clone().unwrap(), is_terminal, color);
        work(&mut screen).unwrap();
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_line_replaces_the_status_line() {
        let work = |screen: &mut Screen| {
            screen.status(Some("1 open"))?;
            screen.line(b"said\n")?;
            screen.status(Some("2 open"))?;
            screen.status(None)
        };
        assert_eq!(
            written(true, false, work),
            "\r1 open\x1b[K\r\x1b[Ksaid\n\r2 open\x1b[K\r\x1b[K"
        );
        assert_eq!(written(false, false, work), "said\n", "only a terminal shows it");
    }

    #[test]
    fn a_status_line_is_dim_and_never_wraps() {
        let long = "é".repeat(200);
        let text = written(true, true, |screen| screen.status(Some(&long)));
        assert_eq!(text, format!("\r\x1b[2m{}…\x1b[0m\x1b[K", "é".repeat(78)));
    }

    #[test]
    fn a_line_that_a_narrower_terminal_wraps_is_erased_whole() {
        assert_eq!(erasing(40, 80), CLEAR);
        assert_eq!(erasing(80, 80), CLEAR);
        assert_eq!(erasing(79, 40), b"\r\x1b[1A\x1b[J");
        assert_eq!(erasing(79, 20), b"\r\x1b[3A\x1b[J");
        assert_eq!(erasing(1, 0), CLEAR);
    }

    #[test]
    fn a_full_disk_is_an_error_and_no_more() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut screen = Screen::new(full, false, false);
        assert_eq!(screen.line(b"lost\n").unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
