//! Forty thousand descriptions through a pipe, without growing memory.
#![cfg(all(target_os = "linux", feature = "cli"))]
#![allow(clippy::unwrap_used, reason = "this is test code")]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use serde_json::Value;
use support::strports;

const RECORDS: u32 = 40_000;
/// The limit for growth after the first tenth: 15 bytes per record.
const MOST_KIBIBYTES: u64 = 512;

/// The description with this number: one in ten is empty, and one in ten is invalid.
fn description(number: u32) -> String {
    match number % 10 {
        0 => String::new(),
        1 => format!("tcp:{number}:interface=::1"),
        _ => format!("unix:/run/{number}.sock"),
    }
}

/// The maximum memory of the process so far.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[test]
fn every_description_gets_one_line_in_order_and_memory_stays_flat() {
    let mut command = strports();
    command.args(["explain", "--format", "json", "-"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    // Standard input stays open until the memory has been measured.
    let writing = std::thread::spawn(move || {
        let mut buffered = std::io::BufWriter::new(stdin);
        (0..RECORDS).for_each(|number| writeln!(buffered, "{}", description(number)).unwrap());
        buffered.into_inner().unwrap()
    });
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut early = 0;
    for number in 0..RECORDS {
        if number == RECORDS / 10 {
            early = peak(child.id());
        }
        let record: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(record["description"], description(number).as_str());
        assert_eq!(record["ok"], number % 10 > 1, "{record}");
    }
    let late = peak(child.id());
    assert!(late - early < MOST_KIBIBYTES, "{early} KiB, then {late} KiB");
    drop(writing.join().unwrap());
    assert!(lines.next().is_none());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
