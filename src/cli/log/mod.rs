//! What the running commands say on standard error, which never makes them wait.
//!
//! 1. Whoever has something to say puts a line into a bounded queue, and goes on.
//! 2. One thread writes the lines, and draws the status line below them.
//! 3. Where the queue is full, or a line cannot be written, it is lost and counted; how many were lost is said as
//!    soon as lines can be written again.
//! 4. At the end the queue has [`PATIENCE`] to empty; [`HASTE`] where that is to come at once.

mod entry;
mod library;
mod queue;
mod screen;
mod writer;

use std::sync::Arc;
use std::time::Duration;

pub(super) use entry::{Entry, Format, Level};
pub(super) use library::failed_handshakes;
use queue::Queue;
pub(super) use screen::Screen;

/// How long the end of the program waits for lines to be written: nobody may ever read them.
const PATIENCE: Duration = Duration::from_secs(1);

/// The same where the program is to end at once: enough for whoever reads, and nobody notices it.
const HASTE: Duration = Duration::from_millis(100);

/// Where lines go; clones go to the same place.
#[derive(Clone)]
pub(super) struct Log {
    queue: Arc<Queue>,
    format: Format,
    least: Level,
    shows_status: bool,
}

impl Log {
    /// Starts the thread that writes to `screen`; what weighs less than `least` is not said.
    pub(super) fn start(screen: Screen, format: Format, least: Level) -> std::io::Result<Self> {
        let shows_status = screen.shows_status() && least == Level::Info;
        let log = Self { queue: Arc::default(), format, least, shows_status };
        writer::start(Arc::clone(&log.queue), screen, format)?;
        Ok(log)
    }

    /// Has the library say what ends nothing in the same way: a handshake that failed, a shortage.
    pub(super) fn listen_to_library(&self) {
        library::listen(self.clone());
    }

    /// How lines look.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Whether a line of this weight is said at all.
    pub(super) fn takes(&self, level: Level) -> bool {
        level >= self.least
    }

    /// Says a line, or loses and counts it; never waits.
    pub(super) fn say(&self, entry: &Entry) {
        if self.takes(entry.level) {
            self.queue.push(entry.line(self.format));
        }
    }

    /// Whether a status line is of use to anybody: on a terminal, unless the command is to be quiet.
    pub(super) fn shows_status(&self) -> bool {
        self.shows_status
    }

    /// Shows a status line in place of the one before.
    pub(super) fn show(&self, status: String) {
        self.queue.show(Some(status));
    }

    /// Shows none any more.
    pub(super) fn hide(&self) {
        self.queue.show(None);
    }

    /// Clears the row of the terminal, where another process may have left its status line.
    pub(super) fn clear(&self) {
        if self.shows_status {
            self.queue.push(screen::CLEAR.to_vec());
        }
    }

    /// How many lines were lost so far.
    pub(super) fn lost(&self) -> u64 {
        self.queue.lost()
    }

    /// The program is to end at once.
    pub(super) fn hurry(&self) {
        self.queue.hurry();
    }

    /// Waits until all is written, within [`PATIENCE`]; what is said afterwards is lost.
    pub(super) fn close(self) {
        self.queue.close(if self.queue.is_hurried() { HASTE } else { PATIENCE });
    }
}
