//! What a connection does with descriptors: it sends them, keeps them, or lets the system close
//! them.

use std::os::fd::OwnedFd;

use super::Connection;
use super::ancillary::{Descriptors, MOST_AT_ONCE};
use super::stream::Stream;
use crate::error::{Error, Misuse, Problem};

impl Connection {
    /// Sends a descriptor with the next byte that is written; it is closed here then.
    ///
    /// Several go in order, up to 253 with one write. Where nothing is written any more, none
    /// arrives.
    ///
    /// Twisted: `sendFileDescriptor` of UNIX transports.
    ///
    /// # Errors
    ///
    /// A connection that is no UNIX socket, or has a layer on top; more than 253 descriptors that
    /// wait for a byte.
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
            return Err(problem.at(&self.endpoint));
        }
        descriptors.outgoing.push(descriptor.into());
        Ok(())
    }

    /// Keeps the descriptors that the peer sends from now on, for
    /// [`take_descriptor`](Self::take_descriptor).
    ///
    /// Without this call the system closes them, and the bytes that they come with are read as any
    /// others. With it, at most `most` of them wait. When more come, those over the bound are
    /// closed, and the read after the bytes that they came with fails; likewise where this process
    /// may open no more files. Each has close-on-exec set. Those that are not taken are closed when
    /// the connection is dropped, or given to [`relay`](crate::relay), which passes on bytes alone.
    ///
    /// Twisted: `IFileDescriptorReceiver`, which protocols that want descriptors provide.
    ///
    /// # Errors
    ///
    /// A connection that is no UNIX socket, or has a layer on top.
    pub fn keep_descriptors(&mut self, most: usize) -> Result<(), Error> {
        self.descriptors()?.most = Some(most);
        Ok(())
    }

    /// The next descriptor that has come with the bytes read so far, in the order of the peer.
    pub fn take_descriptor(&mut self) -> Option<OwnedFd> {
        self.descriptors.as_mut()?.waiting.pop_front()
    }

    /// Closes the descriptors that were received, and lets the system close those to come.
    pub(crate) fn refuse_descriptors(&mut self) {
        if let Some(descriptors) = &mut self.descriptors {
            descriptors.refuse();
        }
    }

    fn descriptors(&mut self) -> Result<&mut Descriptors, Error> {
        match self.stream {
            Stream::Unix(_) => Ok(&mut **self.descriptors.get_or_insert_default()),
            _ => Err(Problem::from(Misuse::NoDescriptors).at(&self.endpoint)),
        }
    }
}
