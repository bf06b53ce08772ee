//! Descriptors that threads read and write, because they cannot be polled without shared flags.
//!
//! A blocked thread cannot be cancelled. If a read is dropped, its bytes are kept for the next
//! read.

use std::future::Future;
use std::io;
use std::mem;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use async_io::Async;
use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, read, retry_on_intr, write};
use smol::Task;

use super::polled::watch;

/// The maximum number of bytes that a thread reads or writes at a time.
const BUFFER: usize = 64 * 1024;

/// A read or a write on a thread, which returns its buffer and its result.
type Work<T> = Task<(Vec<u8>, T)>;

/// Reads with threads, one at a time and only on demand.
#[derive(Debug)]
pub(super) struct Reader {
    descriptor: Arc<OwnedFd>,
    /// Detects that a read would not block; `None` if the descriptor cannot be polled.
    readiness: Option<Async<Arc<OwnedFd>>>,
    /// The bytes that a thread has read; those before `start` were delivered.
    held: Vec<u8>,
    start: usize,
    /// The running read, whose bytes the next read delivers.
    reading: Option<Work<Result<usize, Errno>>>,
}

impl Reader {
    pub(super) fn new(descriptor: OwnedFd) -> io::Result<Self> {
        let descriptor = Arc::new(descriptor);
        let readiness = watch(Arc::clone(&descriptor))?;
        Ok(Self { descriptor, readiness, held: Vec::new(), start: 0, reading: None })
    }

    /// Whether the reader holds no bytes and has no running thread, so that dropping it loses
    /// nothing.
    pub(super) fn is_idle(&self) -> bool {
        self.reading.is_none() && self.start == self.held.len()
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            if let Some(held) = self.held.get(self.start..).filter(|held| !held.is_empty()) {
                let len = held.len().min(buf.len());
                let (from, _) = held.split_at(len);
                let (to, _) = buf.split_at_mut(len);
                to.copy_from_slice(from);
                self.start += len;
                return Poll::Ready(Ok(len));
            }
            if let Some(reading) = &mut self.reading {
                let (held, read) = ready!(Pin::new(reading).poll(cx));
                (self.reading, self.held, self.start) = (None, held, 0);
                match read {
                    Ok(0) => return Poll::Ready(Ok(0)),
                    // Another process has set `O_NONBLOCK` in the meantime. The read is repeated
                    // once there are bytes.
                    Err(Errno::AGAIN) if self.readiness.is_some() => {}
                    Ok(_) => continue,
                    Err(error) => return Poll::Ready(Err(error.into())),
                }
            }
            if let Some(readiness) = &self.readiness {
                ready!(readiness.poll_readable(cx))?;
            }
            let (descriptor, mut buffer) =
                (Arc::clone(&self.descriptor), mem::take(&mut self.held));
            self.start = 0;
            self.reading = Some(smol::unblock(move || {
                buffer.clear();
                buffer.reserve(BUFFER);
                let read = retry_on_intr(|| read(&*descriptor, spare_capacity(&mut buffer)));
                (buffer, read)
            }));
        }
    }
}

/// Writes with threads, one at a time. Accepted bytes are written even if the writer is dropped.
#[derive(Debug)]
pub(super) struct Writer {
    descriptor: Arc<OwnedFd>,
    /// The buffer for the next write.
    spare: Vec<u8>,
    writing: Option<Work<io::Result<()>>>,
}

impl Writer {
    pub(super) fn new(descriptor: OwnedFd) -> Self {
        Self { descriptor: Arc::new(descriptor), spare: Vec::new(), writing: None }
    }

    /// Whether all accepted bytes are written, so that no thread is running.
    pub(super) fn is_idle(&self) -> bool {
        self.writing.is_none()
    }

    /// Accepts bytes once the previous ones are written; returns the error of the previous ones.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_done(cx))?;
        let Some(taken) = buf.get(..buf.len().min(BUFFER)).filter(|taken| !taken.is_empty()) else {
            return Poll::Ready(Ok(0));
        };
        let (descriptor, mut buffer) = (Arc::clone(&self.descriptor), mem::take(&mut self.spare));
        buffer.clear();
        buffer.extend_from_slice(taken);
        self.writing = Some(smol::unblock(move || {
            let written = write_all(&descriptor, &buffer);
            (buffer, written)
        }));
        Poll::Ready(Ok(taken.len()))
    }

    /// Resolves once all accepted bytes are written.
    pub(super) fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some(writing) = &mut self.writing else { return Poll::Ready(Ok(())) };
        let (buffer, written) = ready!(Pin::new(writing).poll(cx));
        (self.writing, self.spare) = (None, buffer);
        Poll::Ready(written)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(writing) = self.writing.take() {
            writing.detach();
        }
    }
}

