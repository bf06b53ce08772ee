//! Compares the relay with HAProxy, systemd-socket-proxyd and socat.
//!
//! ```text
//! relay-peers bulk --strports PATH [--runs 5] [--mib 1024] [--connections 1,16,256]
//!                  [--routes tcp,unix] [--peers NAME,…]     CPU per GiB, throughput
//! relay-peers calls --strports PATH […]                     system calls per MiB (needs strace)
//! relay-peers setup --strports PATH [--connections 1,64] [--calls true] […]
//!                                                           CPU and rate of connections, p99
//! relay-peers listen --strports PATH […]                    CPU of the listener alone
//! relay-peers idle --strports PATH […]                      memory per idle connection
//! relay-peers start --strports PATH                         start-up, size
//! ```
//!
//! Each figure is the median of all runs, and ratios are ratios of medians. In each run, every
//! relay has its turn, so that other load on the machine affects all of them. If this program runs
//! as root, all relays run as the user `nobody`.

mod bulk;
mod calls;
mod echo;
mod idle;
mod listen;
mod load;
mod options;
mod peers;
mod report;
mod setup;
mod start;
mod usage;

use std::process::ExitCode;

use options::Options;
use peers::Bare;

/// A result whose error ends the program with a message.
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

/// Runs the mode that the first argument names. Returns whether every limit is kept.
fn run() -> Result<bool> {
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().unwrap_or_default();
    let mut options = Options::default();
    if let Some(listener) = Bare::named(&mode) {
        let port = arguments.next().ok_or("a listener needs a port")?;
        return listen::serve(listener, port.parse()?).map(|()| true);
    }
    if matches!(mode.as_str(), "setup" | "listen") {
        options.connections = vec![1, 64];
    }
    let options = options.read(arguments)?;
    match mode.as_str() {
        "bulk" => bulk::run(&options),
        "calls" => calls::run(&options),
        "setup" => setup::run(&options),
        "listen" => listen::run(&options),
        "idle" => idle::run(&options),
        "start" => start::run(&options),
        _ => Err("expected a mode such as `bulk`, and `--strports PATH`".into()),
    }
}
