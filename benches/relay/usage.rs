//! Reads the CPU time and the memory of a process and its children from `/proc`.

use std::fs;
use std::time::Duration;

use crate::Result;

/// Returns the CPU time of a process and its children, including children that have ended.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    let mut sum = Duration::ZERO;
    for pid in family(pid) {
        sum += threads(pid) + ended_children(pid).unwrap_or_default();
    }
    if sum.is_zero() { Err(format!("process {pid} is gone").into()) } else { Ok(sum) }
}

/// Returns the private memory of a process and its children, in bytes.
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

/// Returns the process ids of a process and all its descendants.
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

/// Returns the CPU time of a process's threads, from `schedstat`: `stat` has a resolution of only
/// 10 ms.
fn threads(pid: u32) -> Duration {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return Duration::ZERO };
    let of_each = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_ascii_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    });
    of_each.sum()
}

/// Returns the CPU time of ended children for which the process has waited.
fn ended_children(pid: u32) -> Option<Duration> {
    const TICK: Duration = Duration::from_millis(10);
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // proc_pid_stat(5): fields 16 and 17 are cutime and cstime. The name in parentheses may contain
    // any character, so fields are counted after it.
    let fields = text.rsplit_once(')')?.1;
    let ticks = fields.split_ascii_whitespace().skip(13).take(2);
    let ticks: u32 = ticks.filter_map(|it| it.parse::<u32>().ok()).sum();
    Some(TICK * ticks)
}
