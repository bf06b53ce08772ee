//! Reading from a connection and writing to it; bytes that were returned to it are read first.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::pin::Pin;
use std::task::{Context, Poll};

use smol::io::{AsyncRead, AsyncWrite};

use super::Connection;
use super::ancillary::Descriptors;
use super::stream::Stream;
use crate::reactor::Async;

impl Connection {
    /// Returns bytes to the connection; the next reads deliver them first.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::{Address, Connection};
    /// use smol::io::{AsyncReadExt, Cursor};
    ///
    /// # smol::block_on(async {
    /// let stream = Cursor::new(b"HELO\n".to_vec());
    /// let mut connection = Connection::new("tape:1", stream, Address::Stdio, Address::Stdio);
    /// let mut first = [0; 2];
    /// connection.read_exact(&mut first).await?;
    /// connection.unread(&first);
    /// let mut all = String::new();
    /// connection.read_to_string(&mut all).await?;
    /// assert_eq!(all, "HELO\n");
    /// # Ok::<(), std::io::Error>(())
    /// # }).unwrap();
    /// ```
    pub fn unread(&mut self, bytes: &[u8]) {
        let mut bytes = bytes.to_vec();
        if let Some(later) = self.unread.take() {
            let read = usize::try_from(later.position()).unwrap_or(usize::MAX);
            bytes.extend(later.get_ref().iter().skip(read));
        }
        if !bytes.is_empty() {
            self.unread = Some(Box::new(io::Cursor::new(bytes)));
        }
    }

    /// Reads bytes that were returned with `unread`; `None` if none are left.
    fn read_unread(&mut self, bufs: &mut [io::IoSliceMut<'_>]) -> Option<io::Result<usize>> {
        let unread = self.unread.as_mut()?;
        let read = unread.read_vectored(bufs);
        if unread.position() == unread.get_ref().len() as u64 {
            self.unread = None;
        }
        Some(read)
    }
}

impl Connection {
    /// The UNIX socket and its queued descriptors. `None` if no descriptors are sent or kept, so
    /// that plain reads and writes suffice.
    fn descriptors_of_stream(&mut self) -> Option<(&mut Async<UnixStream>, &mut Descriptors)> {
        match (&mut self.stream, &mut self.descriptors) {
            (Stream::Unix(stream), Some(descriptors)) => Some((stream, descriptors)),
            _ => None,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self.read_unread(&mut [io::IoSliceMut::new(buf)]) {
            Some(read) => Poll::Ready(read),
            None => match self.descriptors_of_stream() {
                Some((stream, descriptors)) => {
                    descriptors.poll_read(stream, cx, &mut [io::IoSliceMut::new(buf)])
                }
                None => self.stream.pinned().poll_read(cx, buf),
            },
        }
    }

    fn poll_read_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &mut [io::IoSliceMut<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.read_unread(bufs) {
            Some(read) => Poll::Ready(read),
            None => match self.descriptors_of_stream() {
                Some((stream, descriptors)) => descriptors.poll_read(stream, cx, bufs),
                None => self.stream.pinned().poll_read_vectored(cx, bufs),
            },
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.descriptors_of_stream() {
            Some((stream, descriptors)) => {
                descriptors.poll_write(stream, cx, &[io::IoSlice::new(buf)])
            }
            None => self.stream.pinned().poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.descriptors_of_stream() {
            Some((stream, descriptors)) => descriptors.poll_write(stream, cx, bufs),
            None => self.stream.pinned().poll_write_vectored(cx, bufs),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.pinned().poll_flush(cx)
    }

    /// Closes the write side, so that the peer reads an end of file; the read side stays open.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.poll_end(cx)
    }
}
