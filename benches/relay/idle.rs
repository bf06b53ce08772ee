//! Measures idle connections: how much private memory a relay needs for each.

#![expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵²")]

use rustix::process::{Resource, getrlimit, setrlimit};

use crate::Result;
use crate::load::Sink;
use crate::options::Options;
use crate::peers::{Bare, Peer, Relay, Route};
use crate::report::median;
use crate::usage;

/// The number of idle connections. Each needs two descriptors at either end, and a process may have
/// 20,000.
const CONNECTIONS: usize = 8_800;

pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit)?;
    let mut kept = true;
    println!("\n{CONNECTIONS} idle connections: bytes of anonymous memory for each");
    // Other relays cannot hold so many: socat needs a process for each, socket-proxyd accepts 256,
    // and HAProxy with splicing needs more descriptors than the limit.
    let takes_them = |peer: &&Peer| matches!(peer, Peer::Strports | Peer::Haproxy);
    for &peer in options.peers.iter().filter(takes_them) {
        let runs = (0..options.runs).map(|_| relayed(peer, options)).collect::<Result<Vec<_>>>()?;
        let most = (peer == Peer::Strports).then_some(1800.0);
        kept &= print(&format!("relayed by {}", peer.name()), median(&runs), most);
    }
    let runs = (0..options.runs).map(|_| accepted()).collect::<Result<Vec<_>>>()?;
    kept &= print("accepted by the library", median(&runs), Some(512.0));
    Ok(kept)
}

fn print(title: &str, bytes: f64, most: Option<f64>) -> bool {
    let kept = most.is_none_or(|most| bytes <= most);
    let limit = most.map(|most| format!("≤ {most}  {}", if kept { "ok" } else { "MISSED" }));
    println!("  {title:<34}{bytes:>10.0}   {}", limit.unwrap_or_default());
    kept
}

fn relayed(peer: Peer, options: &Options) -> Result<f64> {
    let sink = Sink::open(Route::Tcp)?;
    let relay = peer.start(&options.strports, &sink)?;
    let mut ends = Vec::new();
    // One byte is transferred first, so that memory that stays allocated afterwards is included.
    let mut connect = || -> Result<()> {
        use std::io::{Read, Write};
        let (mut near, mut far) = (relay.connect()?, sink.accept()?);
        near.write_all(b"?")?;
        far.read_exact(&mut [0])?;
        ends.push((near, far));
        Ok(())
    };
    connect()?;
    let before = usage::memory(relay.pid())?;
    for _ in 0..CONNECTIONS {
        connect()?;
    }
    per_connection(&relay, before)
}

fn accepted() -> Result<f64> {
    let listener = Bare::Library.start()?;
    let first = listener.connect()?;
    let before = usage::memory(listener.pid())?;
    let mut open = vec![first];
    for _ in 0..CONNECTIONS {
        open.push(listener.connect()?);
    }
    // The listener accepts in order, so an answer on the last connection means that all are open.
    if let Some(last) = open.last_mut() {
        use std::io::{Read, Write};
        last.write_all(b"?")?;
        last.read_exact(&mut [0])?;
    }
    per_connection(&listener, before)
}

fn per_connection(relay: &Relay, before: u64) -> Result<f64> {
    let after = usage::memory(relay.pid())?;
    Ok(after.saturating_sub(before) as f64 / CONNECTIONS as f64)
}
