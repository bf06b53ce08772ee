//! Compares TLS termination of servers: handshakes, throughput, CPU time and memory.
//!
//! ```text
//! tls-peers [OPTION…] PEER…      measures the peers in turn; ratios to the first
//!     --runs N             the number of measurements of each peer; default 5
//!     --milliseconds N     the duration of one measurement; default 1000
//!     --only WORD          measures only loads with this word in their name
//! tls-peers bare PROVIDER PORT TARGET DIRECTORY    runs the bare loop as a peer
//! ```
//!
//! A peer is `NAME=KIND`, or `strports=PROGRAM`; README.md lists the kinds and explains all
//! figures.

mod bare;
mod crypto;
mod load;
mod memory;
mod peers;
mod report;
mod sink;

use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use self::crypto::{Identity, Provider};
use self::load::{Figures, Load};
use self::peers::{Kind, Peer};
use self::report::Report;
use self::sink::Sink;

pub(crate) type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["bare", provider, port, target, directory] => bare(provider, port, target, directory),
        _ => Options::read(&words).and_then(|options| measure(&options)),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("tls-peers: {error}");
            ExitCode::from(2)
        }
    }
}

struct Options<'a> {
    runs: usize,
    time: Duration,
    only: &'a str,
    peers: Vec<(&'a str, Kind<'a>)>,
}

impl<'a> Options<'a> {
    fn read(words: &[&'a str]) -> Fallible<Self> {
        let mut options =
            Self { runs: 5, time: Duration::from_secs(1), only: "", peers: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match *word {
                "--runs" => options.runs = value()?.parse()?,
                "--milliseconds" => options.time = Duration::from_millis(value()?.parse()?),
                "--only" => options.only = value()?,
                peer => options.peers.push(Kind::read(peer)?),
            }
        }
        if options.peers.is_empty() { Err("no peer is named".into()) } else { Ok(options) }
    }
}

fn bare(provider: &str, port: &str, target: &str, directory: &str) -> Fallible<bool> {
    let identity = Identity::read(directory.as_ref())?;
    bare::serve(Provider::read(provider)?, &identity, port.parse()?, target.parse()?)?;
    Ok(true)
}

/// Runs all measurements, and returns whether every limit is kept.
fn measure(options: &Options<'_>) -> Fallible<bool> {
    peers::allow_many_files()?;
    peers::pin_to(peers::LOAD_CORE)?;
    let directory = tempfile::tempdir()?;
    let identity = Identity::make(directory.path())?;
    let sink = Sink::start()?;
    let peers = options.peers.iter();
    let peers: Vec<_> = peers
        .map(|(name, kind)| Peer::start(name, kind, directory.path(), sink.port()))
        .collect::<Fallible<_>>()?;

    let mut report = Report::new(&peers);
    let loads: Vec<_> =
        Load::ALL.into_iter().filter(|it| it.name().contains(options.only)).collect();
    for run in 0..options.runs {
        for &load in loads.iter().filter(|it| run == 0 || !it.is_of_memory()) {
            report.add("memory", load, memory::measure(&identity, load, options.time)?);
            for peer in peers.iter().filter(|it| !load.is_post_quantum() || it.is_post_quantum()) {
                let figures: Figures = load::measure(peer, load, &sink, options.time)
                    .map_err(|error| format!("{}, {}: {error}", peer.name(), load.name()))?;
                report.add(peer.name(), load, figures);
            }
        }
        eprintln!("run {} of {}", run + 1, options.runs);
    }
    Ok(report.print(&loads))
}
