//! Tests of the fallback: it serves sockets of code that blocks inside `block_on` or outlives it.

use std::future::poll_fn;
use std::io::Write;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use smol::Executor;
use smol::future::{pending, poll_once};

use super::super::Timer;
use super::{reactors, read_one, tcp_pair};

#[test]
fn another_block_on_inside_is_served() {
    for reactor in reactors() {
        for _ in 0..3 {
            let (mut ours, mut theirs) = tcp_pair(reactor);
            reactor.block_on(async {
                let read = smol::block_on(async {
                    let mut reading = Box::pin(read_one(&mut ours));
                    assert!(poll_once(&mut reading).await.is_none());
                    theirs.write_all(b"x").unwrap();
                    reading.await
                });
                assert_eq!(read, Some(b'x'));
            });
        }
    }
}

#[test]
fn a_task_that_moved_to_another_thread_is_served() {
    for reactor in reactors() {
        let executor: &'static Executor<'static> = Box::leak(Box::default());
        let (mut ours, mut theirs) = tcp_pair(reactor);
        let (tell, told) = mpsc::channel();
        reactor.block_on(async {
            let reading = async move { tell.send(read_one(&mut ours).await).unwrap() };
            executor.spawn(reading).detach();
            executor.tick().await;
            thread::spawn(|| smol::block_on(executor.run(pending::<()>())));
            theirs.write_all(b"x").unwrap();
            assert_eq!(told.recv().unwrap(), Some(b'x'));
        });
    }
}

#[test]
fn a_socket_that_outlives_its_block_on_is_served() {
    for reactor in reactors() {
        let (mut ours, mut theirs) = tcp_pair(reactor);
        let mut reading =
            Box::pin(async { (read_one(&mut ours).await, read_one(&mut ours).await) });
        assert!(reactor.block_on(poll_once(&mut reading)).is_none());
        let writing = thread::spawn(move || {
            theirs.write_all(b"x").unwrap();
            theirs.write_all(b"y").unwrap();
            theirs
        });
        assert_eq!(smol::block_on(reading), (Some(b'x'), Some(b'y')));
        writing.join().unwrap();
    }
}

#[test]
fn a_timer_that_outlives_its_block_on_fires() {
    for reactor in reactors() {
        let began = Instant::now();
        let mut timer = Timer::after(Duration::from_millis(20));
        if reactor.block_on(poll_once(&mut timer)).is_none() {
            smol::block_on(timer);
        }
        assert!(began.elapsed() >= Duration::from_millis(20));
    }
}

#[test]
fn the_thread_that_was_blocked_takes_its_turns_again() {
    for reactor in reactors() {
        let (mut ours, mut theirs) = tcp_pair(reactor);
        reactor.block_on(async {
            // The inner timer belongs to the reactor. When it fires, the fallback is running.
            smol::block_on(Timer::after(Duration::from_millis(1)));
            for _ in 0..100 {
                let mut reading = Box::pin(read_one(&mut ours));
                assert!(poll_once(&mut reading).await.is_none());
                theirs.write_all(b"x").unwrap();
                assert_eq!(reading.await, Some(b'x'));
            }
            let mut polls = 0;
            poll_fn(|cx| {
                polls += 1;
                if reactor.turns.fallback.drives.load(Ordering::SeqCst) {
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Ready(())
            })
            .await;
        });
    }
}
