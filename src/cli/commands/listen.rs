//! `listen`: a connection, or one after the other, joined to standard input and output.

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
use crate::cli::serve::mutex::lock;
use crate::cli::serve::orphans::reap_inherited;
use crate::cli::serve::sighup::Sighup;
use crate::cli::serve::signals::until_signal;
use crate::cli::serve::time_limits::relay_within;
use crate::relay::AccessList;
use crate::runtime::{
    Address, Connection, Doing, EnvironmentProblem, Error, Listener, PeerProblem, Problem, Timer,
};

/// How long a connection may still send after its peer has ended.
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

/// Serves the first connection; further ones are refused rather than left to wait.
async fn once(mut listener: Listener, access: &AccessList, terms: Terms) -> Result<(), Failure> {
    let connection = accept(&mut listener, access).await?;
    listener.close().await?;
    relay_within(connection, standard_streams().await?, terms).await
}

/// Returns the next connection whose address is allowed.
async fn accept(listener: &mut Listener, access: &AccessList) -> Result<Connection, Failure> {
    loop {
        let connection = listener.accept().await?;
        let peer = connection.peer_address().as_tcp();
        if access.lets_in(peer.map(|peer| peer.ip())) {
            return Ok(connection);
        }
    }
}

/// Serves one connection after the other, all on the same standard input and output.
///
/// A connection is over when its peer has ended; the rest of standard input goes to the next
/// one.
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
            // Nothing is ever sent: the channel is closed.
            let _ = peer_ended.recv().await;
            Timer::after(CLOSE_TIME).await;
            Ok(())
        };
        // A client that was accepted meanwhile finishes its handshake, and waits for its turn.
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
                // The peer may not read what is sent.
                Some((Doing::Write, _)) => {}
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

/// Returns what failed on the side of the peer; `None` for standard input and output.
fn peer_failure(error: &Error) -> Option<(Doing, &io::Error)> {
    match error.problem() {
        Problem::Peer(PeerProblem::Stream { side, doing, error })
        | Problem::Environment(EnvironmentProblem::Stream { side, doing, error })
            if *side != Address::Stdio =>
        {
            Some((*doing, error))
        }
        _ => None,
    }
}

/// Standard input and output, lent to one connection.
///
/// When the peer of the connection ends, standard output is flushed, not closed, and standard input
/// reads as ended: that ends the connection, and the next one reads on.
struct LentStdio {
    stdio: Arc<Mutex<Connection>>,
    has_peer_ended: bool,
    /// Closed when the peer has ended.
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
