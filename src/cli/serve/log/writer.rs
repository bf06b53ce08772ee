//! The thread that writes the log, and its bounded queue.
//!
//! `NonBlocking` of tracing-appender 0.2.5 does not fit, because it:
//!
//! - waits for a fixed second at its end, or for 100 ms if the queue is full;
//! - then prints a message to standard output, among the bytes of the connection;
//! - panics if no thread can be started;
//! - limits the queue by lines instead of bytes;
//! - does not count lines that it fails to write.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use std::{io, iter, thread};

use tracing::Level;

use super::entry::Entry;
use super::screen::Screen;
use crate::cli::args::LogFormat;
use crate::lock::lock;

/// The maximum number of bytes in the queue, which is several thousand lines.
const CAPACITY: usize = 1024 * 1024;

/// How long the program waits at its end for the queue to become empty.
const FLUSH_TIME: Duration = Duration::from_secs(1);

/// How long the program waits at its end after a second signal: enough if the log is being read.
const SHORT_FLUSH_TIME: Duration = Duration::from_millis(100);

/// The sending side of the queue, which all clones of the log share.
pub(super) struct Writer {
    orders: Sender<Order>,
    shared: Arc<Shared>,
}

enum Order {
    Line(Vec<u8>),
    Status(Option<String>),
    Close,
}

impl Order {
    fn size(&self) -> usize {
        match self {
            Self::Line(line) => line.len(),
            Self::Status(status) => status.as_ref().map_or(0, String::len),
            Self::Close => 0,
        }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// Notified when the thread has ended, or when the wait at the end is shortened.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The number of bytes in queued lines and status lines.
    queued: usize,
    lost: u64,
    flush_is_short: bool,
    has_ended: bool,
}

impl Writer {
    /// Starts the thread, which runs until [`close`](Self::close).
    pub(super) fn start(screen: Screen, format: LogFormat) -> io::Result<Self> {
        let (writer, queue) = Self::new();
        let shared = Arc::clone(&writer.shared);
        let mut output = Output { shared, screen, format, reported: 0 };
        thread::Builder::new().name("log".into()).spawn(move || output.run(queue))?;
        Ok(writer)
    }

    fn new() -> (Self, Receiver<Order>) {
        let (orders, queue) = channel();
        (Self { orders, shared: Arc::default() }, queue)
    }

    /// Queues a line, or counts it as lost if the queue is full or the thread has ended.
    pub(super) fn line(&self, line: Vec<u8>) {
        self.send(Order::Line(line));
    }

    /// Queues a new status line; `None` removes it. If the queue is full, the previous one stays.
    pub(super) fn status(&self, status: Option<String>) {
        self.send(Order::Status(status));
    }

    /// Queues an order if its bytes fit; an order without bytes always fits.
    fn send(&self, order: Order) {
        let (size, is_line) = (order.size(), matches!(order, Order::Line(_)));
        let mut state = lock(&self.shared.state);
        let fits = size == 0 || state.queued + size <= CAPACITY;
        if fits && self.orders.send(order).is_ok() {
            state.queued += size;
        } else if is_line {
            // Counted under the same lock as the check. The thread then reads the count only after
            // it has received every line that was queued before.
            state.lost += 1;
        }
    }

    /// The number of lines that were lost since the start.
    pub(super) fn lost(&self) -> u64 {
        lock(&self.shared.state).lost
    }

    /// Shortens the wait of [`close`](Self::close), also if it has already begun.
    pub(super) fn shorten_flush(&self) {
        lock(&self.shared.state).flush_is_short = true;
        self.shared.changed.notify_all();
    }

