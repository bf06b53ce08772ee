//! TLS on a connection: reading, writing, and the end of either.
//!
//! Closing says so in TLS (`close_notify`) and ends the write side below; the read side goes on. An end that TLS does not
//! know of is an error: what came before it may have been cut short by anybody in between.
//!
//! Most of what TLS costs on a fast network is not cryptography but calls and copies, so that many records go through at
//! once, in both directions: what has arrived is read into a buffer that all connections of a thread share, and what is
//! written leaves in one call. A connection that is idle holds neither.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_rustls::TlsStream as Handshaken;
use rustls::Connection as Session;
use smol::io::{AsyncRead, AsyncWrite};

use super::facts::TlsFacts;
use super::handshake;
use crate::net::{Boxed, Connection, Tls};

/// How much of the beginning is kept for messages.
const KEPT: usize = 32;

/// A connection that knows how what it read began.
pub(super) struct Below {
    connection: Connection,
    beginning: [u8; KEPT],
    kept: usize,
}

impl Below {
    pub(super) fn new(connection: Connection) -> Self {
        Self { connection, beginning: [0; KEPT], kept: 0 }
    }

    /// The connection, which no TLS is spoken on any more.
    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }

    /// How what it read began.
    pub(super) fn beginning(&self) -> &[u8] {
        &self.beginning[..self.kept]
    }
}

impl AsyncRead for Below {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.connection).poll_read(cx, buf);
        if let Poll::Ready(Ok(read)) = read {
            let kept = self.kept;
            if kept < KEPT {
                let more = read.min(KEPT - kept);
                self.beginning[kept..kept + more].copy_from_slice(&buf[..more]);
                self.kept += more;
            }
        }
        read
    }
}

impl AsyncWrite for Below {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.connection).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_close(cx)
    }
}

/// How much is read at once at most, and how much is encrypted at once: as much as a relay moves at once.
const AT_ONCE: usize = 256 * 1024;

/// How much is read at once at least, even for who wants less: a record.
const RECORD: usize = 16 * 1024;

/// How much is copied at once. Longer copies become `rep movsb` in glibc, which takes many times as long on some
/// processors where both addresses are much the same within their pages (Zen 4: glibc's bug 30994).
const PIECE: usize = 4 * 1024;

/// How many buffers a thread keeps: one more for each layer of TLS that stands on another.
const SPARE: usize = 2;

/// TLS on a connection, the handshake being done.
pub(crate) struct TlsStream {
    connection: Connection,
    session: Session,
    /// What has arrived after as much as the reader had room for; still encrypted.
    arrived: Vec<u8>,
    closed: bool,
}

impl TlsStream {
    pub(super) fn new(stream: impl Into<Handshaken<Below>>) -> Self {
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
        session.set_buffer_limit(Some(AT_ONCE));
        Self { connection: below.connection, session, arrived: Vec::new(), closed: false }
    }

    /// The connection on top, with what TLS has agreed on.
    pub(super) fn into_connection(mut self, facts: TlsFacts) -> Connection {
        let secured = self.connection.secured();
        secured(Box::new(self), facts)
    }

    /// Reads what has arrived, and decrypts as much of it as there is room for; 0 where that makes nothing readable yet.
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

    /// Gives the session what has arrived, record by record, until `buf` is full.
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
                // Nothing is read behind the end that the other side has made.
                return Ok(filled);
            }
            arrived = &arrived[taken..];
            let state = match self.session.process_new_packets() {
                Ok(state) => state,
                // It says the same again when it is asked for more.
                Err(_) if filled > 0 => return Ok(filled),
                Err(error) => {
                    // There may be an alert that says why; it must not hide the error.
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

    /// Sends what is encrypted already.
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

    /// Encrypts by `write` what there is room for, and sends what the connection takes of it.
    fn poll_encrypt(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(&mut rustls::Writer<'_>) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        // What is not sent yet comes first, and is all that may wait here.
        ready!(self.poll_send(cx))?;
        if self.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let written = write(&mut self.session.writer())?;
        match self.poll_send(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(written)),
        }
    }
}

impl Tls for TlsStream {
    /// Without the alert that closes TLS, the end is a truncation.
    fn abort(self: Box<Self>) -> Boxed<'static, ()> {
        Box::pin(self.connection.abort())
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
                read => return Poll::Ready(read.map_err(handshake::stream_error)),
            }
            match self.poll_more(cx, buf) {
                Poll::Ready(Ok(0)) => {}
                Poll::Ready(read) => return Poll::Ready(read.map_err(handshake::stream_error)),
                Poll::Pending => {
                    // What reading has to answer, such as new keys or that nobody renegotiates here, would wait for the next write.
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
        self.poll_encrypt(cx, |writer| writer.write(buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_encrypt(cx, |writer| writer.write_vectored(bufs))
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

/// A connection to write to as long as that does not block.
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

/// Lends a buffer that nobody on this thread uses; what is in it is encrypted, and of anybody.
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
