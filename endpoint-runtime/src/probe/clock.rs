//! The clock of a probe, which also has the probe's time limit.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::error::Problem;
use crate::reactor::within;

/// Measures the time since a probe began, and limits it.
pub(super) struct Clock {
    began: Instant,
    /// The limit for the whole probe; `None` is no limit.
    limit: Option<Duration>,
}

impl Clock {
    /// Starts the clock of a probe that begins now.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { began: Instant::now(), limit }
    }

    /// The time since the probe began.
    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Awaits a future for as long as the probe has left. Errors, and running late, become text.
    pub(super) async fn within<T>(
        &self,
        future: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, String> {
        let done = match self.limit {
            None => Some(future.await),
            Some(limit) => within(limit.saturating_sub(self.now()), future).await,
        };
        match done {
            Some(done) => done.map_err(|problem| problem.to_string()),
            None => Err("not done within the time limit".to_owned()),
        }
    }
}