/// Writes all bytes. Waits for readiness if another process has set `O_NONBLOCK`.
fn write_all(descriptor: &OwnedFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match write(descriptor, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::AGAIN) => {
                let mut room = [PollFd::new(descriptor, PollFlags::OUT)];
                retry_on_intr(|| poll(&mut room, None))?;
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::File;
    use std::io::{Read, Write};

    use rustix::pipe::{PipeFlags, pipe_with};
    use smol::future::poll_fn;

    use super::*;

    /// The default capacity of a pipe in bytes.
    const CAPACITY: usize = 64 * 1024;

    fn pipe(flags: PipeFlags) -> (OwnedFd, OwnedFd) {
        pipe_with(flags | PipeFlags::CLOEXEC).unwrap()
    }

    fn read(reader: &mut Reader, most: usize) -> Vec<u8> {
        let mut buf = vec![0; most];
        let len = smol::block_on(poll_fn(|cx| reader.poll_read(cx, &mut buf))).unwrap();
        buf.truncate(len);
        buf
    }

    #[test]
    fn data_read_ahead_is_kept() {
        for flags in [PipeFlags::empty(), PipeFlags::NONBLOCK] {
            let (input, output) = pipe(flags);
            let mut reader = Reader::new(input).unwrap();
            write(&output, b"question").unwrap();
            assert_eq!(read(&mut reader, 5), b"quest");
            assert!(!reader.is_idle());
            drop(output);
            assert_eq!(read(&mut reader, 9), b"ion");
            assert_eq!(read(&mut reader, 9), b"");
            assert!(reader.is_idle());
        }
    }

    #[test]
    fn pollable_files_need_no_thread() {
        let (input, output) = pipe(PipeFlags::empty());
        let mut reader = Reader::new(input).unwrap();
        let first = smol::block_on(poll_fn(|cx| Poll::Ready(reader.poll_read(cx, &mut [0; 9]))));
        assert!(first.is_pending() && reader.is_idle());
        write(&output, b"late").unwrap();
        assert_eq!(read(&mut reader, 9), b"late");
    }

    #[test]
    fn a_file_is_read_without_being_polled() {
        let mut file = File::open("/proc/self/cmdline").unwrap();
        let mut expected = Vec::new();
        file.read_to_end(&mut expected).unwrap();
        let file = File::open("/proc/self/cmdline").unwrap();
        let mut reader = Reader::new(file.into()).unwrap();
        assert!(reader.readiness.is_none());
        assert_eq!(read(&mut reader, expected.len() + 1), expected);
        assert_eq!(read(&mut reader, 1), b"");
    }

    #[test]
    fn accepted_data_is_written_after_the_writer_is_dropped() {
        for flags in [PipeFlags::empty(), PipeFlags::NONBLOCK] {
            let (input, output) = pipe(flags);
            let mut full = File::from(output.try_clone().unwrap());
            full.write_all(&vec![b'-'; CAPACITY]).unwrap();
            drop(full);

            let mut writer = Writer::new(output);
            let taken = smol::block_on(poll_fn(|cx| writer.poll_write(cx, b"last words"))).unwrap();
            assert_eq!(taken, 10);
            let done = smol::block_on(poll_fn(|cx| Poll::Ready(writer.poll_done(cx))));
            assert!(done.is_pending() && !writer.is_idle());
            drop(writer);

            let mut reader = Reader::new(input).unwrap();
            let mut all = Vec::new();
            loop {
                match read(&mut reader, CAPACITY) {
                    end if end.is_empty() => break,
                    more => all.extend(more),
                }
            }
            assert_eq!(all.split_at(CAPACITY).1, b"last words");
        }
    }

    #[test]
    fn a_write_error_is_reported_by_the_next_write() {
        let (input, output) = pipe(PipeFlags::empty());
        drop(input);
        let mut writer = Writer::new(output);
        let write = |writer: &mut Writer| smol::block_on(poll_fn(|cx| writer.poll_write(cx, b"x")));
        assert_eq!(write(&mut writer).unwrap(), 1);
        assert_eq!(write(&mut writer).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert!(writer.is_idle());
    }
}
