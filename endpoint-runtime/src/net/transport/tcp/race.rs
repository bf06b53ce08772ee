//! Drives a race between addresses: concurrent attempts in one future, without spawned tasks.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use smol::future::poll_fn;

use crate::error::Attempt;
use crate::net::resolver::Answers;
use crate::proto::eyeballs::{AttemptId, Loss, Order, Race};
use crate::reactor::Timer;
use crate::step::{Step, Steps};

/// The connection that won a race, and the address that it leads to.
pub(crate) struct Won<T> {
    pub(crate) connection: T,
    pub(crate) address: SocketAddr,
    /// The deadline of the successful attempt, as a duration after the start of the race.
    pub(crate) deadline: Duration,
}

/// Why a race ended without a connection, and how each attempt failed.
pub(crate) struct Lost {
    pub(crate) loss: Loss,
    /// The failed attempts with their errors, in the order in which they were started.
    pub(crate) attempts: Vec<Attempt>,
    /// The last error of the resolver; `None` if it reported none.
    pub(crate) unresolved: Option<io::Error>,
}

/// Connects to the addresses in `answers` as the machine orders; the first connection wins.
///
/// Time counts from `began`, and `attempt` connects to one address.
///
/// Unsuccessful attempts are dropped at the end, and with them their sockets.
///
/// # Cancellation
///
/// Dropping the future drops all attempts and their sockets.
pub(crate) async fn drive_race<F: Future<Output = io::Result<T>>, T>(
    mut race: Race,
    began: Instant,
    answers: Answers<'_>,
    steps: &Steps<'_>,
    attempt: impl Fn(SocketAddr) -> F,
) -> Result<Won<T>, Lost> {
    let mut answers = Some(answers);
    let mut runners: Vec<Runner<F>> = Vec::new();
    let mut failed: Vec<(AttemptId, Attempt)> = Vec::new();
    let mut unresolved = None;
    let mut winner = None;
    let loss = loop {
        match race.next(began.elapsed()) {
            Order::Start(id, address) => {
                steps.report(&Step::Connecting { address: &address.into() });
                runners.push(Runner { id, address, connecting: Box::pin(attempt(address)) });
            }
            Order::TimeOut(id) => {
                let error = io::Error::new(io::ErrorKind::TimedOut, "no answer in time");
                failed.extend(stop(&mut runners, id).map(|late| late.failed(error, steps)));
            }
            Order::Close(id) => {
                if let Some(Runner { address, .. }) = stop(&mut runners, id) {
                    steps.report(&Step::Cancelled { address });
                }
            }
            Order::Wait(until) => {
                match next_event(&mut answers, &mut runners, began, until).await {
                    Event::Time => {}
                    Event::Answer(Ok(addresses)) => race.answered(addresses, began.elapsed()),
                    Event::Answer(Err(error)) => unresolved = Some(error),
                    Event::Resolved => {
                        answers = None;
                        race.resolved();
                    }
                    Event::Connected(runner, connection) => {
                        race.connected(runner.id);
                        winner = Some((connection, runner.address));
                    }
                    Event::Failed(runner, error) => {
                        race.failed(runner.id, began.elapsed());
                        failed.push(runner.failed(error, steps));
                    }
                }
            }
            Order::Won(_, deadline) => match winner {
                Some((connection, address)) => return Ok(Won { connection, address, deadline }),
                // A race is won only after `race.connected`, so there is a winner.
                None => break Loss::Cancelled,
            },
            Order::GiveUp(loss) => break loss,
        }
    };
    failed.sort_unstable_by_key(|&(id, _)| id);
    let attempts = failed.into_iter().map(|(_, attempt)| attempt).collect();
    Err(Lost { loss, attempts, unresolved })
}

/// An attempt in progress: its future, its address and its number in the state machine.
struct Runner<F> {
    id: AttemptId,
    address: SocketAddr,
    connecting: Pin<Box<F>>,
}

impl<F> Runner<F> {
    /// Reports the failure to the observer, and returns it for the error of the race.
    fn failed(self, error: io::Error, steps: &Steps<'_>) -> (AttemptId, Attempt) {
        let attempt = Attempt { address: self.address.into(), error };
        steps.report(&Step::Failed { attempt: &attempt });
        (self.id, attempt)
    }
}

/// Removes an attempt, whose drop closes its socket; `None` if it has already ended.
fn stop<F>(runners: &mut Vec<Runner<F>>, id: AttemptId) -> Option<Runner<F>> {
    let at = runners.iter().position(|runner| runner.id == id)?;
    Some(runners.remove(at))
}

/// What ends a wait of the race.
enum Event<F, T> {
    Connected(Runner<F>, T),
    Failed(Runner<F>, io::Error),
    Answer(io::Result<Vec<SocketAddr>>),
    /// The resolver has no further answers.
    Resolved,
    /// The time until which the state machine ordered to wait.
    Time,
}

/// Waits for an attempt, an answer of the resolver, or the time `until` after `began`.
async fn next_event<F: Future<Output = io::Result<T>>, T>(
    answers: &mut Option<Answers<'_>>,
    runners: &mut Vec<Runner<F>>,
    began: Instant,
    until: Duration,
) -> Event<F, T> {
    let mut timer = began.checked_add(until).map_or_else(Timer::never, Timer::at);
    poll_fn(|cx| {
        if let Poll::Ready(event) = poll_runners(runners, cx) {
            return Poll::Ready(event);
        }
        if let Some(answers) = answers {
            if let Poll::Ready(answer) = answers.as_mut().poll_next(cx) {
                return Poll::Ready(answer.map_or(Event::Resolved, Event::Answer));
            }
        }
        ready!(Pin::new(&mut timer).poll(cx));
        Poll::Ready(Event::Time)
    })
    .await
}

/// Polls all attempts, and removes the first one that has ended.
fn poll_runners<F: Future<Output = io::Result<T>>, T>(
    runners: &mut Vec<Runner<F>>,
    cx: &mut Context<'_>,
) -> Poll<Event<F, T>> {
    for at in 0..runners.len() {
        if let Poll::Ready(done) = runners[at].connecting.as_mut().poll(cx) {
            let runner = runners.remove(at);
            return Poll::Ready(match done {
                Ok(connection) => Event::Connected(runner, connection),
                Err(error) => Event::Failed(runner, error),
            });
        }
    }
    Poll::Pending
}
