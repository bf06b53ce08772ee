//! Measures round trips through the sockets of endpoint-runtime, compared with plain async-io.
//!
//! The same echo server runs with each of them: in `endpoint_runtime::block_on`, in
//! `smol::block_on` and on tokio. A bare epoll loop shows the minimum cost. The servers get short
//! periods of load in turn, for many rounds. Ratios compare servers within one round, so that other
//! load on the machine cancels out.

#![expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵²")]

use std::error::Error;
use std::fs;
use std::future::Future;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use smol::{Async, LocalExecutor};
use strports_benches::epoll_echo;

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

const SERVERS: [Server; 6] = [
    Server { sockets: Sockets::Ours, driver: Driver::Own },
    Server { sockets: Sockets::Ours, driver: Driver::Smol },
    Server { sockets: Sockets::AsyncIo, driver: Driver::Smol },
    Server { sockets: Sockets::Ours, driver: Driver::Tokio },
    Server { sockets: Sockets::AsyncIo, driver: Driver::Tokio },
    Server { sockets: Sockets::Std, driver: Driver::Epoll },
];

/// Two servers to compare, by their index in [`SERVERS`], with limits for the ratios.
struct Pair {
    name: &'static str,
    servers: [usize; 2],
    most_cpu: f64,
    least_rate: f64,
}

/// The pairs to compare. Differences below 3 % are noise. The bare loop has no limit, because it
/// only shows what is possible.
const PAIRS: [Pair; 4] = [
    Pair { name: "own ÷ async-io", servers: [0, 2], most_cpu: 0.85, least_rate: 1.0 },
    Pair { name: "smol ÷ async-io", servers: [1, 2], most_cpu: 1.03, least_rate: 0.97 },
    Pair { name: "tokio ÷ async-io", servers: [3, 4], most_cpu: 1.03, least_rate: 0.97 },
    Pair { name: "epoll ÷ async-io", servers: [5, 2], most_cpu: f64::INFINITY, least_rate: 0.0 },
];

#[derive(Clone, Copy)]
struct Server {
    sockets: Sockets,
    driver: Driver,
}

#[derive(Clone, Copy)]
enum Sockets {
    Ours,
    AsyncIo,
    Std,
}

#[derive(Clone, Copy)]
enum Driver {
    Own,
    Smol,
    Tokio,
    /// A bare epoll loop, without futures.
    Epoll,
}

struct Options {
    connections: Vec<usize>,
    rounds: usize,
    milliseconds: u64,
    /// The program whose servers are measured; by default this program.
    build: PathBuf,
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut options = Options {
        connections: vec![1, 16, 256],
        rounds: 25,
        milliseconds: 200,
        build: std::env::current_exe()?,
    };
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("`{name}` needs a value"))?;
        match name.as_str() {
            "serve" => return serve(SERVERS[value.parse::<usize>()?]),
            "--connections" => {
                options.connections = value.split(',').map(str::parse).collect::<Result<_, _>>()?;
            }
            "--rounds" => options.rounds = value.parse()?,
            "--milliseconds" => options.milliseconds = value.parse()?,
            "--build" => options.build = value.into(),
            _ => return Err(format!("unknown option `{name}`").into()),
        }
    }
    let mut is_kept = true;
    for &connections in &options.connections {
        is_kept &= measure(connections, &options)?;
    }
    if is_kept { Ok(()) } else { Err("a limit is missed".into()) }
}

/// The result of one period of load: microseconds of CPU time per round trip, and round trips per
/// second.
#[derive(Clone, Copy)]
struct Sample {
    cpu: f64,
    rate: f64,
}

