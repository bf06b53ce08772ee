//! Hands the listening sockets of a service over to a successor process.
//!
//! The successor starts while this service still accepts. When it is ready, this service drains.
//! Both share one limit of connections, so this service reports to the successor how many it still
//! has open. A service that ends before its own predecessor lets that one report to the successor.

use std::sync::Arc;
use std::task::Poll;

use endpoint_runtime::{HandoverProblem, Problem, Share, Succession};
use smol::future::poll_fn;

use super::event::{Event, Stop};
use super::serving::Serving;

/// Starts the successor, waits until it is ready, and then requests to drain this service. A
/// failure is reported, and this service continues.
pub(super) async fn hand_over(
    serving: Arc<Serving>,
    endpoint: String,
    own: Share,
    succession: Succession,
) {
    let handed: Result<_, HandoverProblem> = async {
        // Starting a process blocks briefly. On another thread it could not be cancelled.
        let successor = succession.start(own)?;
        let pid = successor.pid();
        serving.report(&Event::HandoverStarted { pid });
        Ok((pid, successor.take_over().await?))
    }
    .await;
    match handed {
        Ok((pid, count)) => serving.control.ask(|requests| {
            requests.is_handing_over = false;
            requests.successor = Some(count);
            requests.stop = requests.stop.or(Some(Stop::HandedOver { pid }));
        }),
        Err(problem) => {
            serving.control.ask(|requests| requests.is_handing_over = false);
            let error = Problem::from(problem).at(&endpoint);
            serving.report(&Event::HandoverFailed { error: &error });
        }
    }
}

/// Counts the predecessor's open connections towards the limit of this service. Returns when the
/// predecessor has none left.
pub(super) async fn count_predecessor(serving: Arc<Serving>) {
    loop {
        let count = poll_fn(|cx| match &mut *serving.predecessor() {
            Some(open) => open.poll_next(cx),
            None => Poll::Ready(None),
        });
        let count = count.await;
        serving.state().counted_elsewhere(count.or(Some(0)));
        serving.control.wake();
        if count.is_none() {
            return;
        }
    }
}
