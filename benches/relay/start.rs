//! Measures start-up: the time to explain a description, the time until a relay listens, and the
//! size of the program.

#![expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵²")]

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;
use crate::echo::Echo;
use crate::options::Options;
use crate::peers::{Peer, Route};
use crate::report::median;

const RUNS: usize = 200;
const MIB: f64 = (1 << 20) as f64;

pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut explain = Command::new(&options.strports);
    explain.args(["explain", "tcp:80"]);
    let mut nothing = Command::new("/bin/true");
    let mut times = Vec::new();
    for _ in 0..RUNS {
        times.push((whole(&mut explain)?, whole(&mut nothing)?));
    }
    let mut kept = print("explain beside /bin/true", &times, 1.3);

    let echo = Echo::open(Route::Tcp)?;
    let mut times = Vec::new();
    for _ in 0..RUNS / 2 {
        let until = |peer: Peer| peer.until_it_listens(&options.strports, &echo);
        times.push((until(Peer::Strports)?, until(Peer::Socat)?));
    }
    kept &= print("relay beside socat, until it listens", &times, 1.5);

    let size = std::fs::metadata(&options.strports)?.len() as f64;
    let is_kept = size <= 8e6;
    kept &= is_kept;
    println!("the program: {:.2} MiB, ≤ 8 MB {}", size / MIB, verdict(is_kept));
    Ok(kept)
}

fn verdict(kept: bool) -> &'static str {
    if kept { "ok" } else { "MISSED" }
}

/// Prints the medians of pairs of times in milliseconds, ours and the other program's, and their
/// ratio. Returns whether it is at most `most`.
fn print(title: &str, times: &[(f64, f64)], most: f64) -> bool {
    let of = |figure: fn(&(f64, f64)) -> f64| median(&times.iter().map(figure).collect::<Vec<_>>());
    let (ours, it, ratio) = (of(|it| it.0), of(|it| it.1), of(|(ours, it)| ours / it));
    let kept = ratio <= most;
    println!("{title}: {ours:.2} ms, {it:.2} ms, ratio {ratio:.2}, ≤ {most} {}", verdict(kept));
    kept
}

/// Returns how long a program runs, in milliseconds.
fn whole(command: &mut Command) -> Result<f64> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let began = Instant::now();
    let status = command.status()?;
    let took = began.elapsed();
    if status.success() { Ok(took.as_secs_f64() * 1e3) } else { Err(format!("{status}").into()) }
}
