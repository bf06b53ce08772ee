//! Reports to the successor how many connections its predecessor still serves.
//!
//! If a predecessor ends before its own predecessor, it passes on the channel to the latter, and
//! the successor receives the numbers from there.

use std::io::{self, IoSlice, IoSliceMut, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_io::Async;
use rustix::cmsg_space;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, SendAncillaryBuffer, SendAncillaryMessage, recvmsg,
    sendmsg,
};
use smol::future::poll_fn;

use crate::net::connection::ancillary::{CLOSED_ON_EXEC, WITHOUT_SIGNAL, close_on_exec};
use crate::reactor::within;

/// How long to wait for a successor that is too busy to accept the last message.
const LAST_TIME: Duration = Duration::from_secs(1);

/// The size in bytes of the control message for the descriptor of one channel.
const SPACE: usize = cmsg_space!(ScmRights(1));

/// Reports to the successor how many connections this process still serves.
///
/// See [`Succession`](crate::Succession) for an example.
///
/// Once the sender is dropped or this process ends, the successor counts no connections here.
#[derive(Debug)]
pub struct OpenCountSender {
    channel: Async<UnixStream>,
    /// The last number that was sent; `None` before the first one.
    sent: Option<u32>,
}

impl OpenCountSender {
    pub(super) fn new(channel: Async<UnixStream>) -> Self {
        Self { channel, sent: None }
    }

    /// Reports the number of connections to the successor if it has changed.
    ///
    /// Call this at every change. A busy successor may miss a number.
    pub fn send(&mut self, open: usize) {
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        if self.sent == Some(open) {
            return;
        }
        // On Linux, a stream socket takes four bytes completely or not at all. If the successor has
        // closed its end, it does not need them.
        if let Ok(4) = self.channel.get_ref().write(&open.to_be_bytes()) {
            self.sent = Some(open);
        }
    }

    /// Passes the channel of this process's own predecessor on, before this process ends.
    ///
    /// The successor then receives the numbers of that predecessor, which may serve connections
    /// for longer than this process. Waits at most two seconds.
    ///
    /// # Cancellation
    ///
    /// Dropping the future may leave the successor without these numbers.
    pub async fn pass_on(self, mut predecessor: OpenCountReceiver) {
        if predecessor.last.is_none() {
            within(LAST_TIME, predecessor.next()).await;
        }
        let (Some(channel), Some(last)) = (predecessor.channel, predecessor.last) else { return };
        let number = u32::try_from(last).unwrap_or(u32::MAX).to_be_bytes();
        let sent = self.channel.write_with(|stream| {
            let (descriptors, mut space) = ([channel.as_fd()], [MaybeUninit::uninit(); SPACE]);
            let mut control = SendAncillaryBuffer::new(&mut space);
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
            Ok(sendmsg(stream, &[IoSlice::new(&number)], &mut control, WITHOUT_SIGNAL)?)
        });
        // A failure is ignored: the successor then receives no number of earlier predecessors.
        let _ = within(LAST_TIME, sent).await;
    }
}

/// Receives the number of connections that the predecessor still serves.
///
/// See [`Predecessor`](crate::Predecessor) for an example.
#[derive(Debug)]
pub struct OpenCountReceiver {
    /// `None` once the predecessor has ended.
    channel: Option<Async<UnixStream>>,
    /// The last number that was received; `None` before the first one and after the end.
    last: Option<usize>,
}

impl OpenCountReceiver {
    pub(super) fn new(channel: Option<Async<UnixStream>>) -> Self {
        Self { channel, last: None }
    }

    /// Waits for the next number. Returns `None` once no predecessor serves connections.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no number, because its four bytes are read in one call.
    pub async fn next(&mut self) -> Option<usize> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Polls for the next number, for hand-written futures; see [`next`](Self::next).
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        let Some(channel) = &self.channel else { return Poll::Ready(None) };
        let received = loop {
            match receive(channel) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if ready!(channel.poll_readable(cx)).is_err() {
                        break None;
                    }
                }
                received => break received.ok().flatten(),
            }
        };
        let (number, passed) = received.unzip();
        if number.is_none() {
            self.channel = None;
        } else if let Some(passed) = passed.flatten() {
            // The predecessor has ended, but its own predecessor still serves connections.
            self.channel = Async::new(UnixStream::from(passed)).ok();
        }
        self.last = number;
        Poll::Ready(number)
    }
}

/// Receives a number, and the channel of an earlier predecessor if the message has one.
///
/// `None` if the sender has ended.
fn receive(channel: &Async<UnixStream>) -> io::Result<Option<(usize, Option<OwnedFd>)>> {
    let (mut number, mut space) = ([0; 4], [MaybeUninit::uninit(); SPACE]);
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut buffers = [IoSliceMut::new(&mut number)];
    let received = recvmsg(channel.get_ref(), &mut buffers, &mut control, CLOSED_ON_EXEC)?;
    let passed = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    let passed = passed.inspect(close_on_exec);
    let is_whole = received.bytes == number.len();
    let number = usize::try_from(u32::from_be_bytes(number)).unwrap_or(usize::MAX);
    Ok(is_whole.then_some((number, passed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_learns_each_number_and_the_end() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let mut sender = OpenCountSender::new(Async::new(ours).unwrap());
        let mut receiver = OpenCountReceiver::new(Some(Async::new(theirs).unwrap()));
        for open in [2, 2, 300] {
            sender.send(open);
        }
        smol::block_on(async {
            assert_eq!(receiver.next().await, Some(2));
            assert_eq!(receiver.next().await, Some(300));
            drop(sender);
            assert_eq!(receiver.next().await, None);
        });
    }

    fn channel() -> (OpenCountSender, OpenCountReceiver) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let receiver = OpenCountReceiver::new(Some(Async::new(theirs).unwrap()));
        (OpenCountSender::new(Async::new(ours).unwrap()), receiver)
    }

    #[test]
    fn a_predecessor_that_ends_passes_on_the_channel_of_an_earlier_one() {
        let (mut first, from_first) = channel();
        let (second, from_second) = channel();
        let (third, mut from_third) = channel();
        first.send(7);
        smol::block_on(async {
            second.pass_on(from_first).await;
            third.pass_on(from_second).await;
            assert_eq!(from_third.next().await, Some(7));
            first.send(5);
            assert_eq!(from_third.next().await, Some(5));
            drop(first);
            assert_eq!(from_third.next().await, None);
        });
    }

    #[test]
    fn nothing_is_passed_on_of_a_predecessor_that_has_ended() {
        let (first, from_first) = channel();
        let (second, mut from_second) = channel();
        drop(first);
        smol::block_on(async {
            second.pass_on(from_first).await;
            assert_eq!(from_second.next().await, None);
        });
    }
}
