//! A line on the terminal that counts files, for runs longer than a second.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long to wait before the line appears.
const DELAY: Duration = Duration::from_secs(1);
/// How often it changes.
const INTERVAL: Duration = Duration::from_millis(200);

/// Runs `work`, and shows on standard error how many files it has met if it takes long.
pub(super) fn show_while<T>(met: &AtomicUsize, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        scope.spawn(move || {
            let mut wait = DELAY;
            let mut drawn = false;
            // The other end is dropped when the work is done.
            while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                draw(&format!("\r{} files", met.load(Ordering::Relaxed)));
                (wait, drawn) = (INTERVAL, true);
            }
            if drawn {
                draw("\r\x1b[K");
            }
        });
        let result = work();
        drop(done);
        result
    })
}

fn draw(text: &str) {
    let mut errors = std::io::stderr().lock();
    // A closed standard error cannot be reported anywhere.
    let _ = errors.write_all(text.as_bytes()).and_then(|()| errors.flush());
}
