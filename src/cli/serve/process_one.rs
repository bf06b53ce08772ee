//! Process 1 of a container, which outlives its service after a successor has taken over.
//!
//! When process 1 ends, the kernel kills all other processes of the container. After a handover,
//! process 1 therefore stays until the last successor has ended. It reaps children, forwards
//! signals, and ends with the exit status of that successor.
//!
//! Successors are the processes whose environment has [`VARIABLE`]. The environment of some
//! processes cannot be read, such as that of one that has ended. Such a process counts as a
//! successor if its program name and its process group equal those of process 1. Programs of
//! `process` targets differ in both.
//!
//! `/proc` may belong to an outer PID namespace (`unshare --pid` without `--mount-proc`). The
//! process id in this namespace is therefore read from the line `NSpid` of its status.

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

/// Process 1, and what it has recorded about its successors.
pub(in crate::cli) struct ProcessOne {
    own: Process,
    has_successor: AtomicBool,
    known: Mutex<Known>,
    /// Receives a message when a successor was reaped, which wakes `outlive`.
    reaps: Sender<()>,
    reaped: Receiver<()>,
}

#[derive(Default)]
struct Known {
    /// The process ids of successors that were found and are not reaped yet.
    pids: BTreeSet<u32>,
    /// The exit status of the successor that was reaped last.
    last: Option<ExitStatus>,
}

impl ProcessOne {
    /// Returns the state if this is process 1 and `/proc` is readable, and `None` otherwise.
    pub(super) fn find() -> Option<Self> {
        let own = Process::read("self").filter(|_| std::process::id() == 1)?;
        let (reaps, reaped) = bounded(1);
        let (has_successor, known) = (AtomicBool::new(false), Mutex::default());
        Some(Self { own, has_successor, known, reaps, reaped })
    }

    /// Records that a successor has taken over and serves from now on.
    pub(super) fn hand_over(&self) {
        self.has_successor.store(true, Ordering::Relaxed);
        self.look();
    }

    /// Whether a successor has taken over.
    pub(super) fn has_successor(&self) -> bool {
        self.has_successor.load(Ordering::Relaxed)
    }

    /// Records successors that were started since the last call.
    pub(super) fn look(&self) {
        if self.has_successor() {
            let found = self.successors();
            lock(&self.known).pids.extend(found.iter().map(|it| it.pid));
        }
    }

    /// Records that a process was reaped; if it was a successor, keeps its exit status.
    pub(super) fn reaped(&self, orphan: Orphan) {
        let mut known = lock(&self.known);
        if known.pids.remove(&orphan.pid) {
            known.last = Some(orphan.status);
            // If the channel is full, it already has a message that wakes the receiver.
            let _ = self.reaps.try_send(());
        }
    }

    /// Forwards a signal to successors. SIGTERM and SIGINT go to all of them, SIGHUP and SIGUSR2 to
    /// the newest one.
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
            // Sending fails if the process has just ended, and then nothing is left to signal.
            let _ = pid.map(|pid| kill_process(pid, sent));
        }
    }

    /// Forwards signals until all successors have ended. Returns the last one's exit status. `None`
    /// if no successor was reaped.
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

    /// Returns the running successors, and those that have ended and are not reaped yet.
    fn successors(&self) -> Vec<Process> {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let processes = entries.filter_map(|it| Process::read(it.file_name().to_str()?));
        let here: Vec<_> = processes.filter(|it| it.is_in_namespace_of(&self.own)).collect();
        let listed: BTreeSet<u32> = here.iter().map(|it| it.listed).collect();
        let successors = here.into_iter().filter(|it| {
            // A process whose parent is outside this container, as with `docker exec`, is no
            // successor.
            let is_other = it.pid != self.own.pid && listed.contains(&it.parent);
            is_other && it.was_handed_sockets().unwrap_or(it.kind == self.own.kind)
        });
        successors.collect()
    }
}

/// What `/proc` says about a process: see `proc_pid_stat(5)` and `proc_pid_status(5)`.
#[derive(Debug, Default)]
struct Process {
    /// The process id in the process's own PID namespace.
    pid: u32,
    /// In how many nested PID namespaces the process has an id, counted from that of `/proc`.
    depth: usize,
    /// The process id in the namespace of `/proc`, which is the name of its directory there.
    listed: u32,
    /// The parent's process id in the namespace of `/proc`.
    parent: u32,
    /// The program name and the process group id.
    kind: (String, i32),
    /// The start time, in clock ticks since the system booted.
    started: u64,
}

impl Process {
    /// Reads the process with this name in `/proc`, such as `self`; `None` if it has ended.
    fn read(name: &str) -> Option<Self> {
        let read = |file| std::fs::read_to_string(format!("/proc/{name}/{file}")).ok();
        Self::parse(&read("stat")?, &read("status")?)
    }

    fn parse(stat: &str, status: &str) -> Option<Self> {
        const PARENT: usize = 1;
        const GROUP: usize = 2;
        const STARTED: usize = 19;
        // The program name is in parentheses, and may contain spaces and parentheses itself.
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
        // A `/proc` of this namespace shows only this namespace and deeper ones, so depth 1 is
        // enough.
        self.depth == own.depth
            && (own.depth == 1 || namespace(self.listed) == namespace(own.listed))
    }

    /// Whether the process was started as a successor, with listening sockets. `None` if its
    /// environment cannot be read.
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
