//! Draining: a service that stops admits no more connections, and gives open ones time to end.
//!
//! 1. Connections in the kernel's accept queue are accepted, because closing the socket would reset
//!    them. If there is a successor, they are left to it.
//! 2. The listening socket is closed. A connection in a TLS handshake is admitted once that is
//!    complete, if the connection limit allows it.
//! 3. The service ends with its last connection. At the time limit, open connections are aborted,
//!    and have a second to deliver the abort to their peers.
//! 4. [`cut`](super::RelayHandle::cut) aborts them immediately, even if peers have not read all
//!    bytes.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use endpoint_runtime::{OpenCountSender, Timer};
use smol::future::{FutureExt, poll_fn};
use smol::stream::Stream;

use super::accept::AcceptLoop;
use super::event::{Event, Stop};
use super::settings::DRAIN_TIME;

/// The maximum number of connections that are accepted from the kernel's queue before it is closed.
/// It exceeds most backlogs, and bounds the work if clients keep connecting.
const LAST_ONES: u32 = 4096;

/// How long aborted connections may take to deliver the abort to their peers.
const ABORT_TIME: Duration = Duration::from_secs(1);

/// Stops accepting, and waits until the last connection has ended or was aborted.
pub(super) async fn drain(mut accepting: AcceptLoop, why: Stop) {
    let handed_over = matches!(why, Stop::HandedOver { .. });
    if !handed_over && why != Stop::Served {
        accept_waiting(&mut accepting).await;
    }
    if let Err(error) = accepting.listener.finish().await {
        tracing::warn!("{error}");
    }
    let settings = &accepting.serving.settings;
    let limit = match why {
        Stop::Served => None,
        Stop::HandedOver { .. } => settings.drain,
        _ => Some(settings.drain.unwrap_or(DRAIN_TIME)),
    };
    say(&accepting, limit, why);
    let timer = limit.map(Timer::after);
    let successor = accepting.serving.control.ask(|requests| requests.successor.take());
    let mut waiting =
        Waiting { timer, accepting, is_cut: false, is_at_once: false, ended: false, successor };
    poll_fn(|cx| waiting.poll(cx)).await;
    let predecessor = waiting.accepting.serving.predecessor().take();
    if let (Some(successor), Some(predecessor)) = (waiting.successor, predecessor) {
        successor.pass_on(predecessor).await;
    }
}

fn say(accepting: &AcceptLoop, limit: Option<Duration>, why: Stop) {
    let mut state = accepting.serving.state();
    state.drain();
    let open = state.admission().inside();
    drop(state);
    accepting.serving.report(&Event::Draining { open, limit, why });
}

/// Admits the connections that already wait in the kernel's accept queue.
async fn accept_waiting(accepting: &mut AcceptLoop) {
    for _ in 0..LAST_ONES {
        if !accepting.serving.state().admission().may_accept() {
            return;
        }
        let next = poll_fn(|cx| Poll::Ready(Pin::new(&mut accepting.listener).poll_next(cx))).await;
        match next {
            Poll::Ready(Some(Ok(connection))) => accepting.admit(connection),
            _ => return,
        }
    }
}

struct Waiting {
    accepting: AcceptLoop,
    timer: Option<Timer>,
    /// Whether all open connections were aborted.
    is_cut: bool,
    /// Whether connections are aborted without waiting until their peers have read.
    is_at_once: bool,
    /// Whether the listener will return no more connections.
    ended: bool,
    /// Sends the number of connections still open here to a successor, if there is one.
    successor: Option<OpenCountSender>,
}

impl Waiting {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let serving = Arc::clone(&self.accepting.serving);
        let mut requests = serving.control.poll_requests(cx.waker());
        let (stop, cut) = (requests.stop.take(), requests.cut);
        drop(requests);
        if stop == Some(Stop::Requested) && self.timer.is_none() {
            self.timer = Some(Timer::after(serving.settings.drain.unwrap_or(DRAIN_TIME)));
        }
        if cut && !self.is_at_once {
            // Connections whose handshakes are not complete are dropped: `ended` stops polling
            // them.
            (self.is_at_once, self.ended) = (true, true);
            self.cut();
        }
        while !self.ended {
            if serving.state().admission().must_wait() {
                self.accepting.listener.poll_handshakes(cx);
                break;
            }
            match Pin::new(&mut self.accepting.listener).poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(connection))) => self.accepting.admit(connection),
                Poll::Ready(Some(Err(_)) | None) => self.ended = true,
            }
        }
        let everywhere = serving.state().admission().everywhere();
        if let (Some(successor), Some(open)) = (&mut self.successor, everywhere) {
            // A connection in a handshake counts as open, because it may still be admitted.
            successor.send(open + self.accepting.listener.pending());
        }
        if (self.ended || self.is_cut) && serving.state().admission().inside() == 0 {
            return Poll::Ready(());
        }
        while self.timer.as_mut().is_some_and(|timer| timer.poll(cx).is_ready()) {
            if self.is_cut {
                return Poll::Ready(());
            }
            self.cut();
        }
        Poll::Pending
    }

    /// Aborts all connections, and gives them [`ABORT_TIME`] to end.
    fn cut(&mut self) {
        self.is_cut = true;
        self.accepting.serving.state().cut_all(self.is_at_once);
        self.timer = Some(Timer::after(ABORT_TIME));
    }
}
