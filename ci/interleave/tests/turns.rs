//! No wake is lost: under every schedule that is tried, every call of `block_on` returns.

use std::task::Poll;

use interleave::Reactor;
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;

/// How many schedules each test tries: half of them random, half by priorities.
const SCHEDULES: usize = 100_000;

fn under_many_schedules(test: impl Fn() + Send + Sync + Clone + 'static) {
    shuttle::check_random(test.clone(), SCHEDULES / 2);
    shuttle::check_pct(test, SCHEDULES / 2, 3);
}

#[test]
fn every_thread_gets_its_event() {
    under_many_schedules(|| {
        let reactor = Reactor::new();
        let waiting: Vec<_> =
            (0..3).map(|id| thread::spawn(move || reactor.block_on(reactor.event(id)))).collect();
        (0..3).for_each(|id| reactor.happen(id));
        waiting.into_iter().for_each(|it| it.join().unwrap());
    });
}

#[test]
fn a_thread_in_turn_wakes_one_without_an_event() {
    under_many_schedules(|| {
        let reactor = Reactor::new();
        let (stored, answer) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(false)));
        let (waker, done) = (Arc::clone(&stored), Arc::clone(&answer));
        let asks = thread::spawn(move || {
            reactor.block_on(std::future::poll_fn(|cx| {
                *waker.lock().unwrap() = Some(cx.waker().clone());
                if *done.lock().unwrap() { Poll::Ready(()) } else { Poll::Pending }
            }));
        });
        let answers = thread::spawn(move || {
            reactor.block_on(reactor.event(0));
            *answer.lock().unwrap() = true;
            let waker: Option<std::task::Waker> = stored.lock().unwrap().take();
            waker.into_iter().for_each(std::task::Waker::wake);
        });
        reactor.happen(0);
        asks.join().unwrap();
        answers.join().unwrap();
    });
}

#[test]
fn a_thread_that_leaves_hands_its_turn_over() {
    under_many_schedules(|| {
        let reactor = Reactor::new();
        let first = thread::spawn(move || {
            for id in [0, 2] {
                reactor.block_on(reactor.event(id));
            }
        });
        let second = thread::spawn(move || reactor.block_on(reactor.event(1)));
        (0..3).for_each(|id| reactor.happen(id));
        first.join().unwrap();
        second.join().unwrap();
    });
}

#[test]
fn the_fallback_hands_its_turn_over() {
    under_many_schedules(|| {
        let reactor = Reactor::new();
        // The second event happens after the fallback has been relieved.
        let fallback = thread::spawn(move || {
            reactor.drive();
            reactor.happen(1);
        });
        let waits = thread::spawn(move || reactor.block_on(reactor.event(0)));
        reactor.happen(0);
        waits.join().unwrap();
        reactor.block_on(reactor.event(1));
        fallback.join().unwrap();
    });
}
