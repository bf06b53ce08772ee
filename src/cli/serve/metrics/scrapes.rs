//! The connections of metrics scrapers, limited in number and time so that none starves others.
//!
//! 1. At most [`MAX_CONNECTIONS`] are open. A new one closes the oldest that has an answer, or else
//!    the oldest without a complete request, or else the oldest of all.
//! 2. A client has [`HEAD_TIME`] to send the head of its request. The whole connection has
//!    [`TIME_LIMIT`].
//! 3. When a successor takes the listening socket over, accepted connections continue here.
//! 4. At the end of the process, unfinished answers have [`LAST_TIME`].

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use smol::channel::{Receiver, bounded};
use smol::future::FutureExt;
use smol::stream::StreamExt;
use smol::{Executor, Task};

use super::http::{Endpoints, linger, read_request, send_answer};
use crate::lock::lock;
use crate::runtime::{
    Connection, Error, HandshakeLimits, Listener, Server, Timer, block_on, next_turn,
};

const MAX_CONNECTIONS: usize = 64;
const HEAD_TIME: Duration = Duration::from_secs(2);
const TIME_LIMIT: Duration = Duration::from_secs(10);
const LAST_TIME: Duration = Duration::from_secs(1);

/// The open connections of metrics scrapers, and the tasks that answer them.
#[derive(Default)]
pub(in crate::cli) struct Scrapes {
    /// Runs the tasks. It outlives the relay service, so that answers can be finished.
    executor: Executor<'static>,
    /// The open connections, oldest first.
    open: Mutex<VecDeque<Scrape>>,
}

/// The connection of one scraper. Dropping it cancels its task, which closes the connection.
struct Scrape {
    stage: Arc<AtomicU8>,
    /// Closes, without a message, when the task has ended.
    ended: Receiver<Infallible>,
    task: Task<()>,
}

/// A stage: the request is not complete yet.
const SILENT: u8 = 0;
/// A stage: the request is complete, and its answer is not sent yet.
const ASKED: u8 = 1;
/// A stage: the answer is sent, and the client has not closed the connection yet.
const ANSWERED: u8 = 2;

impl Scrape {
    fn is(&self, stage: u8) -> bool {
        self.stage.load(Ordering::Relaxed) == stage
    }
}

/// Limits the handshakes of the metrics server in number and time, as its connections are.
pub(in crate::cli) fn within_bounds(server: Server) -> Server {
    let mut limits = HandshakeLimits::default();
    (limits.at_once, limits.time) = (MAX_CONNECTIONS, HEAD_TIME);
    server.handshakes(limits)
}

impl Scrapes {
    /// Answers scrapers until accepting fails permanently, or until a successor has taken over:
    /// `superseded` is then ready, and the call returns when all accepted connections have ended.
    pub(in crate::cli::serve) async fn serve(
        &self,
        mut listener: Listener,
        content: Arc<dyn Endpoints>,
        superseded: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let accepting = async {
            loop {
                self.start(listener.accept().await?, Arc::clone(&content));
                // Lets the new task read a request that arrived with its connection. Otherwise a
                // burst of connections could evict it before it is read.
                next_turn().await;
            }
        };
        let superseded = async {
            superseded.await;
            Ok(())
        };
        self.executor.run(accepting.or(superseded)).await?;
        let rest = async {
            listener.finish().await?;
            while let Some(connection) = listener.next().await {
                self.start(connection?, Arc::clone(&content));
            }
            self.ended().await;
            Ok(())
        };
        self.executor.run(rest).await
    }

    fn start(&self, connection: Connection, content: Arc<dyn Endpoints>) {
        let stage = Arc::new(AtomicU8::new(SILENT));
        let reached = Arc::clone(&stage);
        let (running, ended) = bounded(1);
        let task = self.executor.spawn(async move {
            let _running = running;
            let late = async {
                Timer::after(TIME_LIMIT).await;
                None
            };
            // An error of this connection affects only its client, and is not logged.
            let _ = exchange(connection, &*content, &reached).or(late).await;
        });
        let mut open = lock(&self.open);
        open.retain(|scrape| !scrape.task.is_finished());
        if open.len() >= MAX_CONNECTIONS {
            let oldest = |stage| open.iter().position(|scrape| scrape.is(stage));
            let index = oldest(ANSWERED).or_else(|| oldest(SILENT)).unwrap_or(0);
            open.remove(index);
        }
        open.push_back(Scrape { stage, ended, task });
    }

    /// Waits until all open connections have ended.
    async fn ended(&self) {
        let next = || {
            let mut open = lock(&self.open);
            open.retain(|scrape| !scrape.task.is_finished());
            open.front().map(|scrape| scrape.ended.clone())
        };
        while let Some(ended) = next() {
            let _ = ended.recv().await;
        }
    }

    /// Finishes the remaining answers for at most [`LAST_TIME`], after the service has ended.
    ///
    /// Without a successor, connections without a complete request are closed at once. With one
    /// they are answered, because the successor does not receive them.
    pub(in crate::cli) fn finish(&self, has_successor: bool) {
        if !has_successor {
            lock(&self.open).retain(|scrape| !scrape.is(SILENT));
        }
        let late = Timer::after(LAST_TIME);
        block_on(self.executor.run(self.ended().or(late)));
    }
}

/// Reads one request and answers it. `None` means that the answer was not sent completely.
async fn exchange(
    mut connection: Connection,
    content: &dyn Endpoints,
    stage: &AtomicU8,
) -> Option<()> {
    let late = async {
        Timer::after(HEAD_TIME).await;
        None
    };
    let reading = async { read_request(&mut connection, content).await.ok().flatten() };
    let answer = reading.or(late).await?;
    stage.store(ASKED, Ordering::Relaxed);
    send_answer(&mut connection, &answer).await.ok()?;
    stage.store(ANSWERED, Ordering::Relaxed);
    linger(connection).await.ok()
}
