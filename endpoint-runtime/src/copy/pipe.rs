//! Pipes to splice through, of which a few are kept for whoever has something to move next.
//!
//! A pipe holds pages of memory that stay where they are. 256 pages make up for the calls; with the 16 that a pipe has
//! unless told otherwise, one splice moves too little. Who is not root may have 16384 pages of pipes altogether
//! (`fs.pipe-user-pages-soft`), which is 64 such pipes: after those come smaller ones, and copying.

use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard};

use rustix::io::Errno;
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

use crate::lock::lock;
use crate::net::Socket;
use crate::sys::signal::broken_pipe_kills;

/// How much a pipe holds in the best case.
pub(super) const LEN: usize = 1024 * 1024;

/// A pipe that holds less is not worth having.
const LEAST: usize = 256 * 1024;

/// How many are open at most; the rest of what moves is copied.
const MOST: usize = 64;

/// How many are kept open while nobody wants them.
const KEPT: usize = 16;

static POOL: Mutex<Pool> = Mutex::new(Pool { spare: Vec::new(), open: 0 });

struct Pool {
    spare: Vec<Ends>,
    open: usize,
}

#[derive(Debug)]
struct Ends {
    reader: OwnedFd,
    writer: OwnedFd,
}

/// A pipe that is lent: it goes back when dropped, or is closed where something is left in it.
#[derive(Debug)]
pub(super) struct Pipe {
    /// `None` only while it is being dropped.
    ends: Option<Ends>,
    held: usize,
}

impl Pipe {
    /// An empty pipe, unless too many are in use or the system gives none.
    pub(super) fn lend() -> Option<Self> {
        let mut pool = pool();
        if let Some(ends) = pool.spare.pop() {
            return Some(Self { ends: Some(ends), held: 0 });
        }
        // Other than a write to a socket, splice cannot be told to fail without a signal.
        if pool.open == MOST || broken_pipe_kills() {
            return None;
        }
        let ends = open(LEN)?;
        pool.open += 1;
        Some(Self { ends: Some(ends), held: 0 })
    }

    /// How many bytes are in it.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Moves what a socket has received into the pipe, which is empty.
    pub(super) fn fill(&mut self, from: Socket<'_>) -> Result<usize, Errno> {
        let Some(ends) = &self.ends else { return Err(Errno::BADF) };
        let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
        let moved = splice(from, None, &ends.writer, None, LEN, flags)?;
        self.held += moved;
        Ok(moved)
    }

    /// Moves what is in the pipe out to a socket.
    pub(super) fn empty(&mut self, to: Socket<'_>) -> Result<usize, Errno> {
        let Some(ends) = &self.ends else { return Err(Errno::BADF) };
        let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
        let moved = splice(&ends.reader, None, to, None, self.held, flags)?;
        self.held = self.held.saturating_sub(moved);
        Ok(moved)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        let mut pool = pool();
        if self.held == 0 && pool.spare.len() < KEPT {
            pool.spare.extend(self.ends.take());
        } else {
            pool.open -= 1;
        }
    }
}

/// Opens a pipe of `len` bytes, or of what is allowed of it.
fn open(len: usize) -> Option<Ends> {
    let (reader, writer) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).ok()?;
    let mut len = len;
    while fcntl_setpipe_size(&writer, len).is_err() {
        len /= 2;
        if len < LEAST {
            return None;
        }
    }
    Some(Ends { reader, writer })
}

fn pool() -> MutexGuard<'static, Pool> {
    lock(&POOL)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    use crate::reactor::Async;
    use rustix::pipe::fcntl_getpipe_size;

    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let (mut far, near) = UnixStream::pair().unwrap();
        let (out, mut reader) = UnixStream::pair().unwrap();
        let (near, out) = (Async::new(near).unwrap(), Async::new(out).unwrap());
        let mut pipe = Pipe::lend().unwrap();
        assert_eq!(pipe.fill(Socket::Unix(&near)), Err(Errno::AGAIN));
        far.write_all(b"through the pipe").unwrap();
        assert_eq!(pipe.fill(Socket::Unix(&near)), Ok(16));
        assert_eq!((pipe.empty(Socket::Unix(&out)), pipe.held()), (Ok(16), 0));
        let mut read = [0; 16];
        reader.read_exact(&mut read).unwrap();
        assert_eq!(&read, b"through the pipe");
        drop(far);
        assert_eq!(pipe.fill(Socket::Unix(&near)), Ok(0), "the end");
    }

    #[test]
    fn what_is_left_in_a_pipe_reaches_nobody_else() {
        let (mut far, near) = UnixStream::pair().unwrap();
        let near = Async::new(near).unwrap();
        far.write_all(b"left").unwrap();
        let mut pipe = Pipe::lend().unwrap();
        pipe.fill(Socket::Unix(&near)).unwrap();
        drop(pipe);
        let lent: Vec<Pipe> = std::iter::from_fn(Pipe::lend).take(KEPT).collect();
        let (out, mut reader) = UnixStream::pair().unwrap();
        for pipe in &lent {
            let ends = pipe.ends.as_ref().unwrap();
            let flags = SpliceFlags::NONBLOCK;
            let moved = splice(&ends.reader, None, &out, None, LEN, flags);
            assert_eq!(moved, Err(Errno::AGAIN), "the pipe is empty");
        }
        drop(out);
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn where_a_large_pipe_is_refused_it_is_a_smaller_one() {
        let ends = open(LEN << 20).unwrap();
        assert!(fcntl_getpipe_size(&ends.writer).unwrap() >= LEAST);
        assert!(open(LEAST - 1).is_some_and(|it| fcntl_getpipe_size(&it.writer) == Ok(LEAST)));
    }
}
