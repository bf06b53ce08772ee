//! Applies the time limits of a single connection, for commands without a relay service.

use std::future::Future;
use std::time::Instant;

use smol::Timer;
use smol::future::FutureExt;

use crate::cli::args::Terms;
use crate::cli::exit::Failure;
use crate::relay::proto::overdue::{Life, Overdue, TimeLimits};
use crate::runtime::{Connection, Relay, Traffic};

/// Relays between `a` and standard input and output (`b`). Ends when both have ended, and fails
/// when a limit of `terms` is exceeded.
pub(in crate::cli) async fn relay_within(
    a: Connection,
    b: Connection,
    terms: Terms,
) -> Result<(), Failure> {
    let Terms { limits, no_shutdown, end_on_close } = terms;
    let traffic = Traffic::new();
    let mut relay = Relay::new(a, b, &traffic).with_half_close_limit(limits.half_close);
    if no_shutdown {
        relay = relay.keeping_a_open();
    }
    if end_on_close {
        relay = relay.ending_with_a();
    }
    let relaying = async { Ok(relay.await.map(drop)?) };
    let moved = || {
        let so_far = traffic.so_far();
        so_far.a_to_b.wrapping_add(so_far.b_to_a)
    };
    within(limits, moved, relaying).await
}

/// Runs `work`, and fails if a time limit is exceeded first. `moved` returns the number of bytes
/// relayed so far, from which idleness is derived.
async fn within<T>(
    limits: TimeLimits,
    moved: impl Fn() -> u64,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let Some(period) = limits.period() else { return work.await };
    let began = Instant::now();
    let watching = async {
        let mut life = Life::begun(began.elapsed());
        loop {
            Timer::after(period).await;
            match limits.look(&mut life, Some(moved()), began.elapsed()) {
                None => {}
                Some(Overdue::Idle) => {
                    return Err(Failure::Idle(limits.idle.unwrap_or_default()));
                }
                // This result ends the loop, so the limit is reported only once.
                Some(Overdue::TooOld | Overdue::StillOpen) => {
                    return Err(Failure::TooOld(limits.lifetime.unwrap_or_default()));
                }
            }
        }
    };
    work.or(watching).await
}
