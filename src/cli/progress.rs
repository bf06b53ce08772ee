//! Shows the number of files on the terminal during long runs.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The delay before the line appears.
const DELAY: Duration = Duration::from_secs(1);
/// The interval between updates.
const INTERVAL: Duration = Duration::from_millis(200);

/// Runs `work`. If that takes long, shows on standard error the number of files so far.
pub(super) fn show_while<T>(met: &AtomicUsize, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        scope.spawn(move || {
            let mut wait = DELAY;
            let mut drawn = false;
            // The sender is dropped when the work is done.
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
    // If standard error is closed, the failure cannot be reported anywhere.
    let _ = errors.write_all(text.as_bytes()).and_then(|()| errors.flush());
}
