//! The thread that writes what is said.

use std::io;
use std::sync::Arc;
use std::thread;

use super::entry::{Entry, Format, Level};
use super::queue::{Queue, Work};
use super::screen::Screen;

/// Starts it; it ends with the queue.
pub(super) fn start(queue: Arc<Queue>, screen: Screen, format: Format) -> io::Result<()> {
    let mut writer = Writer { queue, screen, format, confessed: 0 };
    thread::Builder::new().name("log".into()).spawn(move || writer.run()).map(drop)
}

struct Writer {
    queue: Arc<Queue>,
    screen: Screen,
    format: Format,
    /// How many of the lost lines have been told of.
    confessed: u64,
}

impl Writer {
    fn run(&mut self) {
        while let Some(work) = self.queue.take() {
            self.write(&work);
        }
    }

    /// Writes what can be written: a full disk may have room later, and a reader who is gone is no reason to stop.
    fn write(&mut self, work: &Work) {
        let lost = work.lines.iter().filter(|line| self.screen.line(line).is_err()).count();
        self.queue.lose(lost as u64);
        // Where something was lost right now, there is no room to say so.
        if lost == 0 && work.lost > self.confessed {
            let line = confession(work.lost - self.confessed).line(self.format);
            if self.screen.line(&line).is_ok() {
                self.confessed = work.lost;
            }
        }
        // Whoever looks at the terminal sees for themselves that there is none.
        let _ = self.screen.status(work.status.as_deref());
    }
}

fn confession(count: u64) -> Entry {
    let lines = if count == 1 { "line" } else { "lines" };
    let message = format!("{count} {lines} of this log were lost, as nobody took them in time");
    Entry::new(Level::Warn, "lost", message).with("lines", count)
}
