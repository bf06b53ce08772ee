//! Serves one connection, from its admission to its end.
//!
//! The future is small while bytes are copied, because a service may have very many.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use endpoint_runtime::{Address, Boxed, Connection, Error, PeerProblem, Problem, Relay, Timer};
use smol::future::{FutureExt, poll_fn};
use smol::io::AsyncReadExt;

use super::event::{End, Event};
use super::record::{Counters, Cut, Record};
use super::serving::Serving;
use super::set_up::{Reached, set_up};
use super::settings::PROGRAM_HALF_CLOSE_TIME;
use super::state::Entered;

/// How long a connection that looks like a health check may take to disconnect. Otherwise it is
/// served: a target that sends first is delayed by this time.
const CHECK_TIME: Duration = Duration::from_millis(500);

/// Serves one connection, from its admission to its end; this future is its task.
pub(super) struct Serve {
    stage: Stage,
    guard: Guard,
}

#[expect(clippy::large_enum_variant, reason = "most connections are open most of the time")]
enum Stage {
    /// Connects to a target. Boxed, because this future is large and exists only briefly.
    SettingUp(Boxed<'static, Result<(Connection, Reached), End>>),
    Open(Relay<Counters>),
}

impl Serve {
    pub(super) fn new(serving: Arc<Serving>, connection: Connection, entered: Entered) -> Self {
        let guard = Guard {
            began: serving.now(),
            serving: Arc::clone(&serving),
            record: entered.record,
            slot: entered.slot,
            peer: connection.peer_address().clone(),
            target: None,
            connecting: None,
            cut: None,
            is_over: false,
        };
        let (id, record) = (guard.record.id, Arc::clone(&guard.record));
        let mut connection = connection;
        let reaching = async move {
            if is_health_check(&mut connection).await {
                return Err(End::Closed);
            }
            let original = connection.original().numbered(id.get());
            let peer = connection.peer_state();
            let told = poll_fn(|cx| match record.poll_cut(cx.waker()) {
                Some(_) => Poll::Ready(None),
                None => Poll::Pending,
            });
            let reached = async { Some(set_up(&serving, id, original, peer).await) };
            match told.or(reached).await {
                Some(Ok(reached)) => Ok((connection, reached)),
                failed => {
                    // An orderly close would look to the peer like an empty answer, so the
                    // connection is reset.
                    connection.abort().await;
                    let error = failed.and_then(Result::err);
                    Err(error.map_or(End::Stopped, End::NotConnected))
                }
            }
        };
        Self { stage: Stage::SettingUp(Box::pin(reaching)), guard }
    }
}

impl Future for Serve {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Self { stage, guard } = &mut *self;
        if guard.is_cut(cx)
            && let Stage::Open(relay) = stage
        {
            relay.abort();
        }
        let end = loop {
            match stage {
                Stage::SettingUp(reaching) => match reaching.as_mut().poll(cx) {
                    Poll::Pending if guard.record.is_at_once() => break End::Stopped,
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Err(end)) => break end,
                    Poll::Ready(Ok((mut connection, reached))) => {
                        connection.release_reserved();
                        *stage = Stage::Open(guard.open(connection, reached));
                    }
                },
                Stage::Open(relay) => match Pin::new(relay).poll(cx) {
                    Poll::Pending if guard.record.is_at_once() => break End::Stopped,
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(_)) => break End::Closed,
                    Poll::Ready(Err(error)) if guard.was_probe(&error) => break End::Closed,
                    Poll::Ready(Err(error)) => break End::Broken(error),
                },
            }
        };
        guard.over(end);
        Poll::Ready(())
    }
}

/// What is reported when the connection ends. Dropping it reports the end, even if the task is
/// dropped with its service.
struct Guard {
    serving: Arc<Serving>,
    record: Arc<Record>,
    slot: usize,
    began: Duration,
    peer: Address,
    target: Option<(usize, Address)>,
    /// How long connecting took; `None` until a target was reached.
    connecting: Option<Duration>,
    /// Why the connection was ended from outside; `None` if it was not.
    cut: Option<Cut>,
    is_over: bool,
}

