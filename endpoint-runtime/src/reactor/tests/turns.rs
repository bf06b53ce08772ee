//! Tests of turns and timers: threads inside `block_on` take turns and pass them on.

use std::future::poll_fn;
use std::io::{Read, Write};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use smol::future::{FutureExt, or, poll_once, yield_now, zip};
use smol::io::AsyncWriteExt;
use smol::{Executor, channel};

use super::super::sources::Sources;
use super::super::{Timer, give_way, next_turn, wake_later};
use super::{Count, reactors, read_one, readable, tcp_pair, wait_until};

#[test]
fn several_block_at_once_and_within_each_other() {
    for reactor in reactors() {
        let pairs = [tcp_pair(reactor), tcp_pair(reactor), tcp_pair(reactor)];
        let threads = pairs.map(|(mut ours, mut theirs)| {
            thread::spawn(move || {
                let echo = thread::spawn(move || {
                    let mut byte = [0];
                    while theirs.read(&mut byte).unwrap() == 1 {
                        theirs.write_all(&byte).unwrap();
                    }
                });
                reactor.block_on(async {
                    for round in 0..200 {
                        ours.write_all(&[round]).await.unwrap();
                        let read = if round % 2 == 0 {
                            reactor.block_on(read_one(&mut ours))
                        } else {
                            read_one(&mut ours).await
                        };
                        assert_eq!(read, Some(round));
                    }
                });
                drop(ours);
                echo.join().unwrap();
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

#[test]
fn the_fallback_wakes_tasks_of_other_executors() {
    for reactor in reactors() {
        let (mut ours, mut theirs) = tcp_pair(reactor);
        let (told, begun) = mpsc::channel();
        let reading = thread::spawn(move || {
            smol::block_on(async {
                let mut reading = Box::pin(read_one(&mut ours));
                let first = poll_fn(|cx| Poll::Ready(reading.poll(cx).is_pending())).await;
                told.send(first).unwrap();
                reading.await
            })
        });
        assert!(begun.recv().unwrap(), "nothing was sent yet");
        theirs.write_all(b"x").unwrap();
        assert_eq!(reading.join().unwrap(), Some(b'x'));
    }
}

#[test]
fn a_thread_that_leaves_hands_over_the_reactor() {
    for reactor in reactors() {
        for _ in 0..200 {
            let mut pairs = [tcp_pair(reactor), tcp_pair(reactor), tcp_pair(reactor)];
            let ready = Barrier::new(4);
            thread::scope(|scope| {
                let mut writers = Vec::new();
                for (ours, theirs) in &mut pairs {
                    writers.push(theirs);
                    let ready = &ready;
                    scope.spawn(move || {
                        reactor.block_on(async {
                            let mut reading = Box::pin(read_one(ours));
                            assert!(poll_once(&mut reading).await.is_none());
                            ready.wait();
                            assert_eq!(reading.await, Some(b'x'));
                        });
                    });
                }
                ready.wait();
                // Two threads leave at once. The reactor may have chosen one of them to take the
                // next turn.
                let last = writers.remove(0);
                for writer in writers {
                    writer.write_all(b"x").unwrap();
                }
                last.write_all(b"x").unwrap();
            });
        }
    }
}

#[test]
fn no_wake_up_from_another_thread_is_lost() {
    for reactor in reactors() {
        let (ask, asked) = channel::bounded(1);
        let (answer, answered) = channel::bounded(1);
        let other = thread::spawn(move || {
            reactor.block_on(async {
                while let Ok(number) = asked.recv().await {
                    answer.send(number).await.unwrap();
                }
            });
        });
        reactor.block_on(async {
            for number in 0..5_000 {
                ask.send(number).await.unwrap();
                assert_eq!(answered.recv().await, Ok(number));
            }
        });
        drop(ask);
        other.join().unwrap();
    }
}

#[test]
fn an_earlier_timer_of_another_thread_shortens_a_wait() {
    for reactor in reactors() {
        let (tell, told) = channel::bounded::<()>(1);
        let (sleeps, asleep) = mpsc::channel();
        let mut timer = Timer::after(Duration::from_millis(20));
        let waiting = thread::spawn(move || {
            reactor.block_on(async {
                let mut telling = Box::pin(told.recv());
                assert!(poll_once(&mut telling).await.is_none());
                sleeps.send(()).unwrap();
                telling.await.unwrap_err();
            });
        });
        asleep.recv().unwrap();
        // The timer belongs to this reactor, whose turns the other thread takes.
        if reactor.block_on(poll_once(&mut timer)).is_none() {
            smol::block_on(timer);
        }
        drop(tell);
        waiting.join().unwrap();
    }
}

#[test]
fn timers_fire_in_their_order_and_can_be_forgotten() {
    for reactor in reactors() {
        let began = Instant::now();
        let ms = Duration::from_millis;
        let order = reactor.block_on(async {
            let (later, sooner) = (Timer::after(ms(20)), Timer::at(began + ms(5)));
            let mut fired = Vec::new();
            let mut never = Timer::never();
            let mut dropped = Box::pin(Timer::after(ms(1)));
            poll_fn(|cx| Poll::Ready(Pin::new(&mut dropped).poll(cx).is_pending())).await;
            drop(dropped);
            let both = zip(later, sooner);
            let both = async {
                both.await;
                fired.push(began.elapsed());
            };
            or(both, &mut never).await;
            fired
        });
        assert!(order[0] >= ms(20));
        // Outside of `block_on`, timers belong to async-io and work as well.
        smol::block_on(Timer::after(ms(5)));
        assert!(began.elapsed() >= ms(25));
    }
}

#[test]
fn a_task_that_yields_comes_after_those_whose_sockets_are_ready() {
    for reactor in reactors() {
        let (ours, mut theirs) = tcp_pair(reactor);
        reactor.block_on(async {
            assert!(poll_once(readable(&ours)).await.is_none());
            theirs.write_all(b"x").unwrap();
            next_turn().await;
            assert!(poll_once(readable(&ours)).await.is_some());
        });
        // `next_turn` works on another executor too.
        smol::block_on(next_turn());
    }
}

#[test]
fn a_task_that_yields_is_pending_until_the_turn_has_passed() {
    for reactor in reactors() {
        let (ours, mut theirs) = tcp_pair(reactor);
        reactor.block_on(async {
            assert!(poll_once(readable(&ours)).await.is_none());
            theirs.write_all(b"x").unwrap();
            let mut yielding = pin!(next_turn());
            for _ in 0..3 {
                assert!(poll_once(&mut yielding).await.is_none(), "other events poll it, too");
            }
            yielding.await;
            assert!(poll_once(readable(&ours)).await.is_some());
        });
    }
}

/// A task that always has more work. Counts in `polls` how many times it is polled.
async fn busy(polls: &AtomicUsize) -> Option<u8> {
    poll_fn(|cx| {
        polls.fetch_add(1, Ordering::SeqCst);
        give_way();
        wake_later(cx);
        Poll::Pending
    })
    .await
}

#[test]
fn a_busy_task_lets_others_read() {
    for reactor in reactors() {
        let (mut ours, mut theirs) = tcp_pair(reactor);
        let polls = AtomicUsize::new(0);
        let executor = Executor::new();
        let read = reactor.block_on(executor.run(async {
            let _busy = executor.spawn(busy(&polls));
            while polls.load(Ordering::SeqCst) == 0 {
                yield_now().await;
            }
            let reading = executor.spawn(async move { read_one(&mut ours).await });
            theirs.write_all(b"x").unwrap();
            polls.store(0, Ordering::SeqCst);
            reading.await
        }));
        assert_eq!(read, Some(b'x'));
        // Without `wake_later`, an executor polls 200 tasks of its queue before it looks at others.
        let polls = polls.load(Ordering::SeqCst);
        assert!(polls < 20, "{polls}");
    }
}

#[test]
fn a_task_may_continue_on_another_executor() {
    let polls = AtomicUsize::new(0);
    let enough = poll_fn(|_| match polls.load(Ordering::SeqCst) {
        0..3 => Poll::Pending,
        _ => Poll::Ready(None),
    });
    assert_eq!(smol::block_on(or(busy(&polls), enough)), None);
}

#[test]
fn a_thread_joined_inside_block_on_has_timers() {
    for reactor in reactors() {
        reactor.block_on(async {
            let waiting = thread::spawn(|| smol::block_on(Timer::after(Duration::from_millis(5))));
            waiting.join().unwrap();
        });
    }
}

#[test]
fn a_busy_thread_hands_over_the_reactor() {
    for reactor in reactors() {
        for _ in 0..200 {
            let mut pairs = [tcp_pair(reactor), tcp_pair(reactor), tcp_pair(reactor)];
            let ready = Barrier::new(4);
            let (done, is_done) = mpsc::channel();
            let is_done = Mutex::new(is_done);
            thread::scope(|scope| {
                let mut writers = Vec::new();
                for (index, (ours, theirs)) in pairs.iter_mut().enumerate() {
                    writers.push(theirs);
                    let (ready, done, is_done) = (&ready, done.clone(), &is_done);
                    scope.spawn(move || {
                        reactor.block_on(async {
                            let mut reading = Box::pin(read_one(ours));
                            assert!(poll_once(&mut reading).await.is_none());
                            ready.wait();
                            assert_eq!(reading.await, Some(b'x'));
                            match index {
                                // Two tasks are busy until the third was polled.
                                0 | 1 => is_done.lock().unwrap().recv().unwrap(),
                                _ => [(), ()].map(|()| done.send(()).unwrap())[0],
                            }
                        });
                    });
                }
                ready.wait();
                for writer in writers {
                    writer.write_all(b"x").unwrap();
                }
            });
        }
    }
}

struct Panicking(mpsc::Sender<()>);

impl Wake for Panicking {
    fn wake(self: Arc<Self>) {
        self.0.send(()).unwrap();
        panic!("no waker should");
    }
}

#[test]
fn a_waker_that_panics_does_not_end_the_fallback() {
    for reactor in reactors() {
        let (ours, mut theirs) = tcp_pair(reactor);
        let (tell, told) = mpsc::channel();
        let waker = Waker::from(Arc::new(Panicking(tell)));
        assert!(ours.poll_readable(&mut Context::from_waker(&waker)).is_pending());
        theirs.write_all(b"x").unwrap();
        told.recv().unwrap();
        smol::block_on(Timer::after(Duration::from_millis(5)));
    }
}

#[test]
fn a_waker_that_panics_does_not_keep_others_from_being_woken() {
    for reactor in reactors() {
        let (tell, told) = mpsc::channel();
        let count = Arc::new(Count::default());
        let wakers = [Waker::from(Arc::new(Panicking(tell))), Waker::from(Arc::clone(&count))];
        let at = Instant::now() + Duration::from_millis(5);
        let mut timers = wakers.each_ref().map(|_| Timer::at(at));
        for (timer, waker) in timers.iter_mut().zip(&wakers) {
            assert!(Pin::new(timer).poll(&mut Context::from_waker(waker)).is_pending());
        }
        told.recv().unwrap();
        wait_until(reactor, || count.0.load(Ordering::SeqCst) > 0);
    }
}

#[test]
fn an_interruption_of_the_first_turn_is_not_lost() {
    // The first turn has to open the poller, and must not miss an interruption meanwhile.
    let sources = &*Box::leak(Box::new(Sources::new()));
    let (woken, at) = (Arc::new(Count::default()), Instant::now() + Duration::from_secs(60));
    sources.insert_timer(at, Waker::from(Arc::clone(&woken)));
    sources.wait(&mut Vec::new(), || {
        sources.interrupt();
        true
    });
    assert!(Instant::now() < at);
}
