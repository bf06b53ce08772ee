//! The connections of scrapers: bounded in number and in time, so that none starves another.
//!
//! 1. At most [`MAX_CONNECTIONS`] are open. One more closes the oldest that has not sent a request;
//!    if all have, the oldest.
//! 2. A connection has [`HEAD_TIME`] to send the head of its request, and [`TIME_LIMIT`] in all.
//! 3. When a successor takes the listening socket over, connections that were accepted go on.
//! 4. At the end of the process, answers under way have [`LAST_TIME`].

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use smol::channel::{Receiver, bounded};
use smol::future::FutureExt;
use smol::stream::StreamExt;
use smol::{Executor, Task};

use super::http::{Endpoints, read_request, send_answer};
use crate::cli::serve::mutex::lock;
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
    /// Outlives the service, so that answers under way can be finished.
    executor: Executor<'static>,
    /// The oldest first.
    open: Mutex<VecDeque<Scrape>>,
}

/// One connection; dropping it closes the connection.
struct Scrape {
    /// Whether its request is complete.
    has_asked: Arc<AtomicBool>,
    /// Closed when it has ended; nothing is ever sent.
    ended: Receiver<Infallible>,
    task: Task<()>,
}

/// Bounds the handshakes of a server for scrapers as its connections are bounded.
pub(in crate::cli) fn within_bounds(server: Server) -> Server {
    let mut limits = HandshakeLimits::default();
    (limits.at_once, limits.time) = (MAX_CONNECTIONS, HEAD_TIME);
    server.handshakes(limits)
}

impl Scrapes {
    /// Answers requests until accepting fails for good, or until `superseded` is ready and every
    /// connection has ended that was accepted before.
    pub(in crate::cli::serve) async fn serve(
        &self,
        mut listener: Listener,
        content: Arc<dyn Endpoints>,
        superseded: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let accepting = async {
            loop {
                self.start(listener.accept().await?, Arc::clone(&content));
                // A request that came with the connection is read before the next newcomer.
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
        let has_asked = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&has_asked);
        let (running, ended) = bounded(1);
        let task = self.executor.spawn(async move {
            let _running = running;
            let late = async {
                Timer::after(TIME_LIMIT).await;
                None
            };
            // An error concerns this client only, which sees the connection break.
            let _ = exchange(connection, &*content, &asked).or(late).await;
        });
        let mut open = lock(&self.open);
        open.retain(|scrape| !scrape.task.is_finished());
        if open.len() >= MAX_CONNECTIONS {
            let silent = open.iter().position(|it| !it.has_asked.load(Ordering::Relaxed));
            open.remove(silent.unwrap_or(0));
        }
        open.push_back(Scrape { has_asked, ended, task });
    }

    /// Waits until every connection has ended.
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

    /// Finishes the answers under way when the service has ended.
    ///
    /// If a successor has taken over, the scraper of a connection that was accepted here still gets
    /// its answer, even if its request is not complete yet.
    pub(in crate::cli) fn finish(&self, has_successor: bool) {
        if !has_successor {
            lock(&self.open).retain(|scrape| scrape.has_asked.load(Ordering::Relaxed));
        }
        let late = Timer::after(LAST_TIME);
        block_on(self.executor.run(self.ended().or(late)));
    }
}

/// One request and its answer; `None` if there is no answer.
async fn exchange(
    mut connection: Connection,
    content: &dyn Endpoints,
    has_asked: &AtomicBool,
) -> Option<()> {
    let late = async {
        Timer::after(HEAD_TIME).await;
        None
    };
    let reading = async { read_request(&mut connection, content).await.ok().flatten() };
    let answer = reading.or(late).await?;
    has_asked.store(true, Ordering::Relaxed);
    send_answer(connection, &answer).await.ok()
}
