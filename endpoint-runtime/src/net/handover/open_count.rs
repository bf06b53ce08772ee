//! Reports to the successor how many connections its predecessor still serves.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;

use async_io::Async;
use smol::io::AsyncReadExt;

/// Reports to the successor how many connections this process still serves.
///
/// See [`Succession`](crate::Succession) for an example.
///
/// When it is dropped or this process ends, the count of the successor becomes zero.
#[derive(Debug)]
pub struct OpenCountSender {
    channel: Async<UnixStream>,
    /// The last number that was sent.
    told: Option<u32>,
}

impl OpenCountSender {
    pub(super) fn new(channel: Async<UnixStream>) -> Self {
        Self { channel, told: None }
    }

    /// Reports the number of connections to the successor if it has changed.
    ///
    /// Call this at every change. A busy successor may miss a number.
    pub fn tell(&mut self, open: usize) {
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        if self.told == Some(open) {
            return;
        }
        // On Linux, a stream socket takes four bytes completely or not at all. If the successor has
        // closed its end, it does not need them.
        if let Ok(4) = self.channel.get_ref().write(&open.to_be_bytes()) {
            self.told = Some(open);
        }
    }
}

/// Receives the number of connections that the predecessor still serves.
///
/// See [`Predecessor`](crate::Predecessor) for an example.
#[derive(Debug)]
pub struct OpenCountReceiver {
    /// `None` if the predecessor had ended before this process was ready.
    channel: Option<Async<UnixStream>>,
}

impl OpenCountReceiver {
    pub(super) fn new(channel: Option<Async<UnixStream>>) -> Self {
        Self { channel }
    }

    /// Waits for the next number. Returns `None` once the predecessor serves no more connections.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses no number, because a number arrives at once.
    pub async fn next(&mut self) -> Option<usize> {
        let channel = self.channel.as_mut()?;
        let mut number = [0; 4];
        let read: io::Result<()> = channel.read_exact(&mut number).await;
        if read.is_err() {
            self.channel = None;
            return None;
        }
        usize::try_from(u32::from_be_bytes(number)).ok()
    }
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
            sender.tell(open);
        }
        smol::block_on(async {
            assert_eq!(receiver.next().await, Some(2));
            assert_eq!(receiver.next().await, Some(300));
            drop(sender);
            assert_eq!(receiver.next().await, None);
        });
    }
}
