//! Tests of sockets on the reactor, with every poller of this system: no event is missed.

use std::future::poll_fn;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use rustix::net::SendFlags;
use smol::future::{or, poll_once};
use smol::io::{AsyncReadExt, AsyncWriteExt};

use super::Async;
use super::sources::Sources;
use super::turns::Reactor;
use super::watched::Watched;
use crate::sys::poller::{self, Socket};

mod blocked;
mod turns;

/// A separate reactor for each poller that this system has.
fn reactors() -> impl Iterator<Item = &'static Reactor> {
    poller::all().into_iter().map(|poller| {
        let sources = Sources::on(poller);
        &*Box::leak(Box::new(Reactor { sources, ..Reactor::new() }))
    })
}

/// Registers a socket with this reactor, on any thread, even outside of `block_on`.
fn own<T: Socket>(reactor: &'static Reactor, socket: T) -> Async<T> {
    rustix::io::ioctl_fionbio(&socket, true).unwrap();
    Async::Ours(Watched::new(socket, reactor).unwrap())
}

/// A TCP connection: one end on the reactor, and one that blocks.
fn tcp_pair(reactor: &'static Reactor) -> (Async<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let theirs = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.accept().unwrap();
    (own(reactor, ours), theirs)
}

/// A waker that counts how many times it is woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Reads one byte; `None` at the end of file.
async fn read_one(socket: &mut Async<TcpStream>) -> Option<u8> {
    let mut byte = [0];
    (socket.read(&mut byte).await.unwrap() == 1).then_some(byte[0])
}

async fn readable<T: Socket>(socket: &Async<T>) -> io::Result<()> {
    poll_fn(|cx| socket.poll_readable(cx)).await
}

#[test]
fn data_that_comes_later_wakes_the_reader() {
    for reactor in reactors() {
        let (mut ours, mut theirs) = tcp_pair(reactor);
        let read = reactor.block_on(async {
            let mut begun = false;
            let reading = async { read_one(&mut ours).await };
            let sending = poll_fn(|_| {
                // `reading` was polled before and waits, so the data arrives later.
                if !std::mem::replace(&mut begun, true) {
                    theirs.write_all(b"x").unwrap();
                }
                Poll::<Option<u8>>::Pending
            });
            or(reading, sending).await
        });
        assert_eq!(read, Some(b'x'));
    }
}

