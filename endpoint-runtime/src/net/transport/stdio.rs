//! Standard input and output as one connection.
//!
//! The flags of the descriptors are never changed ([`inherited_io`](super::inherited_io)).
//!
//! The reader of the output must see the end of the write side. How depends on the kind of
//! descriptor:
//! - A pipe ends when its last writer is closed, so descriptor 1 of this process becomes
//!   `/dev/null`.
//! - A socket is shut down for writing. Standard input may be the same socket, and stays open.
//! - A terminal or a file has no reader that waits for an end, so descriptor 1 stays open.
//!
//! Only one connection can use them at a time. Dropping it loses no input, and the next connection
//! continues where it stopped. If the first one has closed a pipe or socket for writing, there is
//! no next one.

use std::io;
use std::mem;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};

use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::stdio::{dup2_stdout, stdin, stdout};
use smol::io::{AsyncRead, AsyncWrite};

use super::inherited_io::InheritedIo;
use crate::error::{EnvironmentProblem, Misuse, Problem};
use crate::lock::lock;
use crate::sys::inherited::Reserved;

/// Standard input and output of this process.
#[derive(Debug)]
pub(crate) struct Stdio {
    io: InheritedIo,
    ending: Ending,
    /// Reserves both descriptors while this connection is open.
    _descriptors: Reserved,
}

/// How the reader of standard output detects the end, by the kind of descriptor 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// A pipe, which ends when its last writer is closed.
    LastWriterGone,
    /// A socket, which is shut down for writing.
    Shutdown,
    /// A terminal or a file, whose reader does not wait for an end.
    Nothing,
}

/// What a connection on standard input and output leaves for the next one.
struct Left {
    /// The stream of the last connection, if its threads still hold or write bytes. The next
    /// connection continues with it.
    busy: Option<InheritedIo>,
    /// Whether the pipe or socket of the output was closed, so that no connection may follow.
    ended: bool,
}

/// What the last connection has left. Global, because descriptors 0 and 1 belong to the process.
static LEFT: Mutex<Left> = Mutex::new(Left { busy: None, ended: false });

impl Stdio {
    /// Takes both descriptors; returns an error if another connection has them.
    pub(crate) fn take() -> Result<Self, Problem> {
        let descriptors = Reserved::new(&[0, 1]).ok_or(Misuse::StdioTaken)?;
        let mut left = lock(&LEFT);
        if left.ended {
            return Err(Misuse::StdioEnded.into());
        }
        let open = |busy: Option<InheritedIo>| -> io::Result<Self> {
            let io = match busy {
                Some(mut io) => {
                    io.write_to(duplicate(stdout())?)?;
                    io
                }
                None => InheritedIo::new(duplicate(stdin())?, duplicate(stdout())?)?,
            };
            let ending = match FileType::from_raw_mode(fstat(stdout())?.st_mode) {
                FileType::Fifo => Ending::LastWriterGone,
                FileType::Socket => Ending::Shutdown,
                _ => Ending::Nothing,
            };
            Ok(Self { io, ending, _descriptors: descriptors })
        };
        open(left.busy.take()).map_err(|error| EnvironmentProblem::Stdio { error }.into())
    }
}

impl Stdio {
    /// Ready once the reader of standard output has stopped reading.
    pub(crate) fn poll_write_closed(&self, cx: &mut Context<'_>, has_ended: bool) -> Poll<()> {
        self.io.poll_write_closed(cx, has_ended)
    }
}

impl Drop for Stdio {
    fn drop(&mut self) {
        let mut left = lock(&LEFT);
        left.ended = self.io.is_ended() && self.ending != Ending::Nothing;
        if self.io.is_busy() {
            left.busy = Some(mem::take(&mut self.io));
        }
    }
}

/// Duplicates a standard descriptor to a number above the standard ones.
fn duplicate(descriptor: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    const FIRST_FREE: i32 = 3;
    Ok(fcntl_dupfd_cloexec(descriptor, FIRST_FREE)?)
}

impl AsyncRead for Stdio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stdio {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    /// Resolves once every byte is written and the reader can see the end.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.io.is_ended() {
            return Poll::Ready(Ok(()));
        }
        let closed = ready!(Pin::new(&mut self.io).poll_close(cx));
        if self.ending == Ending::LastWriterGone {
            return Poll::Ready(closed.and(leave_pipe()));
        }
        Poll::Ready(closed)
    }
}

/// Replaces standard output by `/dev/null`, so that the reader of the pipe reads an end of file.
fn leave_pipe() -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    Ok(dup2_stdout(open("/dev/null", flags, Mode::empty())?)?)
}
