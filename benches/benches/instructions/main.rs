//! Counts the instructions of every benchmark case, and compares them with limits or a baseline.
//!
//! ```text
//! cargo bench -p strports-benches --bench instructions --features landmarks      the report
//! cargo bench -p strports-benches --bench instructions -- --check                the baseline
//! cargo bench -p strports-benches --bench instructions -- --baseline             a new one
//! ```
//!
//! The program runs itself under callgrind once per case, so that no case reuses memory of another.
//! Callgrind counts only within one function: the loop that reads the inputs of the case.

use std::env;
use std::fs;
use std::hint::black_box;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use strports_benches::cases::{Case, landmarks, ours, scaled};

mod baseline;
mod report;

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(&env::args().skip(1).filter(|word| word != "--bench").collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("instructions: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the mode that the arguments select. Returns whether all limits are kept; a report always
/// returns true.
fn run(words: &[String]) -> Result<bool, Failure> {
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => report::print(None).map(|()| true),
        ["--twisted", python] => report::print(Some(python)).map(|()| true),
        ["--check"] => baseline::check(),
        ["--baseline"] => baseline::write().map(|()| true),
        [INNER, name] => {
            let case = find(name)?.load();
            warm_the_allocator();
            case.run();
            Ok(true)
        }
        _ => Err("--check, --baseline, --twisted PYTHON, or nothing".into()),
    }
}

/// The first argument with which the program runs itself under callgrind; a case's name follows.
const INNER: &str = "--run";

/// Frees memory of every small size, so that `malloc` is in the same state at the start of each
/// run.
///
/// Otherwise, the cost of `malloc` would depend on earlier `free` calls, and so even on the length
/// of the program's path.
fn warm_the_allocator() {
    // The C library caches seven blocks of each size for a thread.
    let blocks = |size| [(); 7].map(|()| Vec::<u8>::with_capacity(size));
    let sizes = (8..1024).step_by(16);
    drop(black_box(sizes.map(blocks).collect::<Vec<_>>()));
}

fn find(name: &str) -> Result<Case, Failure> {
    let mut all = [ours(), landmarks(), scaled()].into_iter().flatten();
    Ok(all.find(|case| case.name == name).ok_or("no such case")?)
}

/// Counts the instructions of each case under callgrind; returns the counts in the order of the
/// cases.
///
/// The output files of callgrind stay in a folder beside the program, for `callgrind_annotate`.
fn count(cases: &[Case]) -> Result<Vec<u64>, Failure> {
    let program = env::current_exe()?;
    let directory = program.parent().unwrap_or(Path::new(".")).join("callgrind");
    fs::create_dir_all(&directory)?;
    let next = AtomicUsize::new(0);
    let one_after_the_other = || -> Result<Vec<(usize, u64)>, Failure> {
        let mut counts = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(case) = cases.get(index) else { return Ok(counts) };
            let dump = directory.join(case.name.replace('/', "."));
            counts.push((index, count_one(&program, &case.name, &dump)?));
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let mut counts = vec![0; cases.len()];
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|_| scope.spawn(|| one_after_the_other().map_err(|failure| failure.to_string())))
            .collect();
        for worker in workers {
            for (index, count) in worker.join().map_err(|_| "a worker panicked")?? {
                counts[index] = count;
            }
        }
        Ok::<_, Failure>(())
    })?;
    Ok(counts)
}

fn count_one(program: &Path, name: &str, dump: &Path) -> Result<u64, Failure> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*loop_that_is_counted*"])
        .arg(format!("--callgrind-out-file={}", dump.display()))
        .arg(program)
        .args([INNER, name])
        // The C library selects `memcpy` by the processor's features; without them, counts are the
        // same on all machines.
        .env("GLIBC_TUNABLES", PLAIN_LIBC)
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    if !output.status.success() {
        return Err(format!("valgrind: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let text = fs::read_to_string(dump)?;
    let line = |key| text.lines().find_map(|line| line.strip_prefix(key));
    let sum = line("totals: ").or_else(|| line("summary: ")).ok_or("a dump without a sum")?;
    match sum.trim().parse()? {
        // Callgrind finds no function to count in, for example if the symbols were stripped.
        0 => Err(format!("{name}: nothing was counted").into()),
        count => Ok(count),
    }
}

const PLAIN_LIBC: &str = "glibc.cpu.hwcaps=\
    -AVX,-AVX2,-AVX_Usable,-AVX2_Usable,-AVX512F,-AVX512VL,-AVX512BW,-EVEX,-ERMS,-FSRM,-BMI2";
