//! Measures listeners without a relay: the library's beside a bare epoll loop, busy and idle.
//!
//! Both servers are child processes of this program.

#![expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵²")]

use std::net::TcpListener;
use std::os::fd::AsFd;
use std::sync::Arc;

use endpoint_runtime::{Connection, block_on, server_from_string};
use smol::Executor;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use strports_benches::epoll_echo;

use crate::Result;
use crate::options::Options;
use crate::peers::Bare;
use crate::report::median;
use crate::setup::connect_all;

const CONNECTIONS: usize = 10_000;

pub(crate) fn run(options: &Options) -> Result<bool> {
    let mut kept = true;
    for &at_once in &options.connections {
        let (mut library, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..options.runs {
            library.push(cpu(Bare::Library, at_once)?);
            bare.push(cpu(Bare::Epoll, at_once)?);
            ratios.extend(library.last().zip(bare.last()).map(|(ours, it)| ours / it));
        }
        let ratio = median(&ratios);
        let is_kept = ratio <= 1.15;
        kept &= is_kept;
        println!("\nlistening, {at_once} at a time: microseconds of CPU per connection");
        println!("  the library {:>8.2}", median(&library));
        println!("  epoll       {:>8.2}", median(&bare));
        println!("  ratio       {ratio:>8.2}   ≤ 1.15 {}", if is_kept { "ok" } else { "MISSED" });
    }
    Ok(kept)
}

fn cpu(listener: Bare, at_once: usize) -> Result<f64> {
    let started = listener.start()?;
    connect_all(started.address(), CONNECTIONS / 10, at_once)?;
    let before = started.cpu()?;
    connect_all(started.address(), CONNECTIONS, at_once)?;
    let cpu = started.cpu()?.saturating_sub(before);
    Ok(cpu.as_secs_f64() * 1e6 / CONNECTIONS as f64)
}

/// Runs one of the listeners on a port, as an echo server. Never returns unless it fails.
pub(crate) fn serve(listener: Bare, port: u16) -> Result<()> {
    match listener {
        Bare::Library => block_on(by_library(port)),
        Bare::Epoll => by_epoll(port),
    }
}

async fn by_library(port: u16) -> Result<()> {
    let server = format!("tcp:{port}:interface=127.0.0.1:backlog=1024");
    let mut listener = server_from_string(&server)?.listen().await?;
    let executor = Arc::new(Executor::new());
    let spawner = Arc::clone(&executor);
    let accepting = executor.spawn(async move {
        loop {
            match listener.accept().await {
                Ok(connection) => spawner.spawn(answer(connection)).detach(),
                Err(error) => return error,
            }
        }
    });
    Err(executor.run(accepting).await.into())
}

/// Echoes bytes one by one. An error ends only this connection.
async fn answer(mut connection: Connection) {
    let mut bytes = [0; 1];
    while let Ok(1) = connection.read(&mut bytes).await {
        if connection.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

fn by_epoll(port: u16) -> Result<()> {
    match epoll_echo::serve(&listen(port)?)? {}
}

fn listen(port: u16) -> Result<TcpListener> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    // std would listen with a backlog of 128, which overflows under load.
    rustix::net::listen(listener.as_fd(), 1024)?;
    Ok(listener)
}
