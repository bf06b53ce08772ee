//! Connects an accepted connection to a target: tries several in order, and retries.

use std::time::{Duration, Instant};

use endpoint_runtime::proto::retry::{Retry, RetryOrder};
use endpoint_runtime::{
    Blame, Connection, EnvironmentProblem, Error, Misuse, OriginalConnection, PeerState, Problem,
    Timer,
};

use super::event::{ConnectionId, Event};
use super::serving::{Serving, Target};

/// A connection to a target that answered.
pub(super) struct Reached {
    /// The index of the target in the settings.
    pub(super) target: usize,
    pub(super) upstream: Connection,
    /// How long the successful attempt took.
    pub(super) took: Duration,
}

/// The endpoint name in the error of a service without targets.
const NOWHERE: &str = "";

/// Connects to one of the targets. Retries, if that is configured, until the peer disconnects.
pub(super) async fn set_up(
    serving: &Serving,
    id: ConnectionId,
    original: OriginalConnection<'_>,
    peer: PeerState<'_>,
) -> Result<Reached, Error> {
    let mut retry = Retry::new(serving.settings.retry);
    loop {
        let error = match try_each(serving, id, original).await {
            Ok(reached) => return Ok(reached),
            Err(error) => error,
        };
        if matches!(error.blame(), Blame::Description | Blame::Misuse) {
            return Err(error);
        }
        match retry.failed(fastrand::f64()) {
            RetryOrder::GiveUp => return Err(error),
            RetryOrder::Wait(pause) => {
                serving.report(&Event::Retrying { id, pause });
                Timer::after(pause).await;
                if peer.is_gone() {
                    return Err(error);
                }
            }
        }
    }
}

/// Tries each target once, until one answers. The error is that of the last attempt.
async fn try_each(
    serving: &Serving,
    id: ConnectionId,
    original: OriginalConnection<'_>,
) -> Result<Reached, Error> {
    let mut route = serving.state().route();
    let mut last = None;
    loop {
        let next = serving.state().next_target(&mut route, serving.now());
        let Some(target) = next.and_then(|index| serving.targets.get(index)) else { break };
        let began = Instant::now();
        match target.client.connect_for_original(original).await {
            Ok(upstream) => {
                let (target, took) = (target.name.index(), began.elapsed());
                return Ok(Reached { target, upstream, took });
            }
            Err(error) => {
                failed(serving, id, target, &error, began.elapsed());
                last = Some(error);
            }
        }
    }
    Err(last.unwrap_or_else(|| Problem::from(Misuse::NoTarget).at(NOWHERE)))
}

fn failed(serving: &Serving, id: ConnectionId, target: &Target, error: &Error, took: Duration) {
    let (index, target) = (target.name.index(), &target.name);
    serving.report(&Event::TargetFailed { id, target, error, took });
    let down = match error.problem() {
        // This machine lacks a resource, such as a descriptor, which says nothing about the target.
        Problem::Environment(EnvironmentProblem::Connect(_)) | Problem::Misuse(_) => {
            serving.state().attempt_failed(index);
            None
        }
        _ => serving.state().target_failed(index, serving.now()),
    };
    if let Some(pause) = down {
        serving.report(&Event::TargetDown { target, pause });
    }
}
