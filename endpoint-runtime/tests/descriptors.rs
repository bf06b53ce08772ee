//! Tests of passing descriptors over UNIX sockets (`SCM_RIGHTS`), in both directions.
//!
//! They arrive in order, are closed on exec, and are never lost without an error.

#![cfg(all(feature = "net", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::thread;

use endpoint_runtime::{Blame, Connection, relay};
use rustix::io::{FdFlags, fcntl_getfd};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, connect, listen, loopback, pair};

/// A connection of this crate, and the other end as a socket of std.
fn connected() -> (Connection, UnixStream) {
    let (ours, theirs) = UnixStream::pair().unwrap();
    (Connection::from_stream(ours).unwrap(), theirs)
}

/// A descriptor to pass, and one that watches it.
///
/// The second one reads the end of file once all copies of the first are closed.
fn watched() -> (OwnedFd, UnixStream) {
    let (passed, watch) = UnixStream::pair().unwrap();
    watch.set_nonblocking(true).unwrap();
    (passed.into(), watch)
}

/// Whether all copies of the descriptor that `watch` watches are closed.
fn is_closed(mut watch: &UnixStream) -> bool {
    match watch.read(&mut [0]) {
        Ok(read) => read == 0,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            false
        }
    }
}

/// Sends bytes with descriptors by plain `sendmsg`, as a program without this crate does.
fn send(to: impl AsFd, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(253))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    assert!(control.push(SendAncillaryMessage::ScmRights(descriptors)));
    let sent = sendmsg(to, &[IoSlice::new(bytes)], &mut control, SendFlags::empty());
    assert_eq!(sent, Ok(bytes.len()));
}

#[test]
fn descriptors_are_received_with_their_bytes_and_in_order() {
    let (mut ours, theirs) = connected();
    ours.keep_descriptors(8).unwrap();
    let files: Vec<(OwnedFd, UnixStream)> = (0..3).map(|_| watched()).collect();
    send(&theirs, b"a", &[files[0].0.as_fd(), files[1].0.as_fd()]);
    send(&theirs, b"b", &[files[2].0.as_fd()]);
    let mut bytes = [0; 2];
    smol::block_on(ours.read_exact(&mut bytes)).unwrap();
    assert_eq!(&bytes, b"ab");
    for (number, (_, mut watch)) in files.iter().map(|(a, b)| (a, b)).enumerate() {
        let taken = ours.take_descriptor().unwrap();
        assert!(fcntl_getfd(&taken).unwrap().contains(FdFlags::CLOEXEC));
        UnixStream::from(taken).write_all(&[u8::try_from(number).unwrap()]).unwrap();
        let mut byte = [0xff];
        watch.read_exact(&mut byte).unwrap();
        assert_eq!(usize::from(byte[0]), number);
    }
    assert!(ours.take_descriptor().is_none());
}

#[test]
fn descriptors_are_sent_with_the_next_byte() {
    let (mut ours, theirs) = connected();
    let (passed, watch) = watched();
    ours.send_descriptor(passed).unwrap();
    assert!(!is_closed(&watch));
    smol::block_on(ours.write_all(b"x")).unwrap();

    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0; 2];
    let flags = RecvFlags::CMSG_CLOEXEC;
    let read = recvmsg(&theirs, &mut [IoSliceMut::new(&mut byte)], &mut control, flags);
    assert_eq!((read.unwrap().bytes, byte[0]), (1, b'x'));
    let messages: Vec<_> = control.drain().collect();
    let [RecvAncillaryMessage::ScmRights(_)] = &messages[..] else {
        unreachable!("one message with descriptors")
    };
    drop(messages);
    drop(control);
    // The test's own copy was closed when it was sent, so the received one was the last.
    assert!(is_closed(&watch));
}

#[test]
fn a_description_at_each_end_passes_descriptors() {
    let dir = TempDir::new();
    let text = format!("unix:{}", dir.text("s"));
    let mut listener = listen(&text);
    let (mut ours, mut theirs) = pair(&mut listener, &text);
    theirs.keep_descriptors(1).unwrap();
    std::fs::write(dir.path("f"), "content").unwrap();
    ours.send_descriptor(File::open(dir.path("f")).unwrap()).unwrap();
    smol::block_on(async {
        ours.write_all(b"x").await.unwrap();
        theirs.read_exact(&mut [0]).await.unwrap();
    });
    let mut content = String::new();
    File::from(theirs.take_descriptor().unwrap()).read_to_string(&mut content).unwrap();
    assert_eq!(content, "content");
}