/// Whether the connection is the health check of a load balancer: its PROXY header has no
/// addresses, and the peer closes it without sending a byte.
///
/// A connection that stays open is none, because its target may be the side that sends first.
async fn is_health_check(connection: &mut Connection) -> bool {
    if connection.proxy().is_none_or(|header| header.original().is_some()) {
        return false;
    }
    let mut first = [0];
    let reading = async { Some(connection.read(&mut first).await) };
    let late = async {
        Timer::after(CHECK_TIME).await;
        None
    };
    match reading.or(late).await {
        None => false,
        Some(Ok(1..)) => {
            connection.unread(&first);
            false
        }
        Some(Ok(0) | Err(_)) => true,
    }
}

impl Guard {
    /// Whether the peer has reset the connection without sending a byte, as a port scan does.
    fn was_probe(&self, error: &Error) -> bool {
        let sent = self.record.traffic.so_far().a_to_b;
        sent == 0
            && matches!(error.problem(), Problem::Peer(PeerProblem::Stream { side, error, .. })
                if *side == self.peer && error.kind() == io::ErrorKind::ConnectionReset)
    }

    /// Whether a request from outside to end the connection has arrived since the last call.
    fn is_cut(&mut self, cx: &Context<'_>) -> bool {
        let before = self.cut;
        self.cut = before.or_else(|| self.record.poll_cut(cx.waker()));
        self.cut.is_some() && before.is_none()
    }

    fn open(&mut self, connection: Connection, reached: Reached) -> Relay<Counters> {
        let Reached { target, upstream, took } = reached;
        self.target = Some((target, upstream.peer_address().clone()));
        self.connecting = Some(self.serving.now().saturating_sub(self.began));
        let was_down = self.serving.state().connected(target);
        self.record.open();
        if let Some(target) = self.serving.targets.get(target).map(|it| &it.name) {
            if was_down {
                self.serving.report(&Event::TargetUp { target });
            }
            let (id, connection, upstream) = (self.record.id, &connection, &upstream);
            self.serving.report(&Event::Connected { id, connection, upstream, target, took });
        }
        let of_program = upstream.process().map(|_| PROGRAM_HALF_CLOSE_TIME);
        let half_close = self.serving.settings.time.half_close.or(of_program);
        Relay::new(connection, upstream, Counters(Arc::clone(&self.record)))
            .with_half_close_limit(half_close)
    }

    /// Reports an event that says why the connection ended. If a time limit or a stop ended it, the
    /// event names that, and not the result of the copy.
    fn over(&mut self, end: End) {
        let time = self.serving.settings.time;
        let end = match self.cut {
            None => end,
            Some(Cut::Idle) => End::Idle(time.idle.unwrap_or_default()),
            Some(Cut::TooOld) => End::TooOld(time.lifetime.unwrap_or_default()),
            Some(Cut::Stopped) => End::Stopped,
        };
        self.is_over = true;
        let serving = &*self.serving;
        let transferred = self.record.traffic.so_far();
        let now = serving.now();
        let lasted = now.saturating_sub(self.began);
        let index = self.target.as_ref().map(|(index, _)| *index);
        let supervisor_waits = serving.state().left(self.slot, index, transferred, &end, now);
        serving.report(&Event::Ended {
            id: self.record.id,
            peer: &self.peer,
            target: index.and_then(|index| serving.targets.get(index)).map(|it| &it.name),
            target_address: self.target.as_ref().map(|(_, address)| address),
            transferred,
            connecting: self.connecting.unwrap_or(lasted),
            lasted,
            end: &end,
        });
        if supervisor_waits {
            serving.control.wake();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.is_over {
            self.over(End::Stopped);
        }
    }
}
