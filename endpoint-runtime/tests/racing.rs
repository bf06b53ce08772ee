//! Tests of each rule of RFC 8305 that applies to a client, on a simulated clock and network.
//!
//! `racing_laws.rs` tests the laws of all races. A script has one line for each order of the
//! machine: the time in milliseconds, and the action.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sim;

use std::net::SocketAddr;

use endpoint_runtime::proto::eyeballs::Loss;
use sim::race::Behavior::{AnswersAfter, BlackHole, RefusesAfter};
use sim::race::{Outcome, Sim, ms, v4, v6};

/// §3: "if a positive AAAA response (a response containing at least one valid AAAA record) is
/// received first, the first IPv6 connection attempt is immediately started."
#[test]
fn an_answer_with_ipv6_starts_at_once() {
    let sim = Sim::new(ms(30_000))
        .answer(10, &[(v6(1), AnswersAfter(20))])
        .answer(15, &[(v4(1), BlackHole)])
        .resolved(15);
    assert_eq!(sim.script(), "   10 start 2001:db8::1\n   30 won by 2001:db8::1\n");
}

/// §3: "If a positive A response is received first due to reordering, the client SHOULD wait a
/// short time for the AAAA response to ensure that preference is given to IPv6". "If a positive
/// AAAA response is received within the Resolution Delay period, the client immediately starts the
/// IPv6 connection attempt."
#[test]
fn ipv4_waits_for_ipv6_which_then_starts_at_once() {
    let sim = Sim::new(ms(30_000))
        .answer(10, &[(v4(1), BlackHole)])
        .answer(59, &[(v6(1), AnswersAfter(20))])
        .resolved(59);
    assert_eq!(sim.script(), "   59 start 2001:db8::1\n   79 won by 2001:db8::1\n");
}

/// §3: "If a negative AAAA response (no valid AAAA records) is received within the Resolution Delay
/// period or the AAAA response has not been received by the end of the Resolution Delay period, the
/// client SHOULD proceed […] using any IPv4 addresses received so far."
#[test]
fn ipv4_goes_on_without_ipv6() {
    let negative = Sim::new(ms(30_000)).answer(10, &[(v4(1), AnswersAfter(5))]).resolved(30);
    assert_eq!(negative.script(), "   30 start 192.0.2.1\n   35 won by 192.0.2.1\n");

    let none = Sim::new(ms(30_000)).answer(10, &[(v4(1), AnswersAfter(5))]);
    assert_eq!(none.script(), "   60 start 192.0.2.1\n   65 won by 192.0.2.1\n");
}

/// An empty answer is negative for an unspecified family. The other family may still arrive.
#[test]
fn an_empty_answer_starts_nothing_and_ends_nothing() {
    let sim = Sim::new(ms(30_000))
        .answer(5, &[])
        .answer(10, &[(v4(1), AnswersAfter(5))])
        .answer(15, &[])
        .resolved(20);
    assert_eq!(sim.script(), "   20 start 192.0.2.1\n   25 won by 192.0.2.1\n");
}

/// getaddrinfo returns all addresses at once, so there is nothing to wait for.
#[test]
fn ipv4_alone_does_not_wait_when_the_resolver_is_done() {
    let sim = Sim::with(&[(v4(1), AnswersAfter(5))]);
    assert_eq!(sim.script(), "    0 start 192.0.2.1\n    5 won by 192.0.2.1\n");
}

/// §3: "If the AAAA response arrives while these connection attempts are in progress but before any
/// connection has been established, then the newly received IPv6 addresses are incorporated into
/// the list of available candidate addresses".
#[test]
fn addresses_that_come_late_are_tried_too() {
    let sim = Sim::new(ms(30_000))
        .answer(0, &[(v4(1), BlackHole), (v4(2), BlackHole)])
        .answer(100, &[(v6(1), AnswersAfter(20))])
        .resolved(100);
    assert_eq!(
        sim.script(),
        "   50 start 192.0.2.1\n  \
           300 start 2001:db8::1\n  \
           320 close 192.0.2.1\n  \
           320 won by 2001:db8::1\n"
    );
}

