//! Shows the number of files on the terminal during long runs.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// How long `check` runs before the number of files is shown.
const DELAY: Duration = Duration::from_secs(1);
/// The interval between updates of the number.
const INTERVAL: Duration = Duration::from_millis(200);

/// Runs `work`; if that takes over a second, shows on standard error how many files it has met.
/// `work` counts the files in `met`. Nothing is shown if standard error is not a terminal.
pub(super) fn show_while<T>(met: &AtomicUsize, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        scope.spawn(move || {
            let mut wait = DELAY;
            let mut drawn = false;
            // The sender is dropped when `work` has returned, which ends the loop.
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
