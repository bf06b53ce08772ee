//! The standard input and output of a program as one stream.
//!
//! Closing ends the program's input. A pipe is closed. A terminal has no end of file, so the end is
//! sent as a user would type it: Ctrl-D, once to submit an incomplete line and once for the end. A
//! program that has changed the mode of its terminal does not receive it.

use core::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use smol::io::{AsyncRead, AsyncWrite};

use super::handle::ProcessHandle;
use super::pipe::{ChildReader, ChildWriter};
use super::terminal::Terminal;

/// A running program as a stream: writes go to its input, reads return its output.
///
/// Dropping it terminates the program unless a handle is left, and closes the pipes that were not
/// taken.
pub(crate) struct ProcessStream {
    pipes: Pipes,
    handle: ProcessHandle,
}

/// What connects this process to the standard input and output of the program.
pub(super) enum Pipes {
    /// The pipes to descriptors 0 and 1; `None` for a descriptor that is not a pipe of this
    /// process.
    Pair { input: Option<ChildWriter>, output: Option<ChildReader> },
    /// A pseudo-terminal for both. `ended` is whether the program has closed its side.
    Terminal { terminal: Arc<Terminal>, input: Input, ended: bool },
}

/// Where the input of a terminal is, because an end within a line takes one more Ctrl-D.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// The input is at the start of a line.
    AtStart,
    /// The input is within a line.
    WithinLine,
    /// The input was closed; further writes fail.
    Closed,
}

impl ProcessStream {
    pub(super) fn new(pipes: Pipes, handle: ProcessHandle) -> Self {
        Self { pipes, handle }
    }

    /// Ready once the program has closed the pipe of its input; always pending for a terminal.
    pub(crate) fn poll_write_closed(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.pipes {
            Pipes::Pair { input: Some(input), .. } => input.poll_write_closed(cx),
            _ => Poll::Pending,
        }
    }

    pub(crate) fn handle(&self) -> &ProcessHandle {
        &self.handle
    }
}

impl AsyncRead for ProcessStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.pipes {
            Pipes::Pair { output: Some(output), .. } => Pin::new(output).poll_read(cx, buf),
            Pipes::Pair { output: None, .. } => Poll::Ready(Ok(0)),
            Pipes::Terminal { terminal, ended, .. } => {
                let read = ready!(terminal.poll_read(cx, buf))?;
                *ended |= read == 0 && !buf.is_empty();
                Poll::Ready(Ok(read))
            }
        }
    }
}

impl AsyncWrite for ProcessStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.pipes {
            Pipes::Pair { input: Some(input), .. } => Pin::new(input).poll_write(cx, buf),
            Pipes::Pair { input: None, .. } | Pipes::Terminal { input: Input::Closed, .. } => {
                Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
            }
            Pipes::Terminal { terminal, input, .. } => {
                let written = ready!(terminal.poll_write(cx, buf))?;
                *input = match buf.get(written.wrapping_sub(1)) {
                    Some(b'\n' | b'\r') => Input::AtStart,
                    Some(_) => Input::WithinLine,
                    None => *input,
                };
                Poll::Ready(Ok(written))
            }
        }
    }

    /// Does nothing, because writes to pipes and terminals are not buffered here.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Closes the program's input; its output stays open.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.pipes {
            Pipes::Pair { input: Some(input), .. } => return Pin::new(input).poll_close(cx),
            Pipes::Pair { input: None, .. } => {}
            Pipes::Terminal { terminal, input, .. } => {
                while *input != Input::Closed {
                    if let Some(key) = terminal.end_of_input() {
                        match ready!(terminal.poll_write(cx, &[key])) {
                            Ok(_) => {}
                            // The program has closed its terminal, so no key can be sent. The input
                            // counts as closed.
                            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                                *input = Input::AtStart;
                            }
                            Err(_) => continue,
                        }
                    }
                    *input = match *input {
                        Input::WithinLine => Input::AtStart,
                        Input::AtStart | Input::Closed => Input::Closed,
                    };
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for ProcessStream {
    /// Keeps a terminal open whose output has ended: many programs close it shortly before they
    /// exit. A hang-up at that moment would kill them with SIGHUP, which would be their exit
    /// status.
    fn drop(&mut self) {
        self.handle.close_untaken();
        if let Pipes::Terminal { terminal, ended: true, .. } = &self.pipes {
            self.handle.keep_terminal(terminal);
        }
    }
}

impl fmt::Debug for ProcessStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}
