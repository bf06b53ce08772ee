//! Standard input and output as one connection.
//!
//! The flags of the descriptors are left as found: other programs share them, and one that meets `O_NONBLOCK` on its
//! terminal or pipe fails in odd ways. So reads and writes block, on threads of smol, which works for files, pipes,
//! terminals and sockets alike.
//!
//! Closing the write side has to reach whoever reads our output. What that takes depends on what it is:
//! - a pipe ends when its last writer is gone, so descriptor 1 of this process becomes `/dev/null`;
//! - a socket is shut down for writing (standard input may be the same socket, and goes on);
//! - a terminal or a file has no reader that waits for an end, and descriptor 1 stays.

use std::fs::File;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use rustix::fd::BorrowedFd;
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::io::fcntl_dupfd_cloexec;
use rustix::net::{Shutdown, shutdown};
use rustix::stdio::{dup2_stdout, stdin, stdout};
use smol::Unblock;
use smol::io::{AsyncRead, AsyncWrite};

use crate::error::{EnvironmentProblem, Misuse, Problem};

/// How far a thread reads ahead, and how much it holds for writing.
const BUFFER: usize = 64 * 1024;

/// Whether this process has made its one connection of them.
///
/// A thread that waits for input cannot be called back; a second connection would lose bytes to it.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Standard input and output of this process.
#[derive(Debug)]
pub(super) struct Stdio {
    input: Unblock<File>,
    /// `None` once the write side is closed.
    output: Option<Unblock<File>>,
    ending: Ending,
}

/// How the reader of our output learns of the end.
#[derive(Clone, Copy, Debug)]
enum Ending {
    LastWriterGone,
    Shutdown,
    Nothing,
}

impl Stdio {
    /// Takes both descriptors, once per process.
    pub(super) fn take() -> Result<Self, Problem> {
        let open = || -> io::Result<Self> {
            Ok(Self {
                input: Unblock::with_capacity(BUFFER, duplicate(stdin())?),
                output: Some(Unblock::with_capacity(BUFFER, duplicate(stdout())?)),
                ending: match FileType::from_raw_mode(fstat(stdout())?.st_mode) {
                    FileType::Fifo => Ending::LastWriterGone,
                    FileType::Socket => Ending::Shutdown,
                    _ => Ending::Nothing,
                },
            })
        };
        if TAKEN.swap(true, Ordering::AcqRel) {
            return Err(Misuse::StdioTaken.into());
        }
        open().map_err(|error| {
            TAKEN.store(false, Ordering::Release);
            EnvironmentProblem::Stdio { error }.into()
        })
    }
}

fn duplicate(descriptor: BorrowedFd<'_>) -> io::Result<File> {
    const FIRST_FREE: i32 = 3;
    Ok(fcntl_dupfd_cloexec(descriptor, FIRST_FREE)?.into())
}

impl Ending {
    fn announce(self) -> io::Result<()> {
        match self {
            Self::LastWriterGone => {
                let flags = OFlags::WRONLY | OFlags::CLOEXEC;
                dup2_stdout(open("/dev/null", flags, Mode::empty())?)?;
            }
            Self::Shutdown => shutdown(stdout(), Shutdown::Write)?,
            Self::Nothing => {}
        }
        Ok(())
    }
}

impl AsyncRead for Stdio {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.input).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stdio {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(output) = &mut self.output else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        let written = ready!(Pin::new(&mut *output).poll_write(cx, buf))?;
        if written > 0 || buf.is_empty() {
            return Poll::Ready(Ok(written));
        }
        // The thread that writes has stopped; only a flush says why.
        ready!(Pin::new(output).poll_flush(cx))?;
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.output {
            Some(output) => Pin::new(output).poll_flush(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Resolves once every byte is written and the reader can see the end.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(output) = &mut self.output else {
            return Poll::Ready(Ok(()));
        };
        let flushed = ready!(Pin::new(output).poll_close(cx));
        self.output = None;
        Poll::Ready(flushed.and(self.ending.announce()))
    }
}
