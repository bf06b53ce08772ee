//! Measures connection set-up: the cost and latency of a connection with a byte each way.

#![expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵²")]

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::thread::{CpuSet, sched_setaffinity};

use crate::Result;
use crate::calls;
use crate::echo::Echo;
use crate::options::Options;
use crate::peers::{Peer, Relay, Route};
use crate::report::{Limit, Table};

/// What one run has measured of one relay that sets up connections.
pub(crate) struct Sample {
    /// The CPU time of the relay per connection, in microseconds.
    pub(crate) cpu: f64,
    /// How many connections were set up per second.
    pub(crate) rate: f64,
    /// The 99th percentile of the time from connecting to the answer, in microseconds.
    pub(crate) late: f64,
}

/// The core of the clients and the target. Relays run on another core, so that a relay with more
/// threads gets no more CPU time.
const LOAD_CORE: usize = 0;
const RELAY_CORE: usize = 1;

pub(crate) fn run(options: &Options) -> Result<bool> {
    pin_to(LOAD_CORE)?;
    let mut kept = true;
    for &route in &options.routes {
        for &at_once in &options.connections {
            let mut samples: Vec<Vec<Sample>> = options.peers.iter().map(|_| Vec::new()).collect();
            for _ in 0..options.runs {
                for (peer, samples) in options.peers.iter().zip(&mut samples) {
                    samples.push(sample(*peer, route, at_once, options)?);
                }
            }
            let title = format!("tcp to {}, {at_once} at a time", route.name());
            kept &= print(&title, &options.peers, &samples);
            if options.calls {
                println!("\n{title}: system calls per connection");
                for &peer in &options.peers {
                    count(peer, route, at_once, options)?;
                }
            }
        }
    }
    Ok(kept)
}

fn print(title: &str, peers: &[Peer], samples: &[Vec<Sample>]) -> bool {
    let of = |figure: fn(&Sample) -> f64| {
        samples.iter().map(|of| of.iter().map(figure).collect()).collect::<Vec<Vec<f64>>>()
    };
    let limit = |limit: Limit| move |peer: Peer| (peer == Peer::Haproxy).then_some(limit);
    let mut kept = Table { title, unit: "CPU us", samples: of(|it| it.cpu) }
        .print(peers, limit(Limit::AtMost(0.95)));
    kept &= Table { title, unit: "per second", samples: of(|it| it.rate) }
        .print(peers, limit(Limit::AtLeast(1.05)));
    kept &= Table { title, unit: "p99 us", samples: of(|it| it.late) }
        .print(peers, limit(Limit::AtMost(1.0)));
    kept
}

fn sample(peer: Peer, route: Route, at_once: usize, options: &Options) -> Result<Sample> {
    let echo = Echo::open(route)?;
    let relay = start(peer, &echo, options)?;
    let count = how_many(peer, at_once);
    // Warms up: the first connections allocate memory that later ones reuse.
    connect_all(relay.address(), count / 10, at_once)?;
    let before = relay.cpu()?;
    let (took, late) = connect_all(relay.address(), count, at_once)?;
    let cpu = relay.cpu()?.saturating_sub(before);
    let each = |time: Duration| time.as_secs_f64() * 1e6;
    Ok(Sample {
        cpu: each(cpu) / count as f64,
        rate: count as f64 / took.as_secs_f64(),
        late: each(late),
    })
}

/// Starts a relay on its own core, which its threads inherit.
fn start(peer: Peer, echo: &Echo, options: &Options) -> Result<Relay> {
    pin_to(RELAY_CORE)?;
    let relay = peer.start(&options.strports, echo);
    pin_to(LOAD_CORE)?;
    relay
}

fn pin_to(core: usize) -> Result<()> {
    let mut cores = CpuSet::new();
    cores.set(core);
    Ok(sched_setaffinity(None, &cores)?)
}

/// How many connections are made; fewer for relays that start a process for each.
fn how_many(peer: Peer, at_once: usize) -> usize {
    match (peer, at_once) {
        (Peer::Socat, _) => 400,
        (_, 1) => 4000,
        _ => 10_000,
    }
}

fn count(peer: Peer, route: Route, at_once: usize, options: &Options) -> Result<()> {
    let echo = Echo::open(route)?;
    let relay = start(peer, &echo, options)?;
    let count = how_many(peer, at_once) / 4;
    let counted = calls::traced(&relay, || connect_all(relay.address(), count, at_once).map(drop))?;
    calls::print(peer, &counted, count as f64);
    Ok(())
}

/// Opens `count` connections, `at_once` at a time. Returns the total time, and the 99th percentile
/// of the time of one connection.
pub(crate) fn connect_all(
    to: SocketAddr,
    count: usize,
    at_once: usize,
) -> Result<(Duration, Duration)> {
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    let mut times = Vec::with_capacity(count);
    let mut free: VecDeque<usize> = (0..at_once).collect();
    let mut open: Vec<Option<(TcpStream, Instant)>> = (0..at_once).map(|_| None).collect();
    let mut left = count;
    let began = Instant::now();
    while times.len() < count {
        while let Some(slot) = free.pop_front().filter(|_| left > 0) {
            left -= 1;
            open[slot] = Some(ask(&epoll, to, slot)?);
        }
        for slot in wait(&epoll)? {
            let Some((stream, asked)) = &mut open[slot] else { continue };
            let mut answer = [0];
            match stream.read(&mut answer) {
                Ok(1) => times.push(asked.elapsed()),
                Ok(_) => return Err("the relay ended a connection before its answer".into()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error.into()),
            }
            open[slot] = None;
            free.push_back(slot);
        }
    }
    let took = began.elapsed();
    times.sort_unstable();
    Ok((took, times.get(count * 99 / 100).copied().unwrap_or_default()))
}

fn ask(epoll: &OwnedFd, to: SocketAddr, slot: usize) -> Result<(TcpStream, Instant)> {
    let began = Instant::now();
    let mut stream = TcpStream::connect(to)?;
    stream.write_all(b"?")?;
    stream.set_nonblocking(true)?;
    epoll::add(epoll, &stream, EventData::new_u64(slot as u64), EventFlags::IN)?;
    Ok((stream, began))
}

/// Waits for events, and returns the indices of the connections that have any.
fn wait(epoll: &OwnedFd) -> Result<Vec<usize>> {
    let mut events: Vec<Event> = Vec::with_capacity(256);
    let limit = Timespec { tv_sec: 10, tv_nsec: 0 };
    if epoll::wait(epoll, spare_capacity(&mut events), Some(&limit))? == 0 {
        return Err(format!("no answer for {} s", limit.tv_sec).into());
    }
    events.iter().map(|event| Ok(usize::try_from(event.data.u64())?)).collect()
}
