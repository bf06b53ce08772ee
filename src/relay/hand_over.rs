//! Handing over: a successor starts while this service accepts; when it is ready, this service
//! drains.

use std::sync::Arc;

use endpoint_runtime::{HandoverProblem, Problem, Share, Succession};

use super::event::{Event, Stop};
use super::serving::Serving;

/// Starts the successor, and waits until it is ready or has failed.
pub(super) async fn hand_over(
    serving: Arc<Serving>,
    endpoint: String,
    own: Share,
    succession: Succession,
) {
    let handed: Result<u32, HandoverProblem> = async {
        // Blocks for a moment; on another thread it could not be cancelled when the service stops.
        let successor = succession.start(own)?;
        let pid = successor.pid();
        serving.report(&Event::HandoverStarted { pid });
        successor.take_over().await?;
        Ok(pid)
    }
    .await;
    match handed {
        Ok(pid) => serving.control.ask(|requests| {
            requests.is_handing_over = false;
            requests.stop = requests.stop.or(Some(Stop::HandedOver { pid }));
        }),
        Err(problem) => {
            serving.control.ask(|requests| requests.is_handing_over = false);
            let error = Problem::from(problem).at(&endpoint);
            serving.report(&Event::HandoverFailed { error: &error });
        }
    }
}
