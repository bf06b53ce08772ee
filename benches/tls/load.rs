//! The loads that are applied to a server, and their measurement.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, Stream};

use crate::peers::Peer;
use crate::sink::{self, ECHO, GIVE, KEEP, Sink, TAKE};
use crate::{Fallible, crypto};

/// How many handshakes run at once.
const AT_ONCE: usize = 16;
/// How long a server may take to answer before the measurement fails.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many idle connections are open at once.
const IDLE: usize = 1000;
/// How many clients request data without reading it.
const UNREAD: usize = 400;

/// What clients do while a server is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Load {
    /// Each connection receives one byte and is closed. `resumed` sessions use a ticket.
    Handshakes { resumed: bool, post_quantum: bool },
    /// This many connections send encrypted data at full speed.
    Up(usize),
    /// This many connections receive encrypted data at full speed.
    Down(usize),
    /// Connections receive one byte and stay open.
    Idle,
    /// Clients request endless data and do not read it, which fills all buffers.
    Unread,
}

/// The result of one measurement of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    /// Units per second, which are handshakes or `GiB`; 0 for loads that only measure memory.
    pub(crate) rate: f64,
    /// What the server spends on one unit: seconds of CPU time, or bytes of memory.
    pub(crate) cost: f64,
    /// The share of a processor core that the server used, where 1 is the whole core.
    pub(crate) busy: f64,
}

impl Load {
    pub(crate) const ALL: [Self; 9] = [
        // Idle connections are measured first, because later loads would leave memory to reuse.
        Self::Idle,
        Self::Unread,
        Self::Handshakes { resumed: false, post_quantum: false },
        Self::Handshakes { resumed: true, post_quantum: false },
        Self::Handshakes { resumed: false, post_quantum: true },
        Self::Up(1),
        Self::Up(16),
        Self::Down(1),
        Self::Down(16),
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Handshakes { post_quantum: true, .. } => "post-quantum handshakes",
            Self::Handshakes { resumed: false, .. } => "full handshakes",
            Self::Handshakes { resumed: true, .. } => "resumed handshakes",
            Self::Up(1) => "decrypting, 1 connection",
            Self::Up(_) => "decrypting, 16 connections",
            Self::Down(1) => "encrypting, 1 connection",
            Self::Down(_) => "encrypting, 16 connections",
            Self::Idle => "idle connections",
            Self::Unread => "clients that do not read",
        }
    }

    /// Whether the load measures memory. Such a load is applied only once.
    pub(crate) fn is_of_memory(self) -> bool {
        matches!(self, Self::Idle | Self::Unread)
    }

    pub(crate) fn is_post_quantum(self) -> bool {
        matches!(self, Self::Handshakes { post_quantum: true, .. })
    }
}

/// Applies the load to a server for about `time`, and measures it.
pub(crate) fn measure(peer: &Peer, load: Load, sink: &Sink, time: Duration) -> Fallible<Figures> {
    match load {
        Load::Handshakes { resumed, post_quantum } => handshakes(peer, resumed, post_quantum, time),
        Load::Up(connections) => bulk(peer, connections, sink, time, TAKE),
        Load::Down(connections) => bulk(peer, connections, sink, time, GIVE),
        Load::Idle => idle(peer, sink),
        Load::Unread => unread(peer, sink),
    }
}

fn handshakes(peer: &Peer, resumed: bool, post_quantum: bool, time: Duration) -> Fallible<Figures> {
    let clients: Vec<_> = (0..AT_ONCE)
        .map(|_| {
            let config = crypto::client(post_quantum, resumed)?;
            // The first connection only gets the session tickets that later ones resume with.
            Client::connect(peer, &config, ECHO)?.finish()?;
            Ok(config)
        })
        .collect::<Fallible<_>>()?;
    let (cpu, started) = (peer.cpu()?, Instant::now());
    let done = thread::scope(|scope| -> Fallible<u64> {
        let threads: Vec<_> = clients
            .iter()
            .map(|config| scope.spawn(move || repeat(peer, config, resumed, started + time)))
            .collect();
        threads.into_iter().map(|it| it.join().map_err(|_| "a client panicked")?).sum()
    })?;
    Ok(figures(as_f64(done), started.elapsed(), peer.cpu()?.saturating_sub(cpu)))
}

fn repeat(peer: &Peer, config: &Arc<ClientConfig>, resumed: bool, end: Instant) -> Fallible<u64> {
    let mut done = 0;
    while Instant::now() < end {
        let client = Client::connect(peer, config, ECHO)?;
        if (client.tls.handshake_kind() == Some(HandshakeKind::Resumed)) != resumed {
            return Err("the handshake was of the other kind".into());
        }
        client.finish()?;
        done += 1;
    }
    Ok(done)
}

