//! The log on standard error, which never blocks the tasks that write to it.
//!
//! 1. A task puts a line into a bounded queue and continues.
//! 2. One thread writes the lines, and draws the status line below them.
//! 3. A line is lost if the queue is full or the write fails. Lost lines are counted, and the count
//!    is written as soon as a write succeeds again.
//! 4. At the end of the program, the queue has one second to empty, or 100 ms after a second
//!    signal.

mod entry;
mod library_events;
mod screen;
mod writer;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use tracing::Level;

use crate::cli::args::LogFormat;
pub(in crate::cli) use entry::Entry;
use library_events::{HandshakeFailures, LibraryEvents};
pub(in crate::cli) use screen::Screen;
use writer::Writer;

/// The log of one command; clones write to the same queue.
#[derive(Clone)]
pub(in crate::cli) struct Log {
    writer: Arc<Writer>,
    format: LogFormat,
    max_level: Level,
    shows_status: bool,
    handshake_failures: Arc<HandshakeFailures>,
}

impl Log {
    /// Starts the thread that writes to `screen`. Entries more verbose than `max_level` are
    /// ignored.
    pub(in crate::cli) fn start(
        screen: Screen,
        format: LogFormat,
        max_level: Level,
    ) -> io::Result<Self> {
        let shows_status = screen.shows_status() && max_level >= Level::INFO;
        let writer = Arc::new(Writer::start(screen, format)?);
        Ok(Self { writer, format, max_level, shows_status, handshake_failures: Arc::default() })
    }

    /// Logs the events of the libraries, such as failed handshakes.
    ///
    /// A process has only one subscriber. If a program that embeds the command has already set one,
    /// that one receives the events instead.
    pub(in crate::cli) fn subscribe(&self) {
        let (log, handshake_failures) = (self.clone(), Arc::clone(&self.handshake_failures));
        let write = Arc::new(move |entry: &Entry| log.write(entry));
        let events = LibraryEvents { write, handshake_failures };
        let _ = tracing::subscriber::set_global_default(events);
    }

    /// The format of lines: text for people, or JSON.
    pub(in crate::cli) fn format(&self) -> LogFormat {
        self.format
    }

    /// Queues an entry as a line, or counts it as lost if the queue is full. Never blocks.
    pub(in crate::cli) fn write(&self, entry: &Entry) {
        if entry.level <= self.max_level {
            self.writer.line(entry.line(self.format));
        }
    }

    /// Whether to draw a status line: on a terminal, unless the command is quiet.
    pub(in crate::cli) fn shows_status(&self) -> bool {
        self.shows_status
    }

    /// Draws this text as the status line, in place of the previous one.
    pub(in crate::cli) fn set_status(&self, status: String) {
        self.writer.status(Some(status));
    }

    /// Erases the status line from the terminal, until it is set again.
    pub(in crate::cli) fn hide_status(&self) {
        self.writer.status(None);
    }

    /// Erases the terminal row of the cursor, on which the predecessor may have left its status
    /// line.
    pub(in crate::cli) fn clear_row(&self) {
        if self.shows_status {
            self.writer.line(screen::CLEAR.to_vec());
        }
    }

    /// The number of lines that were lost since the start.
    pub(in crate::cli) fn lost_lines(&self) -> u64 {
        self.writer.lost()
    }

    /// Stops logging failed handshakes of listeners; they are still counted.
    pub(in crate::cli) fn hide_handshakes(&self) {
        self.handshake_failures.hide();
    }

    /// The number of failed handshakes of listeners since the start, by reason.
    pub(in crate::cli) fn failed_handshakes(&self) -> BTreeMap<String, u64> {
        self.handshake_failures.by_reason()
    }

    /// Shortens the wait of [`close`](Self::close) to 100 ms, even if it has already begun.
    pub(in crate::cli) fn shorten_flush(&self) {
        self.writer.shorten_flush();
    }

    /// Waits up to a second until all queued lines are written. Later lines are lost.
    pub(in crate::cli) fn close(self) {
        self.handshake_failures.unsaid().iter().for_each(|entry| self.write(entry));
        self.writer.close();
    }
}
