//! Sending and receiving descriptors over a connection.

use std::os::fd::OwnedFd;

use super::Connection;
use super::ancillary::{Descriptors, MOST_AT_ONCE};
use super::stream::Stream;
use crate::error::{Error, Misuse, Problem};

impl Connection {
    /// Queues a descriptor for the next byte that is written; this process then closes its copy.
    ///
    /// Up to 253 descriptors are sent in order with one write. Without a further write, none is
    /// sent.
    ///
    /// Corresponds to `sendFileDescriptor` of Twisted's UNIX transports.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is not a plain UNIX socket without layers, or if 253
    /// descriptors are already queued.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::Read;
    /// use std::os::unix::net::UnixStream;
    ///
    /// use endpoint_runtime::Connection;
    /// use smol::io::{AsyncReadExt, AsyncWriteExt};
    ///
    /// # smol::block_on(async {
    /// let (ours, theirs) = UnixStream::pair()?;
    /// let (mut ours, mut theirs) =
    ///     (Connection::from_stream(ours)?, Connection::from_stream(theirs)?);
    /// theirs.keep_descriptors(1)?;
    ///
    /// let (mut reader, writer) = UnixStream::pair()?;
    /// ours.send_descriptor(writer)?;
    /// ours.write_all(b"x").await?;
    ///
    /// theirs.read_exact(&mut [0]).await?;
    /// let mut writer = std::fs::File::from(theirs.take_descriptor().unwrap());
    /// std::io::Write::write_all(&mut writer, b"hello")?;
    /// drop(writer);
    /// let mut text = String::new();
    /// reader.read_to_string(&mut text)?;
    /// assert_eq!(text, "hello");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn send_descriptor(&mut self, descriptor: impl Into<OwnedFd>) -> Result<(), Error> {
        let descriptors = self.descriptors()?;
        if descriptors.outgoing.len() == MOST_AT_ONCE {
            let problem = Problem::from(Misuse::TooManyDescriptors { most: MOST_AT_ONCE });
            return Err(problem.at(self.endpoint()));
        }
        descriptors.outgoing.push(descriptor.into());
        Ok(())
    }

    /// Keeps descriptors from the peer from now on, for [`take_descriptor`](Self::take_descriptor).
    ///
    /// Without this call the system closes them, and only their bytes are read. With it, at most
    /// `most` descriptors are queued. Further ones are closed, and the read after their bytes
    /// fails. The same happens if this process cannot open more files. Every descriptor has
    /// close-on-exec set. Dropping the connection closes queued descriptors, and so does
    /// [`relay`](crate::relay), which copies only bytes.
    ///
    /// Corresponds to Twisted's `IFileDescriptorReceiver`, which protocols implement to receive
    /// descriptors.
    ///
    /// # Errors
    ///
    /// Returns an error if the connection is not a plain UNIX socket without layers.
    pub fn keep_descriptors(&mut self, most: usize) -> Result<(), Error> {
        self.descriptors()?.most = Some(most);
        Ok(())
    }

    /// Takes the next descriptor that arrived with the bytes read so far, in the order of the peer.
    ///
    /// Returns `None` if there is none, or if descriptors are not kept.
    pub fn take_descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.as_mut()?.waiting.pop_front()
    }

    /// Closes received descriptors, and lets the system close further ones.
    pub(crate) fn refuse_descriptors(&mut self) {
        if let Some(descriptors) = &mut self.descriptors {
            descriptors.refuse();
        }
    }

    /// The queues of descriptors, created if needed. An error unless this is a plain UNIX socket.
    fn descriptors(&mut self) -> Result<&mut Descriptors, Error> {
        match self.stream {
            Stream::Unix(_) => Ok(&mut **self.descriptors.get_or_insert_default()),
            _ => Err(Problem::from(Misuse::NoDescriptors).at(self.endpoint())),
        }
    }
}
