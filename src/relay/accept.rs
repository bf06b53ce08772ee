//! The accept loop of a service: admits or refuses connections, and starts a task for each.

use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use endpoint_runtime::{Connection, Error, Listener, Succession, next_turn};
use smol::future::poll_fn;
use smol::stream::Stream;
use smol::{Executor, Task};

use super::event::{Event, RefusalReason, Stop};
use super::hand_over::hand_over;
use super::proto::admission::Verdict;
use super::serve::Serve;
use super::serving::Serving;

/// How many connections are accepted before the loop yields, so that other tasks run.
const IN_A_ROW: u32 = 4;

/// Accepts the connections of a service's listener, and starts a task for each.
pub(super) struct AcceptLoop {
    pub(super) serving: Arc<Serving>,
    pub(super) listener: Listener,
    /// Where connection tasks are spawned. Weak, because the executor owns the task of this loop.
    pub(super) executor: Weak<Executor<'static>>,
    /// The task that waits until a successor is ready; `None` if none was started.
    pub(super) handing_over: Option<Task<()>>,
}

/// What the accept loop does next: an admitted connection, or a request.
enum Step {
    Admit(Connection),
    HandOver(Succession),
    Stop(Stop),
    Fail(Error),
}

impl AcceptLoop {
    /// Accepts connections until the service is stopped, which returns why. Returns an error if the
    /// listener fails.
    pub(super) async fn run(&mut self) -> Result<Stop, Error> {
        let mut in_a_row = 0;
        let mut is_full_reported = false;
        loop {
            match poll_fn(|cx| self.poll_step(cx, &mut is_full_reported)).await {
                Step::Admit(connection) => self.admit(connection),
                Step::HandOver(succession) => self.hand_over(succession),
                Step::Stop(why) => return Ok(why),
                Step::Fail(error) => return Err(error),
            }
            in_a_row += 1;
            if in_a_row % IN_A_ROW == 0 {
                next_turn().await;
            }
        }
    }

    fn poll_step(&mut self, cx: &mut Context<'_>, is_full_reported: &mut bool) -> Poll<Step> {
        let mut requests = self.serving.control.poll_requests(cx.waker());
        if let Some(why) = requests.stop.take() {
            return Poll::Ready(Step::Stop(why));
        }
        if let Some(succession) = requests.succession.take() {
            return Poll::Ready(Step::HandOver(succession));
        }
        drop(requests);
        {
            let state = self.serving.state();
            let admission = state.admission();
            if admission.is_done() {
                return Poll::Ready(Step::Stop(Stop::Served));
            }
            if !admission.may_accept() {
                let is_full = admission.is_full();
                drop(state);
                if is_full {
                    self.report_full(is_full_reported);
                }
                self.listener.poll_handshakes(cx);
                return Poll::Pending;
            }
        }
        *is_full_reported = false;
        match Pin::new(&mut self.listener).poll_next(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(connection))) => Poll::Ready(Step::Admit(connection)),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Step::Fail(error)),
            // A listener on standard input and output ends after its only connection.
            Poll::Ready(None) => Poll::Ready(Step::Stop(Stop::Served)),
        }
    }

    fn report_full(&self, is_reported: &mut bool) {
        let limit = self.serving.settings.max_connections;
        if let (false, Some(limit)) = (*is_reported, limit) {
            self.serving.report(&Event::Full { limit });
        }
        *is_reported = true;
    }

    /// Kills a successor that was started but is not ready yet.
    pub(super) async fn cancel_hand_over(&mut self) {
        if let Some(waiting) = self.handing_over.take() {
            waiting.cancel().await;
        }
    }

    fn hand_over(&mut self, succession: Succession) {
        let serving = Arc::clone(&self.serving);
        let own = match self.listener.share() {
            Ok(own) => own,
            Err(error) => {
                serving.control.ask(|requests| requests.is_handing_over = false);
                return serving.report(&Event::HandoverFailed { error: &error });
            }
        };
        let endpoint = self.listener.endpoint().to_owned();
        if let Some(executor) = self.executor.upgrade() {
            let waiting = executor.spawn(hand_over(serving, endpoint, own, succession));
            self.handing_over = Some(waiting);
        }
    }

    /// Starts a task that serves a connection, or closes the connection if it is not admitted.
    pub(super) fn admit(&self, connection: Connection) {
        let serving = &self.serving;
        let peer = connection.peer_address().as_tcp().map(|it| it.ip());
        let (id, verdict) = serving.state().arrived(peer, serving.now());
        let why = match verdict {
            Ok(entered) => {
                serving.report(&Event::Accepted { id, connection: &connection });
                let serve = Serve::new(Arc::clone(serving), connection, entered);
                if let Some(executor) = self.executor.upgrade() {
                    executor.spawn(serve).detach();
                }
                return;
            }
            Err(Verdict::Full) => RefusalReason::Full,
            Err(_) => RefusalReason::Denied,
        };
        serving.report(&Event::Refused { id, connection: &connection, why });
    }
}