/// §4: "the client MUST sort the addresses received up to this point using Destination Address
/// Selection ([RFC6724], Section 6)": getaddrinfo has done so, and its order within a family stays.
///
/// §4: "if the first address in the sorted list is IPv6, then the first IPv4 address should be
/// moved up in the list to be second in the list." §8: the First Address Family Count is
/// "Recommended to be 1".
#[test]
fn families_are_interleaved() {
    let sim = Sim::with(&[
        (v6(1), RefusesAfter(0)),
        (v6(2), RefusesAfter(0)),
        (v6(3), RefusesAfter(0)),
        (v4(1), RefusesAfter(0)),
        (v4(2), AnswersAfter(0)),
    ]);
    assert_eq!(
        sim.script(),
        "    0 start 2001:db8::1\n    \
             0 start 192.0.2.1\n    \
             0 start 2001:db8::2\n    \
             0 start 192.0.2.2\n    \
             0 won by 192.0.2.2\n"
    );
}

/// §4: "Whichever address family is first in the list should be followed by an address of the other
/// address family".
#[test]
fn the_resolver_says_which_family_is_first() {
    let mut sim = Sim::with(&[
        (v4(1), RefusesAfter(0)),
        (v4(2), RefusesAfter(0)),
        (v6(1), RefusesAfter(0)),
        (v4(3), RefusesAfter(0)),
    ]);
    assert_eq!(sim.run(), Outcome::Lost(Loss::AllFailed));
    assert_eq!(addresses(&sim), [v4(1), v6(1), v4(2), v4(3)]);
}

/// §5: "connection attempts SHOULD NOT be made simultaneously. Instead, one connection attempt to a
/// single address is started first, followed by the others in the list, one at a time." "Starting a
/// new connection attempt does not affect previous attempts, as multiple connection attempts may
/// occur in parallel." "One recommended value for a default delay is 250 milliseconds."
#[test]
fn attempts_are_staggered_and_go_on_side_by_side() {
    let sim = Sim::with(&[
        (v6(1), AnswersAfter(600)),
        (v4(1), BlackHole),
        (v6(2), BlackHole),
        (v4(2), AnswersAfter(0)),
    ]);
    assert_eq!(
        sim.script(),
        "    0 start 2001:db8::1\n  \
           250 start 192.0.2.1\n  \
           500 start 2001:db8::2\n  \
           600 close 192.0.2.1\n  \
           600 close 2001:db8::2\n  \
           600 won by 2001:db8::1\n"
    );
}

/// §5: "When one connection attempt succeeds (generally when the TCP handshake completes), all
/// other connections attempts that have not yet succeeded SHOULD be canceled. Any address that was
/// not yet attempted as a connection SHOULD be ignored."
#[test]
fn the_first_success_ends_the_race() {
    let sim = Sim::with(&[(v6(1), BlackHole), (v4(1), AnswersAfter(30)), (v6(2), BlackHole)]);
    assert_eq!(
        sim.script(),
        "    0 start 2001:db8::1\n  \
           250 start 192.0.2.1\n  \
           280 close 2001:db8::1\n  \
           280 won by 192.0.2.1\n"
    );
}

/// §5: "At that time, the asynchronous DNS query MAY be canceled as new addresses will not be used
/// for this connection."
#[test]
fn a_won_race_does_not_wait_for_the_resolver() {
    let sim = Sim::new(ms(30_000)).answer(0, &[(v6(1), AnswersAfter(10))]);
    assert_eq!(sim.script(), "    0 start 2001:db8::1\n   10 won by 2001:db8::1\n");
}

/// The RFC does not define what follows a failure. Here, the next attempt starts immediately.
#[test]
fn a_failure_starts_the_next_attempt_at_once() {
    let sim = Sim::with(&[(v6(1), RefusesAfter(30)), (v4(1), BlackHole), (v6(2), BlackHole)])
        .cancelled(1000);
    assert_eq!(
        sim.script(),
        "    0 start 2001:db8::1\n   \
            30 start 192.0.2.1\n  \
           280 start 2001:db8::2\n \
          1000 close 192.0.2.1\n \
          1000 close 2001:db8::2\n \
          1000 Cancelled\n"
    );
    // It does not matter which of the running attempts fails.
    let sim = Sim::with(&[(v6(1), BlackHole), (v4(1), RefusesAfter(50)), (v6(2), AnswersAfter(0))]);
    assert_eq!(
        sim.script(),
        "    0 start 2001:db8::1\n  \
           250 start 192.0.2.1\n  \
           300 start 2001:db8::2\n  \
           300 close 2001:db8::1\n  \
           300 won by 2001:db8::2\n"
    );
}

