//! How many connections a process still serves after its successor has taken over.

use std::io::{self, Write};
use std::os::unix::net::UnixStream;

use async_io::Async;
use smol::io::AsyncReadExt;

/// Tells the successor how many connections this process still serves.
///
/// When it is dropped, or this process ends in any way, the successor counts none.
#[derive(Debug)]
pub struct OpenCountSender {
    channel: Async<UnixStream>,
    /// What the successor was told last.
    told: Option<u32>,
}

impl OpenCountSender {
    pub(super) fn new(channel: Async<UnixStream>) -> Self {
        Self { channel, told: None }
    }

    /// Tells the successor the number of connections if it has changed.
    ///
    /// A successor that is busy may miss a number; call this at every change.
    pub fn tell(&mut self, open: usize) {
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        if self.told == Some(open) {
            return;
        }
        // A stream socket of Linux takes so few bytes whole or not at all. A successor that has
        // closed its end has no use for them.
        if let Ok(4) = self.channel.get_ref().write(&open.to_be_bytes()) {
            self.told = Some(open);
        }
    }
}

/// Receives how many connections the predecessor still serves.
#[derive(Debug)]
pub struct OpenCountReceiver {
    /// `None` if the predecessor was gone before this process was ready.
    channel: Option<Async<UnixStream>>,
}

impl OpenCountReceiver {
    pub(super) fn new(channel: Option<Async<UnixStream>>) -> Self {
        Self { channel }
    }

    /// Waits for the next number; `None` once the predecessor serves no connection any more.
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
