//! A second signal, which skips what the command still waits for at its end.

use std::thread;

use smol::stream::StreamExt;

use super::log::Log;
use super::signals::{catch, ending_signals};
use crate::runtime::{block_on, hurry_children};

/// Kills the programs that still end, and waits only briefly for the log to be written.
pub(in crate::cli) fn hurry(log: &Log) {
    hurry_children();
    log.hurry();
}

/// From now on, a signal skips the remaining grace period of child processes and of the log.
///
/// For the time after sockets are closed and their files are removed.
pub(in crate::cli) fn hurry_on_signal(log: Log) {
    // Without signals or a thread, the end takes its full time.
    let Ok(mut signals) = catch(ending_signals()) else { return };
    let _ = thread::Builder::new().name("second-signal".into()).spawn(move || {
        if block_on(signals.next()).is_some() {
            hurry(&log);
        }
    });
}
