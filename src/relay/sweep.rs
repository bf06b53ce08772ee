//! The periodic check: ends connections that exceed a time limit, and a service that is unused.

use std::sync::Arc;

use endpoint_runtime::Timer;

use super::event::Stop;
use super::proto::overdue::TimeLimits;
use super::serving::Serving;

/// Runs the check once a period. Returns immediately if no limit needs it.
pub(super) async fn sweep(serving: Arc<Serving>) {
    let settings = &serving.settings;
    let exit_idle = TimeLimits { idle: settings.exit_idle, ..TimeLimits::default() };
    let Some(period) = settings.time.period().into_iter().chain(exit_idle.period()).min() else {
        return;
    };
    loop {
        Timer::after(period).await;
        let now = serving.now();
        let mut state = serving.state();
        state.sweep(settings, now);
        let empty = state.empty_for(now);
        drop(state);
        if empty.is_some_and(|empty| settings.exit_idle.is_some_and(|limit| empty >= limit)) {
            serving.control.ask(|requests| requests.stop = requests.stop.or(Some(Stop::Unused)));
        }
    }
}
