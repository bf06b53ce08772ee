//! A line on the terminal for whoever has waited longer than a second.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(1);
const PACE: Duration = Duration::from_millis(200);

/// Does `work`, and counts on standard error how many files were met if that takes its time.
pub(super) fn shown<T>(met: &AtomicUsize, work: impl FnOnce() -> T) -> T {
    if !std::io::stderr().is_terminal() {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        scope.spawn(move || {
            let mut wait = PATIENCE;
            let mut said = false;
            // The other end is dropped when the work is done.
            while is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                say(&format!("\r{} files", met.load(Ordering::Relaxed)));
                (wait, said) = (PACE, true);
            }
            if said {
                say("\r\x1b[K");
            }
        });
        let result = work();
        drop(done);
        result
    })
}

fn say(text: &str) {
    let mut errors = std::io::stderr().lock();
    // Nobody is left to tell when standard error is closed.
    let _ = errors.write_all(text.as_bytes()).and_then(|()| errors.flush());
}