    /// Ends the thread, and waits for a bounded time until it has written the queue.
    pub(super) fn close(&self) {
        self.send(Order::Close);
        let state = lock(&self.shared.state);
        let was_short = state.flush_is_short;
        let time = if was_short { SHORT_FLUSH_TIME } else { FLUSH_TIME };
        let is_busy = |state: &mut State| !state.has_ended && state.flush_is_short == was_short;
        // Whether the time has passed does not matter: the program ends in both cases.
        let _ = self.shared.changed.wait_timeout_while(state, time, is_busy);
    }
}

/// The thread's side: the receiver's state and the screen.
struct Output {
    shared: Arc<Shared>,
    screen: Screen,
    format: LogFormat,
    /// How many of the lost lines the log has already reported.
    reported: u64,
}

impl Output {
    fn run(&mut self, queue: Receiver<Order>) {
        let mut status = None;
        let mut is_open = true;
        while is_open && let Ok(first) = queue.recv() {
            // Lines queued so far are one batch; the number of lines lost before it is written
            // after it.
            let (mut batch, mut lost) = {
                let state = lock(&self.shared.state);
                (state.queued, state.lost)
            };
            let mut is_failing = false;
            for order in iter::once(first).chain(queue.try_iter()) {
                let size = order.size();
                let is_written = match order {
                    Order::Line(line) => self.screen.line(&line).is_ok(),
                    Order::Status(new) => {
                        status = new;
                        true
                    }
                    Order::Close => {
                        (status, is_open) = (None, false);
                        true
                    }
                };
                is_failing |= !is_written;
                let mut state = lock(&self.shared.state);
                state.queued -= size;
                state.lost += u64::from(!is_written);
                if state.queued == 0 {
                    lost = state.lost;
                }
                drop(state);
                batch = batch.saturating_sub(size);
                if batch == 0 {
                    break;
                }
            }
            // While writes fail, the line about lost lines would fail too.
            if !is_failing {
                self.report_lost(lost);
            }
            // If drawing the status line fails, the next update a second later draws it again.
            let _ = self.screen.status(status.as_deref());
        }
        // From now on, lines are lost and counted, because their queue has no receiver.
        drop(queue);
        lock(&self.shared.state).has_ended = true;
        self.shared.changed.notify_all();
    }

    /// Writes a line with the number of lines lost since the last report; `lost` is the total.
    fn report_lost(&mut self, lost: u64) {
        let count = lost - self.reported;
        if count == 0 {
            return;
        }
        let lines = if count == 1 { "line" } else { "lines" };
        let message =
            format!("{count} {lines} of this log were dropped, because its reader was too slow");
        let entry = Entry::new(Level::WARN, "lost", message).with("lines", count);
        if self.screen.line(&entry.line(self.format)).is_ok() {
            self.reported = lost;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read, Seek};

    use super::*;

    /// Writes everything that `writer` has queued into `file`, then closes the queue.
    fn run(writer: &Writer, queue: Receiver<Order>, file: File) {
        writer.send(Order::Close);
        let screen = Screen::new(file, false, false);
        let shared = Arc::clone(&writer.shared);
        Output { shared, screen, format: LogFormat::Human, reported: 0 }.run(queue);
    }

    fn written(writer: &Writer, queue: Receiver<Order>) -> String {
        let mut file = tempfile::tempfile().unwrap();
        run(writer, queue, file.try_clone().unwrap());
        file.rewind().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn lines_that_do_not_fit_are_lost_and_reported() {
        let (writer, queue) = Writer::new();
        let long = "x".repeat(CAPACITY - 1) + "\n";
        writer.line(long.clone().into_bytes());
        writer.line(b"too much\n".to_vec());
        writer.line(b"as well\n".to_vec());
        assert_eq!(writer.lost(), 2);
        let report = "2 lines of this log were dropped, because its reader was too slow\n";
        assert!(written(&writer, queue) == long + report);
        assert_eq!(lock(&writer.shared.state).queued, 0);
    }

    #[test]
    fn lines_are_written_in_order_until_the_end() {
        let (writer, queue) = Writer::new();
        let lines: Vec<String> = (0..100).map(|number| format!("{number}\n")).collect();
        for line in &lines {
            writer.line(line.clone().into_bytes());
        }
        assert_eq!(written(&writer, queue), lines.concat());
        writer.line(b"too late\n".to_vec());
        assert_eq!(writer.lost(), 1);
    }

    #[test]
    fn lines_that_cannot_be_written_are_lost() {
        let (writer, queue) = Writer::new();
        writer.line(b"lost\n".to_vec());
        run(&writer, queue, File::options().write(true).open("/dev/full").unwrap());
        assert_eq!(writer.lost(), 1);
    }

    #[test]
    fn a_close_that_waits_ends_when_the_flush_is_shortened() {
        let (writer, queue) = Writer::new();
        thread::scope(|scope| {
            let closing = scope.spawn(|| writer.close());
            assert!(matches!(queue.recv(), Ok(Order::Close)));
            writer.shorten_flush();
            closing.join().unwrap();
        });
        assert!(!lock(&writer.shared.state).has_ended);
    }
}
