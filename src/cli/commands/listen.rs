//! `listen`: accepts one connection, or with `--keep` one after another, and relays to stdio.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use smol::channel::{Receiver, Sender, bounded};
use smol::future::{FutureExt, poll_fn};
use smol::io::{AsyncRead, AsyncWrite};
use tracing::Level;

use crate::cli::args::{Listen, Terms};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::serve::client_names::allow_names;
use crate::cli::serve::endpoints::{Endpoints, log_addresses, standard_streams};
use crate::cli::serve::key_log::OptionalKeyLog;
use crate::cli::serve::log::{Entry, Log};
use crate::cli::serve::orphans::reap_inherited;
use crate::cli::serve::sighup::Sighup;
use crate::cli::serve::signals::until_signal;
use crate::cli::serve::time_limits::relay_within;
use crate::lock::lock;
use crate::relay::AccessList;
use crate::runtime::{
    Address, Connection, EnvironmentProblem, Error, Listener, Operation, PeerProblem, Problem,
    Timer,
};

/// How long output may still be sent to a peer that has closed its write side.
const CLOSE_TIME: Duration = Duration::from_secs(1);

pub(in crate::cli) fn run(
    args: &Listen,
    log: &Log,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let _ = reap_inherited();
    let mut endpoints = Endpoints { log, errors: &mut console.errors };
    let Some(server) = endpoints.server(&args.server)? else { return Ok(Exit::Findings) };
    let (access, terms) = (args.access.list(), args.end.terms(&args.time));
    let server = OptionalKeyLog::open(&args.key_log)?.add_to_server(server);
    let server = allow_names(server, &args.access)?;
    let sighup = Sighup::new(args.keep, log.clone());
    until_signal(&sighup, async {
        let listener = server.listen().await?;
        sighup.add(&listener);
        log_addresses(&listener, log);
        if args.keep {
            keep(listener, &access, terms, log).await
        } else {
            once(listener, &access, terms).await
        }
    })?;
    Ok(Exit::Ok)
}

/// Serves the first connection only. Closes the listening socket once a client is accepted, so
/// further clients are refused at once.
async fn once(mut listener: Listener, access: &AccessList, terms: Terms) -> Result<(), Failure> {
    let connection = accept(&mut listener, access).await?;
    listener.close().await?;
    relay_within(connection, standard_streams().await?, terms).await
}

/// Returns the next connection from an allowed address; closes connections from other ones.
async fn accept(listener: &mut Listener, access: &AccessList) -> Result<Connection, Failure> {
    loop {
        let connection = listener.accept().await?;
        let peer = connection.peer_address().as_tcp();
        if access.lets_in(peer.map(|peer| peer.ip())) {
            return Ok(connection);
        }
    }
}

/// Serves one connection after another, all with the same standard input and output.
///
/// A connection ends when its peer closes its write side. What is left of standard input is then
/// sent to the next connection.
async fn keep(
    mut listener: Listener,
    access: &AccessList,
    terms: Terms,
    log: &Log,
) -> Result<(), Failure> {
    let stdio = Arc::new(Mutex::new(standard_streams().await?));
    loop {
        let connection = accept(&mut listener, access).await?;
        let (lent, peer_ended) = LentStdio::new(&stdio);
        let late = async {
            // Nothing is ever sent: the channel closes when the peer has closed its write side.
            let _ = peer_ended.recv().await;
            Timer::after(CLOSE_TIME).await;
            Ok(())
        };
        // Polling lets clients that connect in the meantime finish their TLS handshakes. They are
        // served after the current connection.
        let handshakes = poll_fn(|cx| {
            listener.poll_handshakes(cx);
            Poll::Pending
        });
        match relay_within(connection, lent.into(), terms).or(late).or(handshakes).await {
            Ok(()) => {}
            Err(failure @ (Failure::Idle(_) | Failure::TooOld(_))) => {
                log.write(&Entry::new(Level::INFO, "connection", failure.to_string()));
            }
            Err(Failure::Endpoint(error)) => match peer_failure(&error) {
                // A peer that has stopped reading is a normal end of a connection.
                Some((Operation::Write, _)) => {}
                Some((_, cause)) => {
                    let message = format!("the connection broke: {cause}");
                    log.write(&Entry::new(Level::WARN, "connection", message));
                }
                None => return Err(error.into()),
            },
            Err(failure) => return Err(failure),
        }
    }
}

/// Returns the failed operation and error of the peer's stream. `None` means that standard input or
/// output failed, which ends the command.
fn peer_failure(error: &Error) -> Option<(Operation, &io::Error)> {
    match error.problem() {
        Problem::Peer(PeerProblem::Stream { side, operation, error })
        | Problem::Environment(EnvironmentProblem::Stream { side, operation, error })
            if *side != Address::Stdio =>
        {
            Some((*operation, error))
        }
        _ => None,
    }
}

/// Standard input and output, borrowed by the connection that is being served.
///
/// When the peer closes its write side, standard output is flushed but not closed, and standard
/// input reports an end of file. That ends the connection, and the next one continues to read.
struct LentStdio {
    stdio: Arc<Mutex<Connection>>,
    has_peer_ended: bool,
    /// Closes, without a message, when the peer has closed its write side.
    peer_ended: Sender<Infallible>,
}

impl LentStdio {
    fn new(stdio: &Arc<Mutex<Connection>>) -> (Self, Receiver<Infallible>) {
        let (peer_ended, waiting) = bounded(1);
        (Self { stdio: Arc::clone(stdio), has_peer_ended: false, peer_ended }, waiting)
    }
}

impl From<LentStdio> for Connection {
    fn from(lent: LentStdio) -> Self {
        Self::new("stdio:", lent, Address::Stdio, Address::Stdio)
    }
}

impl AsyncRead for LentStdio {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if self.has_peer_ended {
            return Poll::Ready(Ok(0));
        }
        Pin::new(&mut *lock(&self.stdio)).poll_read(cx, buffer)
    }
}

impl AsyncWrite for LentStdio {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *lock(&self.stdio)).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *lock(&self.stdio)).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_flush(cx))?;
        self.has_peer_ended = true;
        self.peer_ended.close();
        Poll::Ready(Ok(()))
    }
}
