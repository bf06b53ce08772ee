//! Skips the remaining waits at the end of a command when a second signal arrives.

use std::thread;

use smol::stream::StreamExt;

use super::log::Log;
use super::signals::{catch, ending_signals};
use crate::runtime::{block_on, end_grace_period};

/// Kills child processes that have not exited yet, and shortens the wait for the log.
pub(in crate::cli) fn exit_sooner(log: &Log) {
    end_grace_period();
    log.shorten_flush();
}

/// Catches the next SIGINT, SIGTERM or SIGHUP, and then calls [`exit_sooner`].
///
/// Called at the end of a command, after sockets are closed and their files are removed.
pub(in crate::cli) fn exit_sooner_on_signal(log: Log) {
    // If signals or threads are unavailable, the end of the command takes its full time.
    let Ok(mut signals) = catch(ending_signals()) else { return };
    let _ = thread::Builder::new().name("second-signal".into()).spawn(move || {
        if block_on(signals.next()).is_some() {
            exit_sooner(&log);
        }
    });
}
