//! The line at the bottom of a terminal with the counts and rates of a running relay.

use core::fmt;
use std::convert::Infallible;
use std::time::{Duration, Instant};

use smol::Timer;

use super::humanize::Bytes;
use super::log::Log;
use crate::relay::Snapshot;
use crate::runtime::HumanDuration;

/// The interval between updates of the line.
const INTERVAL: Duration = Duration::from_secs(1);

/// Draws the status line every second; never returns. Skips an update while `is_active` returns
/// false.
pub(super) async fn draw(
    log: &Log,
    snapshot: impl Fn() -> Snapshot,
    is_active: impl Fn() -> bool,
) -> Infallible {
    let mut before = snapshot();
    let mut then = Instant::now();
    log.set_status(Status { before: &before, now: &before, passed: INTERVAL }.to_string());
    loop {
        Timer::after(INTERVAL).await;
        let (now, current) = (Instant::now(), snapshot());
        if is_active() {
            log.set_status(
                Status { before: &before, now: &current, passed: now - then }.to_string(),
            );
        }
        (before, then) = (current, now);
    }
}

/// Formats `3 open, 120 in all, 2 failed; there 1.2 MB/s (1.5 GB), back 3 MB/s (2 GB); 1 h 2 min`.
struct Status<'a> {
    before: &'a Snapshot,
    now: &'a Snapshot,
    /// The time between the two snapshots, over which rates are computed.
    passed: Duration,
}

impl fmt::Display for Status<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, now, passed } = *self;
        let counts = [
            (now.connecting as u64, "connecting"),
            (now.accepted, "in all"),
            (now.ended.not_connected + now.ended.broken, "failed"),
            (now.refused.denied + now.refused.full, "refused"),
        ];
        write!(f, "{} open", now.open)?;
        for (count, what) in counts {
            if count > 0 || what == "in all" {
                write!(f, ", {count} {what}")?;
            }
        }
        let (then, sum) = (before.transferred, now.transferred);
        let ways = [("; there", then.a_to_b, sum.a_to_b), (", back", then.b_to_a, sum.b_to_a)];
        for (way, then, sum) in ways {
            let rate = per_second(sum.saturating_sub(then), passed);
            write!(f, "{way} {}/s ({})", Bytes(rate), Bytes(sum))?;
        }
        // The uptime is cut to whole seconds: the line changes once a second.
        let uptime = Duration::from_secs(now.uptime.as_secs());
        write!(f, "; {:#}", HumanDuration(uptime))?;
        f.write_str(if now.draining { "; draining" } else { "" })
    }
}

fn per_second(bytes: u64, passed: Duration) -> u64 {
    let rate = u128::from(bytes) * 1000 / passed.as_millis().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_line_has_counts_rates_and_the_uptime() {
        let before = Snapshot::default();
        assert_eq!(
            Status { before: &before, now: &before, passed: INTERVAL }.to_string(),
            "0 open, 0 in all; there 0 B/s (0 B), back 0 B/s (0 B); 0 s"
        );
        let mut now = Snapshot::default();
        (now.open, now.connecting, now.accepted) = (3, 1, 120);
        (now.ended.broken, now.refused.denied) = (2, 4);
        (now.transferred.a_to_b, now.transferred.b_to_a) = (3_000_000, 500);
        (now.uptime, now.draining) = (Duration::from_millis(3_720_999), true);
        assert_eq!(
            Status { before: &before, now: &now, passed: Duration::from_secs(2) }.to_string(),
            "3 open, 1 connecting, 120 in all, 2 failed, 4 refused; \
             there 1.5 MB/s (3.0 MB), back 250 B/s (500 B); 1 h 2 min; draining"
        );
    }
}
