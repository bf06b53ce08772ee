//! `listen`: a connection, or one after the other, joined to standard input and output.

use std::cell::Cell;
use std::io;
use std::time::Duration;

use smol::Unblock;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use tracing::Level;

use crate::cli::args::Listen;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::serve::endpoints::{Endpoints, log_addresses, standard_streams};
use crate::cli::serve::key_log::OptionalKeyLog;
use crate::cli::serve::log::{Entry, Log};
use crate::cli::serve::sighup::Sighup;
use crate::cli::serve::signals::until_signal;
use crate::cli::serve::time_limits::{relay_within, within};
use crate::relay::{AccessList, TimeLimits};
use crate::runtime::{Connection, Listener};

const BUFFER: usize = 64 * 1024;

/// How long the end of a connection may take.
const GOOD_BYE: Duration = Duration::from_secs(1);

pub(in crate::cli) fn run(
    args: &Listen,
    log: &Log,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let mut endpoints = Endpoints { log, errors: &mut console.errors };
    let Some(server) = endpoints.server(&args.server)? else { return Ok(Exit::Findings) };
    let (access, limits) = (args.access.list(), args.time.limits());
    let server = OptionalKeyLog::open(&args.key_log)?.add_to_server(server);
    let sighup = Sighup::new(args.keep, log.clone());
    until_signal(&sighup, async {
        let listener = server.listen().await?;
        sighup.add(&listener);
        log_addresses(&listener, log);
        if args.keep {
            keep(listener, &access, limits, log).await
        } else {
            once(listener, &access, limits).await
        }
    })?;
    Ok(Exit::Ok)
}

/// The first connection; further ones are refused rather than left to wait.
async fn once(
    mut listener: Listener,
    access: &AccessList,
    limits: TimeLimits,
) -> Result<(), Failure> {
    let connection = accept(&mut listener, access).await?;
    listener.close().await?;
    relay_within(connection, standard_streams().await?, limits).await
}

/// The next connection that is let in.
async fn accept(listener: &mut Listener, access: &AccessList) -> Result<Connection, Failure> {
    loop {
        let connection = listener.accept().await?;
        let peer = connection.peer_address().as_tcp();
        if access.lets_in(peer.map(|peer| peer.ip())) {
            return Ok(connection);
        }
    }
}

/// One connection after the other, all on the same standard input and output.
///
/// A connection is over when the other side has ended its half; what is left of standard input is
/// for the next one.
async fn keep(
    mut listener: Listener,
    access: &AccessList,
    limits: TimeLimits,
    log: &Log,
) -> Result<(), Failure> {
    let mut input = Unblock::with_capacity(BUFFER, io::stdin());
    let mut output = Unblock::with_capacity(BUFFER, io::stdout());
    let mut buffer = vec![0; BUFFER];
    loop {
        let connection = accept(&mut listener, access).await?;
        let moved = Cell::new(0);
        let serving = serve(connection, &mut input, &mut output, &mut buffer, &moved);
        match within(limits, || moved.get(), serving).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                let message = format!("the connection broke: {error}");
                log.write(&Entry::new(Level::WARN, "connection", message));
            }
            Err(failure @ (Failure::Idle(_) | Failure::TooOld(_))) => {
                log.write(&Entry::new(Level::INFO, "connection", failure.to_string()));
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// Copies both ways; the outer error ends the program, the inner one this connection.
async fn serve(
    connection: Connection,
    input: &mut Unblock<io::Stdin>,
    output: &mut Unblock<io::Stdout>,
    buffer: &mut [u8],
    moved: &Cell<u64>,
) -> Result<io::Result<()>, Failure> {
    let (mut reader, mut writer) = smol::io::split(connection);
    let count = |bytes: usize| moved.set(moved.get().wrapping_add(bytes as u64));
    let sending = async {
        let mut buffer = vec![0; BUFFER];
        // The other side need not read what we send.
        while let Ok(read @ 1..) = input.read(&mut buffer).await {
            if writer.write_all(&buffer[..read]).await.is_err() {
                break;
            }
            count(read);
        }
        let _ = writer.close().await;
        smol::future::pending().await
    };
    let receiving = async {
        loop {
            match reader.read(buffer).await {
                Ok(0) => return Ok(Ok(())),
                Ok(read) => {
                    count(read);
                    let written = output.write_all(&buffer[..read]).await;
                    // Why nothing more can be written, only the flush says.
                    output.flush().await.and(written)?;
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    };
    let served = smol::future::or(receiving, sending).await;
    // Ours is an end too, where the transport can tell one from a cut; who does not take it is not
    // waited for.
    let closing = async { drop(writer.close().await) };
    let late = async {
        smol::Timer::after(GOOD_BYE).await;
    };
    smol::future::or(closing, late).await;
    served
}
