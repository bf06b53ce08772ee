//! The connections of scrapers, limited in number and time, so that they cannot starve one another.
//!
//! 1. At most [`MAX_CONNECTIONS`] are open. A new one closes the oldest that has an answer, or else
//!    the oldest without a complete request, or else the oldest of all.
//! 2. A client has [`HEAD_TIME`] to send the head of its request. The time limit of a connection is
//!    [`TIME_LIMIT`].
//! 3. When a successor takes the listening socket over, accepted connections continue.
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

/// The open connections of scrapers.
#[derive(Default)]
pub(in crate::cli) struct Scrapes {
    /// Outlives the service, so that answers can be finished.
    executor: Executor<'static>,
    /// The open connections of clients that read metrics, the oldest first.
    open: Mutex<VecDeque<Scrape>>,
}

/// A connection of a client that reads metrics. It is closed on drop.
struct Scrape {
    stage: Arc<AtomicU8>,
    /// Closed when the task has ended. Nothing is ever sent.
    ended: Receiver<Infallible>,
    task: Task<()>,
}

/// The state of a connection whose request is not complete.
const SILENT: u8 = 0;
/// The state of a connection whose request is complete.
const ASKED: u8 = 1;
/// The state of a connection whose answer was sent, until the client closes it.
const ANSWERED: u8 = 2;

impl Scrape {
    fn is(&self, stage: u8) -> bool {
        self.stage.load(Ordering::Relaxed) == stage
    }
}

/// Limits the handshakes of a server for scrapers like its connections.
pub(in crate::cli) fn within_bounds(server: Server) -> Server {
    let mut limits = HandshakeLimits::default();
    (limits.at_once, limits.time) = (MAX_CONNECTIONS, HEAD_TIME);
    server.handshakes(limits)
}

impl Scrapes {
    /// Answers requests until accepting fails permanently, or until `superseded` is ready and all
    /// connections accepted before have ended.
    pub(in crate::cli::serve) async fn serve(
        &self,
        mut listener: Listener,
        content: Arc<dyn Endpoints>,
        superseded: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let accepting = async {
            loop {
                self.start(listener.accept().await?, Arc::clone(&content));
                // A request that arrived with the connection is read before the next connection is
                // accepted.
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
            // An error affects only this client, whose connection breaks.
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

    /// Waits until all connections have ended.
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

    /// Finishes the remaining answers when the service has ended.
    ///
    /// If a successor has taken over, accepted connections are answered even if their request is
    /// not complete yet.
    pub(in crate::cli) fn finish(&self, has_successor: bool) {
        if !has_successor {
            lock(&self.open).retain(|scrape| !scrape.is(SILENT));
        }
        let late = Timer::after(LAST_TIME);
        block_on(self.executor.run(self.ended().or(late)));
    }
}

/// Handles one request. Returns `None` if there is no answer.
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
