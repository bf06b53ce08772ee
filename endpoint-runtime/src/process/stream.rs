//! Standard input and output of a program as one stream.
//!
//! Closing ends the program's input. A pipe is closed for that. A terminal has no such end, so what
//! a person would type goes to it: Ctrl-D, once to pass on a line that is not complete, and once
//! more for the end. A program that has put its terminal in another mode hears nothing of it.

use core::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use smol::io::{AsyncRead, AsyncWrite};

use super::handle::ProcessHandle;
use super::pipe::{ChildReader, ChildWriter};
use super::terminal::Terminal;

/// A running program as a stream: what is written is its input, what is read its output.
///
/// Dropping it ends the program, unless a handle is left, and closes its pipes but for those that
/// were taken.
pub(crate) struct ProcessStream {
    pipes: Pipes,
    handle: ProcessHandle,
}

pub(super) enum Pipes {
    /// Two pipes, where the program's standard input and output are such.
    Pair { input: Option<ChildWriter>, output: Option<ChildReader> },
    /// One terminal; its output has ended once the program has closed it.
    Terminal { terminal: Arc<Terminal>, input: Input, ended: bool },
}

/// How far the input of a terminal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Input {
    /// At the start of a line.
    AtStart,
    /// After an incomplete line.
    WithinLine,
    /// It was ended.
    Closed,
}

impl ProcessStream {
    pub(super) fn new(pipes: Pipes, handle: ProcessHandle) -> Self {
        Self { pipes, handle }
    }

    /// Ready once the program has closed its input, if that is a pipe.
    pub(crate) fn poll_unheard(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.pipes {
            Pipes::Pair { input: Some(input), .. } => input.poll_unheard(cx),
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

    /// Pipes and terminals hold nothing back.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Ends the program's input; its output goes on.
    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.pipes {
            Pipes::Pair { input: Some(input), .. } => return Pin::new(input).poll_close(cx),
            Pipes::Pair { input: None, .. } => {}
            Pipes::Terminal { terminal, input, .. } => {
                while *input != Input::Closed {
                    if let Some(key) = terminal.end_of_input() {
                        match ready!(terminal.poll_write(cx, &[key])) {
                            Ok(_) => {}
                            // It is closed on the other side.
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
    /// Many programs close their terminal just before they end. Hanging up in between would kill
    /// them with SIGHUP, and their exit status would say so.
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
