//! Laws of pauses after failures: of clients that reconnect, and of listeners that cannot accept.

use std::time::Duration;

use endpoint_runtime::proto::backoff::{
    ACCEPT_FIRST_PAUSE, ACCEPT_LONGEST_PAUSE, AcceptBackoff, AcceptFailure, AcceptOrder,
    DEAD_IN_A_ROW,
};
use endpoint_runtime::proto::retry::{Retry, RetryOrder, RetryPolicy};

/// Checks the law. Each byte is an event, such as a failure.
pub fn holds(script: &[u8]) {
    retry(script);
    accept(script);
}

/// Returns rows of failures of every length that matters, with other events between them.
pub fn samples() -> Vec<Vec<u8>> {
    let mut scripts = Vec::new();
    for policy in [[100, 200, 9, 0], [10, 255, 3, 1], [255, 1, 255, 128], [0, 0, 0, 255]] {
        for count in [1, 2, 9, 63, 64, 65, 130] {
            for event in [0_u8, 2, 4, 254] {
                for between in [1, 3, 41, 255] {
                    let row = vec![event; count];
                    scripts.push([&policy[..], &row, &[between], &row].concat());
                }
            }
        }
    }
    scripts
}

/// Returns the pause after a number of failures in a row: it doubles up to the maximum.
fn doubled(first: Duration, longest: Duration, failures: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(failures - 1)).min(longest)
}

/// The maximum pause doubles with each failure in a row, and jitter only shortens it.
fn retry(script: &[u8]) {
    let [first, longest, attempts, jitter, events @ ..] = script else { return };
    let mut policy = RetryPolicy::default();
    policy.first = Duration::from_millis(u64::from(*first) * 10);
    policy.longest = Duration::from_millis(u64::from(*longest) * 100);
    policy.attempts = Some(u32::from(*attempts));
    // A jitter above 1 is tried too: the machine must limit it to the whole pause.
    policy.jitter = f64::from(*jitter) / 127.0;
    let mut retry = Retry::new(policy);
    // A connection that ends sooner than the pause before it lasted counts as a failure.
    let (mut failures, mut doublings, mut last) = (0, 0, Duration::ZERO);
    for event in events {
        // Random values outside 0 to 1 are tried too: they must never lengthen a pause.
        let chance = f64::from(event >> 1) / 120.0 - 0.05;
        let lasted = Duration::from_millis(u64::from(*event) * 50);
        let pause = if event & 1 == 0 {
            failures += 1;
            match retry.failed(chance) {
                RetryOrder::GiveUp => {
                    assert!(failures >= u32::from(*attempts), "given up too early");
                    return;
                }
                RetryOrder::Wait(pause) => {
                    assert!(failures < u32::from(*attempts), "{failures} failures are too many");
                    pause
                }
            }
        } else {
            if lasted < last {
                failures += 1;
            } else {
                (failures, doublings) = (0, 0);
            }
            retry.ended(lasted, chance)
        };
        doublings += 1;
        last = doubled(policy.first, policy.longest, doublings);
        assert_eq!(retry.failures(), failures);
        let expected = last.mul_f64(1.0 - (policy.jitter * chance).clamp(0.0, 1.0));
        assert!(pause.abs_diff(expected) <= Duration::from_nanos(2), "{pause:?}, not {expected:?}");
    }
}

/// Dead connections cause no pause until many arrive in a row. Shortages cause ever longer pauses.
fn accept(script: &[u8]) {
    let mut backoff = AcceptBackoff::default();
    let (mut dead, mut shortages) = (0, 0);
    for event in script {
        match event % 5 {
            0 | 2 => {
                dead += 1;
                let expected = if dead > DEAD_IN_A_ROW {
                    dead = 0;
                    AcceptOrder::Pause(ACCEPT_FIRST_PAUSE)
                } else {
                    AcceptOrder::RetryNow
                };
                assert_eq!(backoff.failed(AcceptFailure::DeadConnection), expected);
            }
            1 | 4 => {
                shortages += 1;
                let pause = doubled(ACCEPT_FIRST_PAUSE, ACCEPT_LONGEST_PAUSE, shortages);
                let expected = AcceptOrder::Pause(pause);
                assert_eq!(backoff.failed(AcceptFailure::Shortage), expected);
            }
            _ => {
                assert_eq!(backoff.accepted(), shortages > 0);
                (dead, shortages) = (0, 0);
            }
        }
        assert_eq!(backoff.is_short(), shortages > 0);
    }
}
