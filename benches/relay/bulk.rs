//! Measures bulk transfers: the CPU time of each relay per `GiB`, and its throughput.

use std::time::Duration;

use crate::Result;
use crate::load::{self, Sink};
use crate::options::Options;
use crate::peers::{Peer, Route};
use crate::report::{Limit, Table};

/// The measurement of one transfer through one relay.
struct Sample {
    /// The CPU time of the relay for each `GiB` that it copies, in seconds.
    cpu: f64,
    /// The throughput of the relay, in `GiB` per second.
    rate: f64,
}

pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut kept = true;
    for &route in &options.routes {
        for &connections in &options.connections {
            let mut samples: Vec<Vec<Sample>> = options.peers.iter().map(|_| Vec::new()).collect();
            for _ in 0..options.runs {
                for (peer, samples) in options.peers.iter().zip(&mut samples) {
                    samples.push(sample(*peer, route, connections, options)?);
                }
            }
            let cpu = samples.iter().map(|of| of.iter().map(|it| it.cpu).collect()).collect();
            let rate = samples.iter().map(|of| of.iter().map(|it| it.rate).collect()).collect();
            let title = format!("tcp to {}, {connections} connections", route.name());
            let cpu = Table { title: &title, unit: "CPU s/GiB", samples: cpu };
            kept &= cpu.print(&options.peers, |peer| cpu_limit(peer, route, connections));
            let rate = Table { title: &title, unit: "GiB/s", samples: rate };
            kept &= rate.print(&options.peers, |peer| rate_limit(peer, connections));
        }
    }
    Ok(kept)
}

fn sample(peer: Peer, route: Route, connections: usize, options: &Options) -> Result<Sample> {
    let sink = Sink::open(route)?;
    let relay = peer.start(&options.strports, &sink)?;
    let (mut near, mut far) = (Vec::new(), Vec::new());
    for _ in 0..connections {
        near.push(relay.connect()?);
        far.push(sink.accept()?);
    }
    let each = (u64::from(options.mib) << 20) / connections as u64;
    let before = relay.cpu()?;
    let took = load::transfer(&near, &mut far, each)?;
    let cpu = relay.cpu()?.saturating_sub(before);
    let gib = f64::from(options.mib) / 1024.0;
    Ok(Sample { cpu: per(cpu, gib), rate: gib / took.as_secs_f64() })
}

fn per(time: Duration, gib: f64) -> f64 {
    time.as_secs_f64() / gib
}

/// Returns the limit for our CPU time divided by that of a peer; `None` if there is no limit.
fn cpu_limit(peer: Peer, route: Route, connections: usize) -> Option<Limit> {
    let most = match (peer, route) {
        (Peer::Strports, _) => return None,
        (Peer::Haproxy, Route::Tcp) => match connections {
            1 => 0.6,
            16 => 0.33,
            256 => 0.25,
            _ => return None,
        },
        (Peer::Haproxy, Route::Unix) => 0.22,
        (Peer::HaproxyTuned, _) | (Peer::SocketProxyd, Route::Unix) => 1.0,
        (Peer::SocketProxyd, Route::Tcp) => 0.9,
        (Peer::Socat, _) => 0.3,
    };
    Some(Limit::AtMost(most))
}

fn rate_limit(peer: Peer, connections: usize) -> Option<Limit> {
    match peer {
        Peer::Haproxy => Some(Limit::AtLeast(if connections == 256 { 1.3 } else { 1.05 })),
        _ => None,
    }
}
