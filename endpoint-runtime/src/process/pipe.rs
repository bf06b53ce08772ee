//! This process's end of a pipe to or from a program.
//!
//! The handle of the program can close it while a task waits for it. That wakes the task, which
//! then reads an end of file or fails to write.

use core::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use async_io::Async;
use smol::io::{AsyncRead, AsyncWrite};

use crate::lock::lock;
use crate::reactor::poll_broken_pipe;

/// One end of a pipe, shared between its stream and the handle that may close it.
#[derive(Clone)]
pub(super) struct Pipe(Arc<Mutex<State>>);

struct State {
    /// `None` after the pipe was closed.
    file: Option<Async<File>>,
    /// The waker of the task whose read or write is pending; `close` wakes that task.
    waiting: Option<Waker>,
}

impl Pipe {
    pub(super) fn new(file: Async<File>) -> Self {
        Self(Arc::new(Mutex::new(State { file: Some(file), waiting: None })))
    }

    /// Closes this end of the pipe, and wakes the task that waits to read or to write.
    pub(super) fn close(&self) {
        let (file, waiting) = {
            let mut state = lock(&self.0);
            (state.file.take(), state.waiting.take())
        };
        drop(file);
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }

    /// Reads available bytes without waiting; 0 after the end of file or after a close.
    pub(super) fn read_now(&self, buf: &mut [u8]) -> io::Result<usize> {
        lock(&self.0).file.as_ref().map_or(Ok(0), |file| file.get_ref().read(buf))
    }

    /// Attempts a read or a write, and stores the waker if it is pending. `None` after a close.
    fn poll(
        &self,
        cx: &mut Context<'_>,
        attempt: impl FnOnce(Pin<&mut Async<File>>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Option<Poll<io::Result<usize>>> {
        let mut state = lock(&self.0);
        let polled = attempt(Pin::new(state.file.as_mut()?), cx);
        state.waiting = polled.is_pending().then(|| cx.waker().clone());
        Some(polled)
    }
}

/// A pipe from a program, to read from.
///
/// Dropping it closes the pipe. It keeps neither the program nor its connection alive.
///
/// Returned by [`ProcessHandle`](crate::ProcessHandle).
pub struct ChildReader(Pipe);

/// A pipe to a program, to write to.
///
/// See [`ProcessHandle::writer`](crate::ProcessHandle::writer) for an example.
///
/// Closing or dropping it ends the program's input. It keeps neither the program nor its connection
/// alive.
pub struct ChildWriter(Pipe);

impl ChildReader {
    pub(super) fn new(pipe: Pipe) -> Self {
        Self(pipe)
    }

    pub(super) fn read_now(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read_now(buf)
    }
}

impl ChildWriter {
    pub(super) fn new(pipe: Pipe) -> Self {
        Self(pipe)
    }

    /// Ready once the program and its children have closed their end, so that writes would fail.
    pub(super) fn poll_write_closed(&self, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.0.poll(cx, |file, cx| poll_broken_pipe(&*file, cx).map(|()| Ok(0)));
        // After a close on this side, nothing is written, so the reader does not matter.
        polled.map_or(Poll::Pending, |polled| polled.map(drop))
    }
}

impl AsyncRead for ChildReader {
    /// Reads from the pipe; an end of file once either side has closed it.
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll(cx, |file, cx| file.poll_read(cx, buf)).unwrap_or(Poll::Ready(Ok(0)))
    }
}

impl AsyncWrite for ChildWriter {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = self.0.poll(cx, |file, cx| file.poll_write(cx, buf));
        written.unwrap_or_else(|| Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())))
    }

    /// Pipes have no buffer to flush.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.close();
        Poll::Ready(Ok(()))
    }
}

impl Drop for ChildReader {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Drop for ChildWriter {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl fmt::Debug for ChildReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildReader").finish_non_exhaustive()
    }
}

impl fmt::Debug for ChildWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildWriter").finish_non_exhaustive()
    }
}
