//! The end of a service: nobody is let in any more, and those inside have some time left.
//!
//! 1. What waits in the queue of the system is accepted, for closing the socket would reset it; not so where another
//!    process has the same socket and goes on accepting.
//! 2. The socket is closed. Connections on which layers are still being put are let in when that is done.
//! 3. When nobody is left, that is the end. When the time is up, those who are left are cut off; that takes a moment,
//!    in which they are told.
//! 4. When it is asked for, they are cut off at once, whether or not they take what was sent to them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use endpoint_runtime::Timer;
use smol::future::{FutureExt, poll_fn};
use smol::stream::Stream;

use super::accept::AcceptLoop;
use super::event::{Event, Stop};
use super::settings::DRAIN_TIME;

/// How many connections are taken from the queue of the system at the end: as many as it holds, as a rule.
const LAST_ONES: u32 = 4096;

/// How long it may take to tell those who are cut off.
const GOOD_BYE: Duration = Duration::from_secs(1);

/// Waits for the last connections.
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
    let mut waiting = Waiting { timer, accepting, is_cut: false, is_at_once: false, ended: false };
    poll_fn(|cx| waiting.poll(cx)).await;
}

fn say(accepting: &AcceptLoop, limit: Option<Duration>, why: Stop) {
    let mut state = accepting.serving.state();
    state.drain();
    let open = state.admission().inside();
    drop(state);
    accepting.serving.report(&Event::Draining { open, limit, why });
}

/// Lets in whoever has connected before the end.
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
    /// Everybody was told to go.
    is_cut: bool,
    /// Nobody was to be waited for.
    is_at_once: bool,
    /// No more connections come out of the listener.
    ended: bool,
}

impl Waiting {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let serving = Arc::clone(&self.accepting.serving);
        let mut requests = serving.control.poll_requests(cx.waker());
        let (stop, cut) = (requests.stop.take(), requests.cut);
        drop(requests);
        if stop == Some(Stop::Asked) && self.timer.is_none() {
            self.timer = Some(Timer::after(serving.settings.drain.unwrap_or(DRAIN_TIME)));
        }
        if cut && !self.is_at_once {
            // Who is not inside by now does not come in.
            (self.is_at_once, self.ended) = (true, true);
            self.cut();
        }
        while !self.ended {
            match Pin::new(&mut self.accepting.listener).poll_next(cx) {
                Poll::Pending => break,
                Poll::Ready(Some(Ok(connection))) => self.accepting.admit(connection),
                Poll::Ready(Some(Err(_)) | None) => self.ended = true,
            }
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

    /// Tells everybody to go, and waits a little longer, which is all but nothing where they go at once.
    fn cut(&mut self) {
        self.is_cut = true;
        self.accepting.serving.state().cut_all(self.is_at_once);
        self.timer = Some(Timer::after(GOOD_BYE));
    }
}
