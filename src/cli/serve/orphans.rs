//! Reaps orphans: processes whose parent has ended, and whose new parent is this process.
//!
//! Process 1 of a container becomes the parent of all its orphans, and a subreaper of those among
//! its descendants. A process that is not reaped stays in the process table as a zombie.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use async_signal::{Signal, Signals};
use smol::stream::StreamExt;

use super::process_one::ProcessOne;
use super::signals::catch;
use crate::runtime::{Timer, block_on, reap_orphans};

/// How long to wait before the next attempt while starting a program blocks reaping.
const RETRY: Duration = Duration::from_millis(20);

/// Starts a thread that reaps orphans, if this process is process 1 or a subreaper. Returns the
/// state of process 1 if this is process 1.
///
/// If signals or threads are unavailable, orphans stay zombies; the command still works.
pub(in crate::cli) fn reap_inherited() -> Option<Arc<ProcessOne>> {
    let one = ProcessOne::find().map(Arc::new);
    // Without `/proc` there is no `ProcessOne`, but process 1 still inherits orphans.
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
