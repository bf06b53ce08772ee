//! Process 1 of a container, which outlives its service after a successor has taken over.
//!
//! When process 1 ends, the kernel kills all other processes of the container. After a handover it
//! therefore stays until the last successor has ended. It reaps children, forwards signals, and
//! ends with the exit status of that successor.
//!
//! Successors are the processes that were started with [`VARIABLE`]. Some environments cannot be
//! read, such as that of a process that has ended. Such a process is a successor if its program
//! name and its process group are the same. Programs of `process` targets have neither.
//!
//! `/proc` may belong to an outer namespace (`unshare --pid` without `--mount-proc`). The number of
//! a process in this namespace is therefore taken from its status.

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
use crate::runtime::proto::handover::VARIABLE;

/// The state of process 1 and its successors.
pub(in crate::cli) struct ProcessOne {
    own: Process,
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
        let own = Process::read("self").filter(|_| std::process::id() == 1)?;
        let (reaps, reaped) = bounded(1);
        let (has_successor, known) = (AtomicBool::new(false), Mutex::default());
        Some(Self { own, has_successor, known, reaps, reaped })
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
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let processes = entries.filter_map(|it| Process::read(it.file_name().to_str()?));
        let here: Vec<_> = processes.filter(|it| it.is_in_namespace_of(&self.own)).collect();
        let listed: BTreeSet<u32> = here.iter().map(|it| it.listed).collect();
        let successors = here.into_iter().filter(|it| {
            // A process without a parent in this container was started from outside.
            let is_other = it.pid != self.own.pid && listed.contains(&it.parent);
            is_other && it.was_handed_sockets().unwrap_or(it.kind == self.own.kind)
        });
        successors.collect()
    }
}

/// A process, from `proc_pid_stat(5)` and `proc_pid_status(5)`.
#[derive(Debug, Default)]
struct Process {
    /// The process id in its own namespace.
    pid: u32,
    /// The number of nested namespaces that `/proc` shows it in.
    depth: usize,
    /// The process id in `/proc`.
    listed: u32,
    /// The parent's process id in `/proc`.
    parent: u32,
    /// The program name and the process group.
    kind: (String, i32),
    /// The start time, in clock ticks since the system started.
    started: u64,
}

impl Process {
    /// Reads the process with this name in `/proc`.
    fn read(name: &str) -> Option<Self> {
        let read = |file| std::fs::read_to_string(format!("/proc/{name}/{file}")).ok();
        Self::parse(&read("stat")?, &read("status")?)
    }

    fn parse(stat: &str, status: &str) -> Option<Self> {
        const PARENT: usize = 1;
        const GROUP: usize = 2;
        const STARTED: usize = 19;
        // The name may contain spaces and parentheses.
        let (listed, rest) = stat.split_once(" (")?;
        let (name, fields) = rest.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let pids = status.lines().find_map(|line| line.strip_prefix("NSpid:"))?;
        let pids = pids.split_ascii_whitespace();
        Some(Self {
            pid: pids.clone().next_back()?.parse().ok()?,
            depth: pids.count(),
            listed: listed.parse().ok()?,
            parent: fields.get(PARENT)?.parse().ok()?,
            kind: (name.to_owned(), fields.get(GROUP)?.parse().ok()?),
            started: fields.get(STARTED)?.parse().ok()?,
        })
    }

    fn is_in_namespace_of(&self, own: &Self) -> bool {
        let namespace =
            |listed| std::fs::read_link(format!("/proc/{listed}/ns/pid")).unwrap_or_default();
        // If `/proc` belongs to this namespace, it shows deeper ones only.
        self.depth == own.depth
            && (own.depth == 1 || namespace(self.listed) == namespace(own.listed))
    }

    /// Whether the process was started with sockets; `None` if its environment cannot be read.
    fn was_handed_sockets(&self) -> Option<bool> {
        let environment = std::fs::read(format!("/proc/{}/environ", self.listed)).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        let is_handed = |it: &[u8]| {
            it.strip_prefix(VARIABLE.as_bytes()).is_some_and(|value| value.starts_with(b"="))
        };
        (!environment.is_empty()).then(|| variables.any(is_handed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "7 (a) b (c) S 3 5 5 0 -1 4194560 1 0 0 0 1 2 0 0 20 0 1 0 999 1 1 1";

    #[test]
    fn a_name_with_parentheses_is_read_whole() {
        let process = Process::parse(STAT, "Name:\ta\nNSpid:\t7\n").unwrap();
        assert_eq!(process.kind, ("a) b (c".to_owned(), 5));
        assert_eq!((process.parent, process.started), (3, 999));
        assert!(Process::parse("7 (a) S 3", "NSpid:\t7\n").is_none());
    }

    #[test]
    fn a_process_has_its_number_in_the_innermost_namespace() {
        let process = Process::parse(STAT, "NSpid:\t7\t4\t2\n").unwrap();
        assert_eq!((process.listed, process.pid, process.depth), (7, 2, 3));
    }
}
