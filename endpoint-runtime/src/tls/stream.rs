//! TLS on a connection: reading, writing, and the end of either.
//!
//! Closing sends `close_notify` and ends the write side below; the read side stays open. An end of
//! file without `close_notify` is an error, because an attacker may have truncated the data.
//!
//! On a fast network, system calls and copies cost more than cryptography. Many records are
//! therefore processed at once in both directions: reads use a buffer that all connections of a
//! thread share, and writes use a single call. An idle connection holds no buffers.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_rustls::TlsStream as Handshaken;
use rustls::Connection as Session;
use smol::io::{AsyncRead, AsyncWrite};

use super::facts::TlsFacts;
use super::handshake::stream_error;
use super::recorded::Recorded;
use crate::net::{Boxed, Connection, Tls};

/// The maximum number of bytes per read: as many as a relay moves at once.
const AT_ONCE: usize = 256 * 1024;

/// The maximum number of bytes that are encrypted before they are sent; they stay in memory if the
/// peer does not read.
const UNSENT: usize = 48 * 1024;

/// The minimum number of bytes per read, even into a smaller buffer: one record.
const RECORD: usize = 16 * 1024;

/// The maximum number of bytes per copy.
///
/// glibc uses `rep movsb` for longer copies. On some processors that is many times slower if both
/// addresses have similar page offsets (Zen 4: glibc bug 30994).
const PIECE: usize = 4 * 1024;

/// How many buffers a thread keeps: TLS inside TLS uses two at a time.
const SPARE: usize = 2;

/// A TLS session on a connection, after its handshake.
pub(crate) struct TlsStream {
    connection: Connection,
    session: Session,
    /// Encrypted bytes that did not fit into the reader's buffer.
    arrived: Vec<u8>,
    /// Whether `close_notify` was queued, so that further writes fail.
    closed: bool,
}

impl TlsStream {
    pub(super) fn new(stream: impl Into<Handshaken<Recorded>>) -> Self {
        let (below, mut session) = match stream.into() {
            Handshaken::Client(stream) => {
                let (below, session) = stream.into_inner();
                (below, Session::Client(session))
            }
            Handshaken::Server(stream) => {
                let (below, session) = stream.into_inner();
                (below, Session::Server(session))
            }
        };
        session.set_buffer_limit(Some(UNSENT));
        Self { connection: below.into_connection(), session, arrived: Vec::new(), closed: false }
    }

    /// Returns a connection whose bytes pass through this session, with the negotiated parameters.
    pub(super) fn into_connection(mut self, facts: TlsFacts) -> Connection {
        let secured = self.connection.secured();
        secured(Box::new(self), facts)
    }

    /// Reads, and decrypts into `buf`; returns 0 if no complete record has arrived.
    fn poll_more(&mut self, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        if !self.arrived.is_empty() {
            let arrived = std::mem::take(&mut self.arrived);
            return Poll::Ready(self.decrypt(cx, &arrived, buf));
        }
        with_buffer(|buffer| {
            let room = buf.len().clamp(RECORD, AT_ONCE);
            let read = ready!(Pin::new(&mut self.connection).poll_read(cx, &mut buffer[..room]))?;
            Poll::Ready(if read == 0 {
                self.session.read_tls(&mut io::empty())
            } else {
                self.decrypt(cx, &buffer[..read], buf)
            })
        })
    }

