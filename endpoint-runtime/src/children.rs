//! The children that this crate has started, and the reaping of all others.
//!
//! The list belongs to the process, as children do.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Mutex;

use rustix::io::retry_on_intr;
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, wait, waitid};

use crate::lock::lock;

static OWN: Mutex<Own> = Mutex::new(Own { starting: 0, pids: BTreeSet::new() });

/// The children that are reaped elsewhere in this crate.
struct Own {
    /// How many are being started; their numbers are not known yet.
    starting: usize,
    pids: BTreeSet<i32>,
}

/// A child that is being started. Until this is dropped, nothing is reaped.
pub(crate) struct Starting(());

impl Starting {
    pub(crate) fn new() -> Self {
        lock(&OWN).starting += 1;
        Self(())
    }

    /// The child has started, and is reaped by its owner.
    pub(crate) fn started(self, pid: Pid) {
        lock(&OWN).pids.insert(pid.as_raw_pid());
        drop(self);
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        lock(&OWN).starting -= 1;
    }
}

/// The owner of the child has reaped it, or leaves that to [`reap_orphans`].
pub(crate) fn disown(pid: Pid) {
    lock(&OWN).pids.remove(&pid.as_raw_pid());
}

/// A child that [`reap_orphans`] has reaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Orphan {
    /// Its process number, which may belong to another process by now.
    pub pid: u32,
    /// How it ended.
    pub status: ExitStatus,
}

/// Reaps every child that has ended and that this crate did not start.
///
/// For a process that inherits orphans: process 1 of a container, or a subreaper. Call it whenever
/// SIGCHLD arrives. Nothing calls it by default: a child that the program around this crate has
/// started is reaped too, and cannot be waited for any more.
///
/// Returns `None`, and reaps nothing, while a program is being started: call it again soon.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::reap_orphans;
///
/// for orphan in reap_orphans().unwrap_or_default() {
///     println!("process {} has ended: {}", orphan.pid, orphan.status);
/// }
/// ```
pub fn reap_orphans() -> Option<Vec<Orphan>> {
    let own = lock(&OWN);
    if own.starting > 0 {
        return None;
    }
    if own.pids.is_empty() {
        return Some(core::iter::from_fn(reap_any).collect());
    }
    let others = children().filter(|pid| !own.pids.contains(&pid.as_raw_pid()));
    Some(others.filter_map(reap).collect())
}

fn reap_any() -> Option<Orphan> {
    let (pid, ended) = retry_on_intr(|| wait(WaitOptions::NOHANG)).ok()??;
    Some(Orphan { pid: number(pid), status: ExitStatus::from_raw(ended.as_raw()) })
}

/// Reaps a child if it has ended.
fn reap(pid: Pid) -> Option<Orphan> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    let ended = retry_on_intr(|| waitid(WaitId::Pid(pid), options)).ok()??;
    Some(Orphan { pid: number(pid), status: status(&ended) })
}

fn number(pid: Pid) -> u32 {
    pid.as_raw_pid().unsigned_abs()
}

/// All children, by proc(5); none where the system does not list them.
fn children() -> impl Iterator<Item = Pid> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.flat_map(|task| {
        let listed = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let pids = listed.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?));
        pids.collect::<Vec<_>>()
    })
}

/// The same as the older `wait` reports it, which is what std takes.
pub(crate) fn status(ended: &WaitIdStatus) -> ExitStatus {
    const CORE: i32 = 0x80;
    ExitStatus::from_raw(match (ended.exit_status(), ended.terminating_signal()) {
        (Some(code), _) => code << 8,
        (None, Some(signal)) if ended.dumped() => signal | CORE,
        (None, signal) => signal.unwrap_or_default(),
    })
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "this is test code")]
mod tests {
    use std::process::Command;

    use super::*;

    /// Starts a process that ends with this code, and waits until it has ended.
    #[expect(clippy::zombie_processes, reason = "the zombie is what is tested")]
    fn ended(code: i32) -> Pid {
        let child = Command::new("sh").args(["-c", &format!("exit {code}")]).spawn().unwrap();
        let pid = Pid::from_child(&child);
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(pid), options).unwrap();
        pid
    }

    /// In a process of its own: children of other tests would be reaped.
    #[test]
    fn children_that_are_owned_are_left_and_others_reaped() {
        const VARIABLE: &str = "REAPS_ORPHANS";
        if std::env::var_os(VARIABLE).is_none() {
            let name = "children::tests::children_that_are_owned_are_left_and_others_reaped";
            let test = std::env::current_exe().unwrap();
            let mut child = Command::new(test);
            let status = child.args(["--exact", name]).env(VARIABLE, "1").status();
            return assert!(status.unwrap().success());
        }
        let starting = Starting::new();
        let own = ended(1);
        assert_eq!(reap_orphans(), None, "it could be the one that is being started");
        starting.started(own);
        let other = ended(2);
        let reaped = |pid: Pid, code: i32| Orphan {
            pid: number(pid),
            status: ExitStatus::from_raw(code << 8),
        };
        assert_eq!(reap_orphans(), Some(vec![reaped(other, 2)]));
        disown(own);
        assert_eq!(reap_orphans(), Some(vec![reaped(own, 1)]));
        assert_eq!(reap_orphans(), Some(Vec::new()));
    }
}