#[test]
fn one_event_may_report_data_and_end_of_file() {
    for reactor in reactors() {
        let (mut ours, mut theirs) = tcp_pair(reactor);
        reactor.block_on(async {
            poll_fn(|cx| {
                assert!(ours.poll_readable(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            theirs.write_all(b"last").unwrap();
            drop(theirs);
            let mut bytes = [0; 16];
            // The task is polled only after both the data and the end have arrived.
            let read = readable(&ours).await.map(|()| 4);
            assert_eq!((read.unwrap(), ours.read(&mut bytes).await.unwrap()), (4, 4));
            readable(&ours).await.unwrap();
            assert_eq!(ours.read(&mut bytes).await.unwrap(), 0);
        });
    }
}

#[test]
fn data_that_a_short_read_left_is_not_missed() {
    for reactor in reactors() {
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        let mut ours = own(reactor, ours);
        theirs.write_all(b"ab").unwrap();
        reactor.block_on(async {
            let mut byte = [0];
            for expected in [b'a', b'b'] {
                readable(&ours).await.unwrap();
                assert_eq!((ours.read(&mut byte).await.unwrap(), byte[0]), (1, expected));
            }
        });
    }
}

#[test]
fn data_that_another_kind_of_read_left_is_not_missed() {
    for reactor in reactors() {
        let ((mut ours, mut theirs), (other, mut writer)) = (tcp_pair(reactor), tcp_pair(reactor));
        let one = |mut io: &TcpStream| Read::read(&mut io, &mut [0]);
        reactor.block_on(async {
            let mut bytes = [0; 16];
            assert!(poll_once(readable(&ours)).await.is_none());
            assert!(poll_once(readable(&other)).await.is_none());
            theirs.write_all(b"a").unwrap();
            assert_eq!(ours.read(&mut bytes).await.unwrap(), 1);
            // The event of the next bytes comes before that of the other socket, which was written
            // later.
            theirs.write_all(b"bc").unwrap();
            writer.write_all(b"x").unwrap();
            readable(&other).await.unwrap();
            // The first read emptied the socket, but this one does not: one byte remains.
            assert_eq!(poll_fn(|cx| ours.poll_read_with(cx, one)).await.unwrap(), 1);
            readable(&ours).await.unwrap();
            assert_eq!(ours.read(&mut bytes).await.unwrap(), 1);
        });
    }
}

#[test]
fn urgent_data_does_not_hide_the_data_behind_it() {
    for reactor in reactors() {
        let (mut ours, theirs) = tcp_pair(reactor);
        reactor.block_on(async {
            let mut bytes = [0; 16];
            rustix::net::send(&theirs, b"before!", SendFlags::OOB).unwrap();
            (&theirs).write_all(b"after").unwrap();
            // A read stops where the urgent byte was, which is not among the rest.
            let mut read = Vec::new();
            while read.len() < b"beforeafter".len() {
                readable(&ours).await.unwrap();
                let count = ours.read(&mut bytes).await.unwrap();
                read.extend_from_slice(&bytes[..count]);
            }
            assert_eq!(read, b"beforeafter");
        });
    }
}

#[test]
fn both_directions_are_waited_for_at_once() {
    for reactor in reactors() {
        let (ours, mut theirs) = tcp_pair(reactor);
        let counts = [Arc::new(Count::default()), Arc::new(Count::default())];
        let wakers = counts.clone().map(Waker::from);
        let mut contexts = wakers.each_ref().map(Context::from_waker);
        let write = |mut io: &TcpStream| io.write(&vec![7; 1 << 16]);
        let mut written = 0;
        while let Poll::Ready(count) = ours.poll_write_with(&mut contexts[1], write) {
            written += count.unwrap();
        }
        assert!(ours.poll_readable(&mut contexts[0]).is_pending());
        // Input wakes the reader, but does not make the socket writable.
        theirs.write_all(b"x").unwrap();
        wait_until(reactor, || counts[0].0.load(Ordering::SeqCst) > 0);
        let mut bytes = vec![0; written];
        theirs.read_exact(&mut bytes).unwrap();
        wait_until(reactor, || counts[1].0.load(Ordering::SeqCst) > 0);
        assert!(ours.poll_write_with(&mut contexts[1], write).is_ready());
    }
}

/// Takes turns of the reactor until `happened` returns true.
fn wait_until(reactor: &'static Reactor, happened: impl Fn() -> bool) {
    reactor.block_on(poll_fn(|cx| {
        if happened() {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }));
}

#[test]
fn a_reused_descriptor_is_another_socket() {
    for reactor in reactors() {
        for _ in 0..100 {
            let (ours, mut theirs) = tcp_pair(reactor);
            // Another descriptor of the socket stays open, as in a process that was just forked.
            let behind = ours.get_ref().try_clone().unwrap();
            let count = Arc::new(Count::default());
            let waker = Waker::from(Arc::clone(&count));
            assert!(ours.poll_readable(&mut Context::from_waker(&waker)).is_pending());
            drop(ours);
            let (mut again, mut writer) = tcp_pair(reactor);
            theirs.write_all(b"x").unwrap();
            writer.write_all(b"y").unwrap();
            assert_eq!(reactor.block_on(read_one(&mut again)), Some(b'y'));
            assert_eq!(count.0.load(Ordering::SeqCst), 0);
            drop(behind);
        }
    }
}

#[test]
fn a_waker_is_woken_once_and_dropped_with_the_socket() {
    for reactor in reactors() {
        let (ours, mut theirs) = tcp_pair(reactor);
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        assert!(ours.poll_readable(&mut Context::from_waker(&waker)).is_pending());
        theirs.write_all(b"x").unwrap();
        wait_until(reactor, || count.0.load(Ordering::SeqCst) == 1);
        drop((ours, waker));
        assert_eq!(Arc::strong_count(&count), 1);
    }
}

#[test]
fn a_full_socket_is_written_when_there_is_room() {
    for reactor in reactors() {
        let (mut ours, mut theirs) = tcp_pair(reactor);
        let reading = thread::spawn(move || {
            let mut read = Vec::new();
            theirs.read_to_end(&mut read).map(|_| read.len())
        });
        let sent = vec![7; 16 << 20];
        reactor.block_on(ours.write_all(&sent)).unwrap();
        drop(ours);
        assert_eq!(reading.join().unwrap().unwrap(), sent.len());
    }
}