    /// Passes the received bytes to the session, record by record, until `buf` is full.
    fn decrypt(
        &mut self,
        cx: &mut Context<'_>,
        mut arrived: &[u8],
        buf: &mut [u8],
    ) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buf.len() && !arrived.is_empty() {
            let mut piece = &arrived[..arrived.len().min(PIECE)];
            let taken = self.session.read_tls(&mut piece)?;
            if taken == 0 {
                // rustls takes no bytes after `close_notify`, so the rest is ignored.
                return Ok(filled);
            }
            arrived = &arrived[taken..];
            let state = match self.session.process_new_packets() {
                Ok(state) => state,
                // The bytes are returned first; the next call returns the same error.
                Err(_) if filled > 0 => return Ok(filled),
                Err(error) => {
                    // There may be an alert to send. A failure to send it must not hide the error.
                    let _ = self.poll_send(cx);
                    return Err(io::Error::new(io::ErrorKind::InvalidData, error));
                }
            };
            let mut readable = state.plaintext_bytes_to_read();
            while readable > 0 && filled < buf.len() {
                let room = (buf.len() - filled).min(PIECE);
                let read = self.session.reader().read(&mut buf[filled..filled + room])?;
                (filled, readable) = (filled + read, readable - read);
            }
        }
        self.arrived.extend_from_slice(arrived);
        Ok(filled)
    }

    /// Sends the encrypted bytes that the session holds; pending while the connection accepts no
    /// more.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut below = Sending { connection: &mut self.connection, cx };
        while self.session.wants_write() {
            match self.session.write_tls(&mut below) {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Encrypts the bytes that `write` provides from a position, and sends as many as possible.
    fn poll_encrypt(
        &mut self,
        cx: &mut Context<'_>,
        write: impl Fn(&mut rustls::Writer<'_>, usize) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        // Earlier bytes are sent first, which also bounds the buffer.
        ready!(self.poll_send(cx))?;
        if self.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let mut written = 0;
        loop {
            let more = write(&mut self.session.writer(), written)?;
            written += more;
            match self.poll_send(cx) {
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) if more > 0 => {}
                Poll::Ready(Ok(())) | Poll::Pending => return Poll::Ready(Ok(written)),
            }
        }
    }
}

impl Tls for TlsStream {
    /// Ends the connection without `close_notify`, so that the peer detects a truncation.
    fn abort(self: Box<Self>) -> Boxed<'static, ()> {
        Box::pin(self.connection.abort())
    }

    fn poll_write_closed(
        &mut self,
        cx: &mut Context<'_>,
        has_ended: bool,
    ) -> Poll<Option<io::Error>> {
        self.connection.poll_write_closed(cx, has_ended)
    }
}

impl AsyncRead for TlsStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            match self.session.reader().read(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read.map_err(stream_error)),
            }
            match self.poll_more(cx, buf) {
                Poll::Ready(Ok(0)) => {}
                Poll::Ready(read) => return Poll::Ready(read.map_err(stream_error)),
                Poll::Pending => {
                    // Sends answers such as a key update, which would otherwise wait for the next
                    // write.
                    let _ = self.poll_send(cx);
                    return Poll::Pending;
                }
            }
        }
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_encrypt(cx, |writer, from| match buf.get(from..) {
            Some(rest @ [_, ..]) => writer.write(rest),
            _ => Ok(0),
        })
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_encrypt(cx, |writer, from| match from {
            0 => writer.write_vectored(bufs),
            // One call passes all buffers; the caller writes again what was not accepted.
            _ => Ok(0),
        })
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closed {
            self.session.send_close_notify();
            self.closed = true;
        }
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.connection).poll_close(cx)
    }
}

/// A connection as the blocking writer that rustls expects; `WouldBlock` if it is pending.
struct Sending<'a, 'b> {
    connection: &'a mut Connection,
    cx: &'a mut Context<'b>,
}

impl Write for Sending<'_, '_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        at_once(Pin::new(&mut *self.connection).poll_write(self.cx, buf))
    }

    fn write_vectored(&mut self, bufs: &[io::IoSlice<'_>]) -> io::Result<usize> {
        at_once(Pin::new(&mut *self.connection).poll_write_vectored(self.cx, bufs))
    }

    fn flush(&mut self) -> io::Result<()> {
        at_once(Pin::new(&mut *self.connection).poll_flush(self.cx))
    }
}

fn at_once<T>(done: Poll<io::Result<T>>) -> io::Result<T> {
    match done {
        Poll::Ready(done) => done,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

/// Lends the buffer of this thread. It may contain encrypted bytes of any connection.
fn with_buffer<T>(use_it: impl FnOnce(&mut [u8]) -> T) -> T {
    thread_local! {
        static BUFFERS: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
    }
    let spare = BUFFERS.with_borrow_mut(Vec::pop);
    let mut buffer = spare.unwrap_or_else(|| vec![0; AT_ONCE].into_boxed_slice());
    let done = use_it(&mut buffer);
    BUFFERS.with_borrow_mut(|buffers| {
        if buffers.len() < SPARE {
            buffers.push(buffer);
        }
    });
    done
}
