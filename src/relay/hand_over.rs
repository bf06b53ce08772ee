//! A successor is started while connections go on being accepted; when it is ready, this service ends.

use std::sync::Arc;

use endpoint_runtime::{HandoverProblem, Problem, Share, Succession};

use super::event::{Event, Stop};
use super::serving::Serving;

/// Starts the successor, and waits until it serves or has failed.
pub(super) async fn hand_over(
    serving: Arc<Serving>,
    endpoint: String,
    own: Share,
    succession: Succession,
) {
    let handed: Result<u32, HandoverProblem> = async {
        // Here and not on another thread, which could not be called back when the service is stopped meanwhile.
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