#[test]
fn unclaimed_descriptors_are_closed_and_the_bytes_stay() {
    let (mut ours, mut theirs) = connected();
    let (passed, watch) = watched();
    send(&theirs, b"one ", &[passed.as_fd()]);
    drop(passed);
    theirs.write_all(b"two").unwrap();
    drop(theirs);
    let mut text = String::new();
    smol::block_on(ours.read_to_string(&mut text)).unwrap();
    assert_eq!(text, "one two");
    assert!(is_closed(&watch));
    assert!(ours.take_descriptor().is_none());
}

#[test]
fn descriptors_that_are_not_taken_are_closed_with_the_connection() {
    let (mut ours, theirs) = connected();
    ours.keep_descriptors(2).unwrap();
    let (passed, watch) = watched();
    send(&theirs, b"x", &[passed.as_fd()]);
    drop(passed);
    smol::block_on(ours.read_exact(&mut [0])).unwrap();
    assert!(!is_closed(&watch));
    drop(ours);
    assert!(is_closed(&watch));
}

#[test]
fn more_descriptors_than_may_wait_fail_the_next_read() {
    let (mut ours, theirs) = connected();
    ours.keep_descriptors(2).unwrap();
    let files: Vec<(OwnedFd, UnixStream)> = (0..4).map(|_| watched()).collect();
    let passed: Vec<BorrowedFd<'_>> = files.iter().map(|(passed, _)| passed.as_fd()).collect();
    send(&theirs, b"bytes", &passed);
    let watches: Vec<UnixStream> = files.into_iter().map(|(_, watch)| watch).collect();
    let mut bytes = [0; 5];
    smol::block_on(ours.read_exact(&mut bytes)).unwrap();
    assert_eq!(&bytes, b"bytes", "they are not lost");
    let closed: Vec<bool> = watches.iter().map(is_closed).collect();
    assert_eq!(closed, [false, false, true, true]);
    let error = smol::block_on(ours.read(&mut [0])).unwrap_err();
    assert_eq!(error.to_string(), "more than 2 received descriptors were not taken");
    assert!(ours.take_descriptor().is_some() && ours.take_descriptor().is_some());
}

#[test]
fn only_unix_sockets_pass_descriptors() {
    let (mut listener, client) = loopback();
    let (mut ours, _theirs) = pair(&mut listener, &client);
    for error in [
        ours.keep_descriptors(1).unwrap_err(),
        ours.send_descriptor(File::open("/dev/null").unwrap()).unwrap_err(),
    ] {
        assert_eq!(error.blame(), Blame::Misuse);
        assert!(
            error
                .to_string()
                .ends_with("descriptors can be sent only over a UNIX socket without layers")
        );
    }
    let dir = TempDir::new();
    let _listener = listen(&format!("unix:{}", dir.text("s")));
    let mut ours = connect(&format!("unix:{}", dir.text("s"))).unwrap();
    for _ in 0..253 {
        ours.send_descriptor(File::open("/dev/null").unwrap()).unwrap();
    }
    let error = ours.send_descriptor(File::open("/dev/null").unwrap()).unwrap_err();
    assert!(error.to_string().ends_with("expected at most 253 descriptors for the next byte"));
}

#[test]
fn a_relay_passes_every_byte_and_no_descriptor() {
    const BLOCKS: usize = 64;
    const LEN: usize = 100_000;
    let (mut a, near) = connected();
    let (b, mut far) = connected();
    // Descriptors are kept from here on, as if a layer had used the connection before.
    a.keep_descriptors(1).unwrap();
    let (passed, watch) = watched();
    let sending = thread::spawn(move || {
        let mut near = near;
        for number in 0..BLOCKS {
            let block = vec![u8::try_from(number).unwrap(); LEN];
            send(&near, &block[..1], &[passed.as_fd()]);
            near.write_all(&block[1..]).unwrap();
        }
    });
    let reading = thread::spawn(move || {
        let mut bytes = Vec::new();
        far.read_to_end(&mut bytes).unwrap();
        bytes
    });
    let transferred = endpoint_runtime::block_on(relay(a, b)).unwrap();
    sending.join().unwrap();
    let bytes = reading.join().unwrap();
    assert_eq!(transferred.a_to_b, (BLOCKS * LEN) as u64);
    assert_eq!(bytes.len(), BLOCKS * LEN);
    assert!(
        bytes
            .chunks(LEN)
            .enumerate()
            .all(|(number, block)| { block.iter().all(|byte| usize::from(*byte) == number) })
    );
    assert!(is_closed(&watch));
}
