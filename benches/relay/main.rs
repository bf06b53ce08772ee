//! The relay beside those that people use for the same: HAProxy, systemd-socket-proxyd, socat.
//!
//! ```text
//! relay-peers bulk --strports PATH [--runs 5] [--mib 1024] [--connections 1,16,256]
//!                  [--routes tcp,unix] [--peers NAME,…]     CPU per GiB, throughput
//! relay-peers calls --strports PATH […]                     system calls per MiB (needs strace)
//! ```
//!
//! Each figure is a median over the runs, and ratios are those of medians; in each run every peer has its turn, so that
//! whatever else the machine does meets all of them.
//! All relays run as `nobody` where this program runs as root.

mod bulk;
mod calls;
mod load;
mod options;
mod peers;
mod report;
mod usage;

use std::process::ExitCode;

use options::Options;

/// What can go wrong here ends the program with a message.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("relay-peers: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether every limit is kept.
fn run() -> Result<bool> {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().unwrap_or_default();
    let options = Options::read(arguments)?;
    match mode.as_str() {
        "bulk" => bulk::run(&options),
        "calls" => calls::run(&options),
        _ => Err("expected `bulk` or `calls`, and `--strports PATH`".into()),
    }
}