fn bulk(
    peer: &Peer,
    connections: usize,
    sink: &Sink,
    time: Duration,
    order: u8,
) -> Fallible<Figures> {
    let config = crypto::client(false, false)?;
    sink.give(true);
    let mut clients: Vec<_> =
        (0..connections).map(|_| Client::order(peer, &config, order)).collect::<Fallible<_>>()?;
    until("the connections do not come through", || sink.busy() == connections)?;
    let figures = thread::scope(|scope| -> Fallible<Figures> {
        // Data flows for a while before the measurement, so that all buffers are full.
        let end = Instant::now() + time + time / 4;
        for client in &mut clients {
            scope.spawn(
                move || if order == TAKE { client.send_until(end) } else { client.discard() },
            );
        }
        thread::sleep(time / 4);
        let (bytes, cpu, started) = (sink.bytes(), peer.cpu()?, Instant::now());
        thread::sleep(time * 15 / 16);
        let done = as_f64(sink.bytes() - bytes) / as_f64(1 << 30);
        let figures = figures(done, started.elapsed(), peer.cpu()?.saturating_sub(cpu));
        let busy = sink.busy();
        sink.give(false);
        if busy == connections {
            Ok(figures)
        } else {
            Err(format!(
                "{} of {connections} connections broke",
                connections - busy.min(connections)
            )
            .into())
        }
    })?;
    // Waits until running transfers have ended, because they would affect the next measurement.
    until("a connection does not end", || sink.busy() == 0)?;
    Ok(figures)
}

/// Waits until a condition holds. Fails with the message `otherwise` if that takes too long.
fn until(otherwise: &str, so: impl Fn() -> bool) -> Fallible<()> {
    let end = Instant::now() + PATIENCE;
    while !so() {
        if Instant::now() > end {
            return Err(otherwise.into());
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn idle(peer: &Peer, sink: &Sink) -> Fallible<Figures> {
    let config = crypto::client(false, false)?;
    let open =
        || (0..IDLE).map(|_| Client::connect(peer, &config, KEEP)).collect::<Fallible<Vec<_>>>();
    let before = peer.memory()?;
    let clients = open()?;
    let cost = as_f64(peer.memory()?.saturating_sub(before)) / as_f64(IDLE as u64);
    drop(clients);
    sink.forget();
    Ok(Figures { rate: f64::NAN, cost, busy: f64::NAN })
}

fn unread(peer: &Peer, sink: &Sink) -> Fallible<Figures> {
    let config = crypto::client(false, false)?;
    sink.give(true);
    let before = peer.memory()?;
    let open = || (0..UNREAD).map(|_| Client::order(peer, &config, GIVE)).collect::<Fallible<_>>();
    let clients: Vec<_> = open()?;
    // Waits until no more bytes move, because all buffers are full.
    let seen = Cell::new(0);
    until("bytes still move", || {
        thread::sleep(Duration::from_millis(500));
        sink.bytes() == seen.replace(sink.bytes())
    })?;
    let cost = as_f64(peer.memory()?.saturating_sub(before)) / as_f64(UNREAD as u64);
    sink.give(false);
    drop(clients);
    Ok(Figures { rate: f64::NAN, cost, busy: f64::NAN })
}

fn figures(units: f64, time: Duration, cpu: Duration) -> Figures {
    Figures {
        rate: units / time.as_secs_f64(),
        cost: cpu.as_secs_f64() / units,
        busy: cpu.as_secs_f64() / time.as_secs_f64(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "what is counted here stays far below 2^52")]
pub(crate) fn as_f64(count: u64) -> f64 {
    count as f64
}

/// One TLS connection of a client to a server.
struct Client {
    tls: ClientConnection,
    tcp: TcpStream,
}

impl Client {
    /// Connects, and sends the byte that selects what the sink does.
    fn order(peer: &Peer, config: &Arc<ClientConfig>, order: u8) -> Fallible<Self> {
        let tls = ClientConnection::new(Arc::clone(config), ServerName::try_from("localhost")?)?;
        let tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, peer.port()))?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        let mut client = Self { tls, tcp };
        client.stream().write_all(&[order])?;
        Ok(client)
    }

    /// Connects, sends an order to the sink, and waits until the sink echoes it.
    fn connect(peer: &Peer, config: &Arc<ClientConfig>, order: u8) -> Fallible<Self> {
        let mut client = Self::order(peer, config, order)?;
        let mut answer = [0];
        client.stream().read_exact(&mut answer)?;
        if answer == [order] { Ok(client) } else { Err("the wrong byte came back".into()) }
    }

    fn stream(&mut self) -> Stream<'_, ClientConnection, TcpStream> {
        Stream::new(&mut self.tls, &mut self.tcp)
    }

    /// Waits until the server closes the connection, and closes it properly.
    fn finish(mut self) -> io::Result<()> {
        match self.stream().read(&mut [0]) {
            Ok(0) => {}
            Ok(_) => return Err(io::Error::other("more came than was asked for")),
            // Some servers close the connection without the alert close_notify.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(error),
        }
        self.tls.send_close_notify();
        match self.tls.write_tls(&mut self.tcp) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    fn send_until(&mut self, end: Instant) -> io::Result<()> {
        let buffer = vec![0x5a; 64 * 1024];
        while Instant::now() < end {
            self.stream().write_all(&buffer)?;
        }
        self.tls.send_close_notify();
        self.tls.write_tls(&mut self.tcp)?;
        self.tcp.shutdown(std::net::Shutdown::Write)
    }

    /// Receives data without decrypting it, so that the client costs little CPU time.
    fn discard(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 20];
        while sink::discard(&self.tcp, &mut buffer)? > 0 {}
        Ok(())
    }
}
