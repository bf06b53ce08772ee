//! The time limit of a probe.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::error::Problem;
use crate::reactor::within;

/// The time since the beginning of a probe, and its limit.
pub(super) struct Clock {
    began: Instant,
    limit: Option<Duration>,
}

impl Clock {
    /// Starts now.
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Self { began: Instant::now(), limit }
    }

    pub(super) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Awaits a future within the limit, and returns its error as text.
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
