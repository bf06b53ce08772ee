//! The CPU time and memory of a process and its children, from `/proc`.

use std::fs;
use std::time::Duration;

use crate::Result;

/// The CPU time of a process and its children, including those that have ended.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for pid in family(pid) {
        sum += threads(pid) + ended_children(pid).unwrap_or_default();
    }
    if sum.is_zero() { Err(format!("process {pid} is gone").into()) } else { Ok(sum) }
}

/// The private memory of a process and its children, in bytes.
pub(crate) fn memory(pid: u32) -> Result<u64> {
    let mut kib = 0;
    for pid in family(pid) {
        let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
        let line = text.lines().find_map(|line| line.strip_prefix("Anonymous:"));
        let value =
            line.and_then(|it| it.trim().strip_suffix(" kB")).ok_or("no line `Anonymous`")?;
        kib += value.parse::<u64>()?;
    }
    Ok(kib * 1024)
}

/// A process and its descendants.
pub(crate) fn family(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&pid) = found.get(next) {
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
            next += 1;
            continue;
        };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            found.extend(children.split_ascii_whitespace().filter_map(|it| it.parse::<u32>().ok()));
        }
        next += 1;
    }
    found
}

/// The CPU time of the running threads, from `schedstat`: `stat` only has a resolution of 10 ms.
fn threads(pid: u32) -> Duration {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Duration::ZERO };
    let of_each = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    });
    of_each.sum()
}

/// The CPU time of children that the process has waited for.
fn ended_children(pid: u32) -> Option<Duration> {
    const TICK: Duration = Duration::from_millis(10);
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // proc_pid_stat(5): cutime and cstime are fields 16 and 17. The name in parentheses may contain
    // any character.
    let fields = text.rsplit_once(')')?.1;
    let ticks = fields.split_ascii_whitespace().skip(13).take(2);
    let ticks: u32 = ticks.filter_map(|it| it.parse::<u32>().ok()).sum();
    Some(TICK * ticks)
}
