//! The second signal, which skips the remaining waits at the end of a command.

use std::thread;

use smol::stream::StreamExt;

use super::log::Log;
use super::signals::{catch, ending_signals};
use crate::runtime::{block_on, end_grace_period};

/// Kills programs that have not exited yet, and shortens the wait for the log.
pub(in crate::cli) fn exit_sooner(log: &Log) {
    end_grace_period();
    log.shorten_flush();
}

/// From now on, a signal skips the remaining grace period of child processes and of the log.
///
/// Called after sockets are closed and their files are removed.
pub(in crate::cli) fn exit_sooner_on_signal(log: Log) {
    // If signals or threads are unavailable, the end takes its full time.
    let Ok(mut signals) = catch(ending_signals()) else { return };
    let _ = thread::Builder::new().name("second-signal".into()).spawn(move || {
        if block_on(signals.next()).is_some() {
            exit_sooner(&log);
        }
    });
}
