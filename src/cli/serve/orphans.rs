//! Reaps orphans: processes whose parent has ended, and that this process inherits.
//!
//! Process 1 of a container inherits all orphans, and a subreaper those of its descendants. A
//! process that is not reaped stays in the process table forever.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_signal::{Signal, Signals};
use smol::stream::StreamExt;

use super::process_one::ProcessOne;
use super::signals::catch;
use crate::runtime::{Timer, block_on, reap_orphans};

/// The retry interval while a program is being started.
const RETRY: Duration = Duration::from_millis(20);

/// Starts to reap orphans if this process inherits any. Returns the state of process 1 if this is
/// process 1.
///
/// If signals or threads are unavailable, orphans are not reaped.
pub(in crate::cli) fn reap_inherited() -> Option<Arc<ProcessOne>> {
    let one = ProcessOne::find().map(Arc::new);
    // Without `/proc`, process 1 has no state, but still inherits orphans.
    if std::process::id() != 1 && !is_subreaper() {
        return None;
    }
    let signals = catch([Signal::Child]).ok()?;
    let watched = one.clone();
    let reaping = move || block_on(reap(signals, watched.as_deref()));
    thread::Builder::new().name("orphans".into()).spawn(reaping).ok()?;
    one
}

async fn reap(mut signals: Signals, one: Option<&ProcessOne>) {
    loop {
        if let Some(one) = one {
            one.look();
        }
        let Some(orphans) = reap_orphans() else {
            Timer::after(RETRY).await;
            continue;
        };
        for orphan in orphans {
            one.inspect(|one| one.reaped(orphan));
        }
        if signals.next().await.is_none() {
            return;
        }
    }
}

#[cfg(target_os = "linux")]
fn is_subreaper() -> bool {
    rustix::process::child_subreaper().is_ok_and(|flag| flag.is_some())
}

#[cfg(not(target_os = "linux"))]
fn is_subreaper() -> bool {
    false
}