fn measure(connections: usize, options: &Options) -> Result<bool> {
    let running: Vec<Running> =
        (0..SERVERS.len()).map(|server| Running::start(server, options)).collect::<Result<_>>()?;
    let time = Duration::from_millis(options.milliseconds);
    let mut rounds = Vec::new();
    for round in 0..=options.rounds {
        let mut samples = [Sample { cpu: 0.0, rate: 0.0 }; SERVERS.len()];
        for turn in 0..SERVERS.len() {
            // The order varies by round, so that no server always follows the same one.
            let server = (turn * (1 + round % 2 * 2) + round) % SERVERS.len();
            samples[server] = running[server].sample(connections, time)?;
        }
        // The first round only warms up, and does not count.
        if round > 0 {
            rounds.push(samples);
        }
    }
    println!("\n{connections} connections: medians of {} rounds", rounds.len());
    println!("  sockets   driver      CPU us a trip     trips/s");
    for (index, server) in SERVERS.iter().enumerate() {
        let sockets = match server.sockets {
            Sockets::Ours => "ours",
            Sockets::AsyncIo => "async-io",
            Sockets::Std => "std",
        };
        let driver = match server.driver {
            Driver::Own => "own",
            Driver::Smol => "smol",
            Driver::Tokio => "tokio",
            Driver::Epoll => "epoll",
        };
        let cpu = median(rounds.iter().map(|samples| samples[index].cpu));
        let rate = median(rounds.iter().map(|samples| samples[index].rate));
        println!("  {sockets:<8}  {driver:<10} {cpu:>13.2} {rate:>11.0}");
    }
    let mut is_kept = true;
    for Pair { name, servers: [ours, theirs], most_cpu, least_rate } in PAIRS {
        let ratio = |of: fn(&Sample) -> f64| {
            median(rounds.iter().map(|samples| of(&samples[ours]) / of(&samples[theirs])))
        };
        let (cpu, rate) = (ratio(|it| it.cpu), ratio(|it| it.rate));
        let verdict = if cpu <= most_cpu && rate >= least_rate { "ok" } else { "MISSED" };
        is_kept &= verdict == "ok";
        println!(
            "  {name:<17} CPU {cpu:.2} (≤ {most_cpu:.2})   trips/s {rate:.2} (≥ {least_rate:.2})   {verdict}"
        );
    }
    Ok(is_kept)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// A server in a child process, which is killed on drop.
struct Running {
    child: Child,
    port: u16,
}

impl Running {
    fn start(server: usize, options: &Options) -> Result<Self> {
        let mut child = Command::new(&options.build)
            .args(["serve", &server.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        Ok(Self { child, port: line.trim().parse()? })
    }

    fn sample(&self, connections: usize, time: Duration) -> Result<Sample> {
        let barrier = Barrier::new(connections + 1);
        thread::scope(|scope| {
            let clients: Vec<_> = (0..connections)
                .map(|_| {
                    let barrier = &barrier;
                    scope.spawn(move || {
                        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
                        stream.set_nodelay(true)?;
                        let mut bytes = [0; 64];
                        let mut trip = || {
                            stream.write_all(&bytes)?;
                            stream.read_exact(&mut bytes)
                        };
                        trip()?;
                        barrier.wait();
                        barrier.wait();
                        let (begin, mut trips) = (Instant::now(), 0_u64);
                        while begin.elapsed() < time {
                            trip()?;
                            trips += 1;
                        }
                        barrier.wait();
                        // Connections stay open until the CPU time was read, so that closing them
                        // does not count.
                        barrier.wait();
                        std::io::Result::Ok(trips)
                    })
                })
                .collect();
            barrier.wait();
            let (before, begin) = (self.cpu()?, Instant::now());
            barrier.wait();
            barrier.wait();
            let (cpu, elapsed) = (self.cpu()?.saturating_sub(before), begin.elapsed());
            barrier.wait();
            let mut trips = 0;
            for client in clients {
                trips += client.join().map_err(|_| "a client panicked")??;
            }
            Ok(Sample {
                cpu: cpu.as_secs_f64() * 1e6 / trips as f64,
                rate: trips as f64 / elapsed.as_secs_f64(),
            })
        })
    }

    /// Returns the CPU time of all threads of the server. It is read from `schedstat`, because
    /// `stat` has a resolution of only 10 ms.
    fn cpu(&self) -> Result<Duration> {
        let mut sum = Duration::ZERO;
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id()))?.flatten() {
            let text = fs::read_to_string(task.path().join("schedstat"))?;
            let spent = text.split_ascii_whitespace().next().ok_or("no figure in `schedstat`")?;
            sum += Duration::from_nanos(spent.parse()?);
        }
        Ok(sum)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(server: Server) -> Result<()> {
    if let Driver::Epoll = server.driver {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        rustix::net::listen(&listener, 1024)?;
        println!("{}", listener.local_addr()?.port());
        match epoll_echo::serve(&listener)? {}
    }
    let executor: &'static LocalExecutor<'static> = Box::leak(Box::default());
    let serving = async {
        match server.sockets {
            Sockets::Ours => {
                let server = "tcp:0:interface=127.0.0.1:backlog=1024";
                let mut listener = endpoint_runtime::server_from_string(server)?.listen().await?;
                println!("{}", listener.local_address().port().ok_or("no port")?);
                loop {
                    executor.spawn(echo(listener.accept().await?)).detach();
                }
            }
            Sockets::AsyncIo => {
                let listener = Async::<TcpListener>::bind((Ipv4Addr::LOCALHOST, 0))?;
                println!("{}", listener.get_ref().local_addr()?.port());
                loop {
                    let (stream, _) = listener.accept().await?;
                    stream.get_ref().set_nodelay(true)?;
                    executor.spawn(echo(stream)).detach();
                }
            }
            Sockets::Std => Err("std's sockets have a loop of their own".into()),
        }
    };
    block_on(server.driver, executor.run(serving))
}

fn block_on<T>(driver: Driver, future: impl Future<Output = Result<T>>) -> Result<T> {
    match driver {
        Driver::Own => endpoint_runtime::block_on(future),
        Driver::Smol => smol::block_on(future),
        Driver::Epoll => Err("the loop has no futures".into()),
        Driver::Tokio => tokio::runtime::Builder::new_current_thread().build()?.block_on(future),
    }
}

async fn echo(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut bytes = [0; 4096];
    while let Ok(len @ 1..) = stream.read(&mut bytes).await {
        if stream.write_all(&bytes[..len]).await.is_err() {
            return;
        }
    }
}
