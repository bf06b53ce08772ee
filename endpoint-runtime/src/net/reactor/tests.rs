//! Sockets and timers on the reactor, driven by `block_on` and by the thread.

use std::future::poll_fn;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use smol::future::{FutureExt, or, zip};
use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::{Async, Timer, block_on, sole};

fn tcp_pair() -> (Async<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.accept().unwrap();
    ours.set_nonblocking(true).unwrap();
    (sole(ours).unwrap(), theirs)
}

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

async fn read_one(socket: &mut Async<TcpStream>) -> Option<u8> {
    let mut byte = [0];
    (socket.read(&mut byte).await.unwrap() == 1).then_some(byte[0])
}

#[test]
fn what_comes_later_wakes_whoever_blocks() {
    let (mut ours, mut theirs) = tcp_pair();
    let read = block_on(async {
        let mut begun = false;
        let reading = async { read_one(&mut ours).await };
        let sending = poll_fn(|_| {
            // After the read was polled once, and has to wait.
            if !std::mem::replace(&mut begun, true) {
                theirs.write_all(b"x").unwrap();
            }
            Poll::<Option<u8>>::Pending
        });
        or(reading, sending).await
    });
    assert_eq!(read, Some(b'x'));
}

#[test]
fn the_thread_wakes_those_of_other_executors() {
    let (mut ours, mut theirs) = tcp_pair();
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

#[test]
fn several_block_at_once_and_within_each_other() {
    let pairs = [tcp_pair(), tcp_pair(), tcp_pair()];
    let threads = pairs.map(|(mut ours, mut theirs)| {
        thread::spawn(move || {
            let echo = thread::spawn(move || {
                let mut byte = [0];
                while theirs.read(&mut byte).unwrap() == 1 {
                    theirs.write_all(&byte).unwrap();
                }
            });
            block_on(async {
                for round in 0..200 {
                    ours.write_all(&[round]).await.unwrap();
                    let read = if round % 2 == 0 {
                        block_on(read_one(&mut ours))
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

#[test]
fn one_event_may_stand_for_data_and_its_end() {
    let (mut ours, mut theirs) = tcp_pair();
    block_on(async {
        poll_fn(|cx| {
            assert!(ours.poll_readable(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        theirs.write_all(b"last").unwrap();
        drop(theirs);
        let mut bytes = [0; 16];
        // The waiting side looks only after both have come.
        let read = poll_fn(|cx| ours.poll_readable(cx)).await.map(|()| 4);
        assert_eq!((read.unwrap(), ours.read(&mut bytes).await.unwrap()), (4, 4));
        poll_fn(|cx| ours.poll_readable(cx)).await.unwrap();
        assert_eq!(ours.read(&mut bytes).await.unwrap(), 0);
    });
}

#[test]
fn what_was_left_is_not_missed() {
    let (ours, mut theirs) = UnixStream::pair().unwrap();
    let mut ours = Async::new(ours).unwrap();
    theirs.write_all(b"ab").unwrap();
    block_on(async {
        let mut byte = [0];
        for expected in [b'a', b'b'] {
            poll_fn(|cx| ours.poll_readable(cx)).await.unwrap();
            assert_eq!((ours.read(&mut byte).await.unwrap(), byte[0]), (1, expected));
        }
    });
}

#[test]
fn who_waits_in_vain_is_woken_once_and_forgotten_with_the_socket() {
    let (ours, mut theirs) = tcp_pair();
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    assert!(ours.poll_readable(&mut Context::from_waker(&waker)).is_pending());
    theirs.write_all(b"x").unwrap();
    block_on(poll_fn(|cx| {
        if count.0.load(Ordering::SeqCst) == 1 {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
    drop((ours, waker));
    assert_eq!(Arc::strong_count(&count), 1);
}

#[test]
fn a_full_socket_is_written_when_there_is_room() {
    let (mut ours, mut theirs) = tcp_pair();
    let reading = thread::spawn(move || {
        let mut read = Vec::new();
        theirs.read_to_end(&mut read).map(|_| read.len())
    });
    let sent = vec![7; 16 << 20];
    block_on(ours.write_all(&sent)).unwrap();
    drop(ours);
    assert_eq!(reading.join().unwrap().unwrap(), sent.len());
}

#[test]
fn timers_fire_in_their_order_and_can_be_forgotten() {
    let began = Instant::now();
    let ms = Duration::from_millis;
    let order = block_on(async {
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
    // Another executor has them, too.
    smol::block_on(Timer::after(ms(5)));
    assert!(began.elapsed() >= ms(25));
}
