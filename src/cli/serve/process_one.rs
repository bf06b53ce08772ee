//! Process 1 of a container, which outlives its service after a successor has taken over.
//!
//! When process 1 ends, the kernel kills all other processes of the container. After a handover it
//! therefore stays until the last successor has ended. It reaps children, forwards signals, and
//! ends with the exit status of that successor.
//!
//! Successors are the processes with the same program name and process group. Programs of `process`
//! targets have their own groups.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::process::ExitStatus;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_signal::{Signal, Signals};
use rustix::process::{Pid, Signal as Sent, kill_process};
use smol::channel::{Receiver, Sender, bounded};
use smol::future::FutureExt;
use smol::stream::StreamExt;

use crate::lock::lock;
use crate::runtime::Orphan;

/// The state of process 1 and its successors.
pub(in crate::cli) struct ProcessOne {
    /// The program name and the process group.
    kind: (String, i32),
    has_successor: AtomicBool,
    known: Mutex<Known>,
    /// Sends a message when a successor was reaped.
    reaps: Sender<()>,
    reaped: Receiver<()>,
}

#[derive(Default)]
struct Known {
    /// The known successors that were not reaped yet.
    pids: BTreeSet<u32>,
    /// The exit status of the last one.
    last: Option<ExitStatus>,
}

impl ProcessOne {
    /// Returns the state if this is process 1.
    pub(super) fn find() -> Option<Self> {
        let own = std::process::id();
        let Process { kind, .. } = Process::read(own).filter(|_| own == 1)?;
        let (reaps, reaped) = bounded(1);
        let (has_successor, known) = (AtomicBool::new(false), Mutex::default());
        Some(Self { kind, has_successor, known, reaps, reaped })
    }

    /// Records that a successor serves from now on.
    pub(super) fn hand_over(&self) {
        self.has_successor.store(true, Ordering::Relaxed);
        self.look();
    }

    /// Whether a successor serves.
    pub(super) fn has_successor(&self) -> bool {
        self.has_successor.load(Ordering::Relaxed)
    }

    /// Updates the list of successors.
    pub(super) fn look(&self) {
        if self.has_successor() {
            let found = self.successors();
            lock(&self.known).pids.extend(found.iter().map(|it| it.pid));
        }
    }

    /// Records that a process was reaped, which may be a successor.
    pub(super) fn reaped(&self, orphan: Orphan) {
        let mut known = lock(&self.known);
        if known.pids.remove(&orphan.pid) {
            known.last = Some(orphan.status);
            // A full channel already has a message.
            let _ = self.reaps.try_send(());
        }
    }

    /// Forwards a signal: to all successors if it ends the command, and to the newest one
    /// otherwise.
    pub(super) fn forward(&self, signal: Signal) {
        let (sent, to_all) = match signal {
            Signal::Term => (Sent::TERM, true),
            Signal::Int => (Sent::INT, true),
            Signal::Hup => (Sent::HUP, false),
            Signal::Usr2 => (Sent::USR2, false),
            _ => return,
        };
        let mut successors = self.successors();
        successors.sort_by_key(|it| (it.started, it.pid));
        let first = if to_all { 0 } else { successors.len().saturating_sub(1) };
        for successor in successors.split_off(first) {
            let pid = i32::try_from(successor.pid).ok().and_then(Pid::from_raw);
            // Sending fails if the process has just ended.
            let _ = pid.map(|pid| kill_process(pid, sent));
        }
    }

    /// Forwards signals until the last successor has ended, and returns its exit status.
    pub(super) async fn outlive(&self, signals: &mut Signals) -> Option<ExitStatus> {
        while !self.successors().is_empty() {
            let reaped = async {
                let _ = self.reaped.recv().await;
            };
            let forwarding = async {
                while let Some(Ok(signal)) = signals.next().await {
                    self.forward(signal);
                }
                std::future::pending::<Infallible>().await;
            };
            reaped.or(forwarding).await;
        }
        lock(&self.known).last
    }

    /// The successors, including those that have ended and are not reaped yet.
    fn successors(&self) -> Vec<Process> {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|it| it.file_name().to_str()?.parse().ok());
        let others = pids.filter(|pid| *pid != std::process::id());
        // A process without a parent in this container was started from outside.
        let successors = others.filter_map(Process::read);
        successors.filter(|it| it.parent != 0 && it.kind == self.kind).collect()
    }
}

/// A process, from `proc_pid_stat(5)`.
struct Process {
    pid: u32,
    /// The program name and the process group.
    kind: (String, i32),
    parent: u32,
    /// The start time, in clock ticks since the system started.
    started: u64,
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        Self::parse(pid, &std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    fn parse(pid: u32, stat: &str) -> Option<Self> {
        const PARENT: usize = 1;
        const GROUP: usize = 2;
        const STARTED: usize = 19;
        // The name may contain spaces and parentheses.
        let (name, fields) = stat.split_once('(')?.1.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        Some(Self {
            pid,
            kind: (name.to_owned(), fields.get(GROUP)?.parse().ok()?),
            parent: fields.get(PARENT)?.parse().ok()?,
            started: fields.get(STARTED)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_read_whole() {
        let stat = "7 (a) b (c) S 3 5 5 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 999 1 1 1";
        let process = Process::parse(7, stat).unwrap();
        assert_eq!(process.kind, ("a) b (c".to_owned(), 5));
        assert_eq!((process.parent, process.started), (3, 999));
        assert!(Process::parse(7, "7 (a) S 3").is_none());
    }
}
