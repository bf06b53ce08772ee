//! Counts system calls of each relay: how many per `MiB`, and the most frequent ones.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::Result;
use crate::load::{self, Sink};
use crate::options::Options;
use crate::peers::{Peer, Relay, Route};
use crate::usage;

/// How many times each system call was made, by its name in strace.
type Calls = BTreeMap<String, u32>;

pub(crate) fn run(options: &Options) -> Result<bool> {
    for &route in &options.routes {
        for &connections in &options.connections {
            println!("\ntcp to {}, {connections} connections: calls per MiB", route.name());
            for &peer in &options.peers {
                let made = count(peer, route, connections, options)?;
                print(peer, &made, f64::from(options.mib));
            }
        }
    }
    Ok(true)
}

/// Prints how many calls were made per unit, such as a `MiB`: in total, and the most frequent ones.
pub(crate) fn print(peer: Peer, calls: &Calls, units: f64) {
    let mut sorted: Vec<_> = calls.iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let sum: u32 = calls.values().sum();
    let shown = sorted.iter().take(5);
    let shown = shown.map(|(name, count)| format!("{name} {:.2}", f64::from(**count) / units));
    let shown: Vec<_> = shown.collect();
    println!("  {:<16}{:>9.2}   {}", peer.name(), f64::from(sum) / units, shown.join(", "));
}

fn count(peer: Peer, route: Route, connections: usize, options: &Options) -> Result<Calls> {
    let sink = Sink::open(route)?;
    let relay = peer.start(&options.strports, &sink)?;
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for _ in 0..connections {
        near.push(relay.connect()?);
        far.push(sink.accept()?);
    }
    let each = (u64::from(options.mib) << 20) / connections as u64;
    traced(&relay, || load::transfer(&near, &mut far, each).map(drop))
}

/// Counts the system calls of a relay and its children, with strace, while `work` runs.
pub(crate) fn traced(relay: &Relay, work: impl FnOnce() -> Result<()>) -> Result<Calls> {
    let output = tempfile::NamedTempFile::new()?;
    let mut strace = Command::new("strace");
    strace.args(["-f", "-c", "-U", "calls,name", "-o"]).arg(output.path());
    for pid in usage::family(relay.pid()) {
        strace.arg("-p").arg(pid.to_string());
    }
    let mut strace = strace.stderr(Stdio::null()).spawn()?;
    while !is_traced(relay.pid()) {
        if let Some(status) = strace.try_wait()? {
            return Err(format!("strace has ended: {status}").into());
        }
        thread::sleep(Duration::from_millis(5));
    }
    work()?;
    let pid = rustix::process::Pid::from_child(&strace);
    rustix::process::kill_process(pid, rustix::process::Signal::INT)?;
    strace.wait()?;
    let text = std::fs::read_to_string(output.path())?;
    Ok(text.lines().filter_map(row).filter(|(name, _)| name != "total").collect())
}

/// Whether strace has attached to every thread of a process and its children.
fn is_traced(pid: u32) -> bool {
    usage::family(pid).into_iter().all(|pid| {
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return true };
        tasks.flatten().all(|task| {
            let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
            !status.lines().any(|line| line == "TracerPid:\t0")
        })
    })
}

fn row(line: &str) -> Option<(String, u32)> {
    let (count, name) = line.trim().split_once(char::is_whitespace)?;
    Some((name.trim().to_owned(), count.parse().ok()?))
}
