//! Tracks the child processes of this crate, and reaps all other children.
//!
//! The list is global, because children belong to the process.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::Mutex;

use rustix::io::retry_on_intr;
use rustix::process::{Pid, WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, wait, waitid};

use crate::lock::lock;

static OWN: Mutex<Own> = Mutex::new(Own { starting: 0, pids: BTreeSet::new() });

/// The child processes that this crate has started and reaps itself, so that
/// [`reap_orphans`] must not.
struct Own {
    /// How many children are being started. Their process ids are not known yet.
    starting: usize,
    /// The process ids of started children that their owner has not reaped yet.
    pids: BTreeSet<i32>,
}

/// A child that is being started, so its process id is not recorded yet.
///
/// While this value exists, [`reap_orphans`] reaps nothing: it could take this child.
pub(crate) struct Starting(());

impl Starting {
    pub(crate) fn new() -> Self {
        lock(&OWN).starting += 1;
        Self(())
    }

    /// Records the process id of the started child. Its owner must reap it.
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

/// Removes a child from the list: its owner has reaped it, or leaves that to [`reap_orphans`].
pub(crate) fn disown(pid: Pid) {
    lock(&OWN).pids.remove(&pid.as_raw_pid());
}

/// A child that [`reap_orphans`] has reaped.
///
/// See [`reap_orphans`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Orphan {
    /// The process id, which another process may have by now.
    pub pid: u32,
    /// How the process ended: its exit code, or the signal that killed it.
    pub status: ExitStatus,
}

/// Reaps every child that has exited and was not started by this crate.
///
/// For a process that inherits orphans: process 1 of a container, or a subreaper. Call it whenever
/// SIGCHLD arrives. The crate itself never calls it, because it also reaps children that the
/// program started in other ways. Waiting for such a child then fails.
///
/// Returns `None` and reaps nothing while this crate starts a program. Call it again shortly after.
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

/// Reaps any child that has exited; `None` if there is none.
fn reap_any() -> Option<Orphan> {
    let (pid, ended) = retry_on_intr(|| wait(WaitOptions::NOHANG)).ok()??;
    Some(Orphan { pid: number(pid), status: ExitStatus::from_raw(ended.as_raw()) })
}

/// Reaps one child; `None` if it still runs, or another thread has reaped it.
fn reap(pid: Pid) -> Option<Orphan> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    let ended = retry_on_intr(|| waitid(WaitId::Pid(pid), options)).ok()??;
    Some(Orphan { pid: number(pid), status: status(&ended) })
}

fn number(pid: Pid) -> u32 {
    pid.as_raw_pid().unsigned_abs()
}

/// The process ids of all children, by proc(5); empty if the system does not list them.
fn children() -> impl Iterator<Item = Pid> {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let depth = namespaced("self").len();
    tasks.flat_map(move |task| {
        let listed = std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        let pids = listed.split_whitespace().filter_map(|listed| match depth {
            // `/proc` shows the PID namespace of this process, so the listed id is the right one.
            0 | 1 => Pid::from_raw(listed.parse().ok()?),
            _ => namespaced(listed).get(depth - 1).copied(),
        });
        pids.collect::<Vec<_>>()
    })
}

/// The ids that one process has in nested PID namespaces, from that of `/proc` to its own.
///
/// Empty if the process has ended or the system does not report them.
fn namespaced(listed: &str) -> Vec<Pid> {
    let status = std::fs::read_to_string(format!("/proc/{listed}/status")).unwrap_or_default();
    let pids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
    pids.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
}

/// Converts a status of `waitid` to the status word of `wait`, which std's `ExitStatus` holds.
pub(crate) fn status(ended: &WaitIdStatus) -> ExitStatus {
    /// The bit of a status word for a core dump.
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

    /// Starts a process that exits with `code`, and waits until it has exited.
    #[expect(clippy::zombie_processes, reason = "the zombie is what is tested")]
    fn ended(code: i32) -> Pid {
        let child = Command::new("sh").args(["-c", &format!("exit {code}")]).spawn().unwrap();
        let pid = Pid::from_child(&child);
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(pid), options).unwrap();
        pid
    }

    /// Runs in a separate process, because it would reap the children of other tests.
    #[test]
    fn owned_children_are_not_reaped() {
        const VARIABLE: &str = "REAPS_ORPHANS";
        if std::env::var_os(VARIABLE).is_none() {
            let name = "children::tests::owned_children_are_not_reaped";
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
