//! Signals at the end of a command: what it would still wait for gets no more time.

use std::thread;

use async_signal::Signals;
use smol::stream::StreamExt;

use super::log::Log;
use super::run;
use crate::runtime::{block_on, hurry_children};

/// Programs whose connections are over are killed, and lines that nobody takes are lost.
pub(super) fn hurry(log: Option<&Log>) {
    hurry_children();
    log.inspect(|log| log.hurry());
}

/// Has a signal do that from here on, when sockets are closed and their files are removed.
pub(super) fn on_signal(log: Log) {
    // Where there is neither, the end takes the time that it takes.
    let Ok(mut signals) = Signals::new(run::ending_signals()) else { return };
    let _ = thread::Builder::new().name("haste".into()).spawn(move || {
        if block_on(signals.next()).is_some() {
            hurry(Some(&log));
        }
    });
}