/// §6: "If an address is added to the list, it should be sorted into the list of addresses not yet
/// attempted according to the rules above".
#[test]
fn addresses_that_come_late_are_interleaved() {
    let mut sim = Sim::new(ms(30_000))
        .answer(0, &[(v6(1), BlackHole), (v6(2), BlackHole), (v6(3), BlackHole)])
        .answer(100, &[(v4(1), BlackHole)])
        .answer(600, &[(v4(2), AnswersAfter(0)), (v6(2), BlackHole)]);
    assert_eq!(sim.run(), Outcome::Won(v4(2)));
    assert_eq!(addresses(&sim), [v6(1), v4(1), v6(2), v4(2)]);
}

/// §6 lets the client decide when to stop. An address that arrives after all others failed is tried
/// immediately.
#[test]
fn the_race_goes_on_while_the_resolver_does() {
    let sim = Sim::new(ms(30_000))
        .answer(0, &[(v6(1), RefusesAfter(5))])
        .answer(1000, &[(v4(1), AnswersAfter(5))]);
    assert_eq!(
        sim.script(),
        "    0 start 2001:db8::1\n \
          1000 start 192.0.2.1\n \
          1005 won by 192.0.2.1\n"
    );
}

#[test]
fn an_address_is_tried_once() {
    let mut sim = Sim::new(ms(30_000))
        .answer(0, &[(v6(1), RefusesAfter(5)), (v6(1), RefusesAfter(5))])
        .answer(10, &[(v6(1), RefusesAfter(5))])
        .resolved(10);
    assert_eq!(sim.run(), Outcome::Lost(Loss::AllFailed));
    assert_eq!(addresses(&sim), [v6(1)]);
}

#[test]
fn a_name_without_an_address_ends_the_race() {
    let sim = Sim::new(ms(30_000)).resolved(70);
    assert_eq!(sim.script(), "   70 NoAddress\n");
}

#[test]
fn every_attempt_has_the_limit_plus_its_delay() {
    let sim = Sim::new(ms(1000))
        .answer(40, &[(v6(1), BlackHole), (v4(1), BlackHole), (v6(2), BlackHole)])
        .resolved(40);
    assert_eq!(
        sim.script(),
        "   40 start 2001:db8::1\n  \
           290 start 192.0.2.1\n  \
           540 start 2001:db8::2\n \
          1000 time out 2001:db8::1\n \
          1250 time out 192.0.2.1\n \
          1500 time out 2001:db8::2\n \
          1500 OutOfTime\n"
    );
}

/// With a time limit shorter than the delay, all addresses are still tried.
#[test]
fn a_time_limit_is_a_failure_and_starts_the_next_attempt() {
    let sim =
        Sim::new(ms(100)).answer(0, &[(v6(1), BlackHole), (v4(1), AnswersAfter(50))]).resolved(0);
    assert_eq!(
        sim.script(),
        "    0 start 2001:db8::1\n  \
           100 time out 2001:db8::1\n  \
           100 start 192.0.2.1\n  \
           150 won by 192.0.2.1\n"
    );
}

#[test]
fn a_slow_resolver_leaves_no_time_for_attempts() {
    let silent = Sim::new(ms(1000));
    assert_eq!(silent.script(), " 1000 OutOfTime\n");
    let late = Sim::new(ms(1000)).answer(1001, &[(v6(1), AnswersAfter(0))]);
    assert_eq!(late.script(), " 1000 OutOfTime\n");
}

#[test]
fn a_cancelled_race_closes_everything() {
    let sim = Sim::with(&[(v6(1), BlackHole), (v4(1), BlackHole)]).cancelled(260);
    assert_eq!(
        sim.script(),
        "    0 start 2001:db8::1\n  \
           250 start 192.0.2.1\n  \
           260 close 2001:db8::1\n  \
           260 close 192.0.2.1\n  \
           260 Cancelled\n"
    );
}

/// The addresses of all attempts, in the order of their start.
fn addresses(sim: &Sim) -> Vec<SocketAddr> {
    sim.started.iter().map(|&(_, address)| address).collect()
}

/// §8: "The minimum time to wait between connection attempts. Recommended to be 100 milliseconds."
/// "The maximum time to wait between connection attempts. Recommended to be 2 seconds."
#[test]
fn another_delay_is_kept_within_its_bounds() {
    for (asked, kept) in [(500, 500), (10, 100), (0, 100), (9_000, 2_000)] {
        let sim = Sim::with(&[(v6(1), BlackHole), (v4(1), AnswersAfter(5))]).every(asked);
        let won = kept + 5;
        assert_eq!(
            sim.script(),
            format!(
                "    0 start 2001:db8::1\n{kept:5} start 192.0.2.1\n\
                 {won:5} close 2001:db8::1\n{won:5} won by 192.0.2.1\n"
            )
        );
    }
}
