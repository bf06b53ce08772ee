//! Pipes through which `splice` moves bytes between sockets, and a pool of unused ones.
//!
//! A splice moves references to pages instead of bytes. A pipe of 256 pages is worth its system
//! calls; with the default of 16 pages, a splice moves too little. Users other than root may have
//! 16384 pages in pipes (`fs.pipe-user-pages-soft`), which is 64 such pipes. Beyond that, pipes are
//! smaller or bytes are copied.

use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard};

use rustix::io::Errno;
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

use crate::lock::lock;
use crate::net::Socket;
use crate::sys::signal::broken_pipe_kills;

/// The size in bytes of a pipe, if the system allows it.
pub(super) const LEN: usize = 1024 * 1024;

/// The size in bytes of the smallest pipe that is worth its system calls.
const LEAST: usize = 256 * 1024;

/// The maximum number of open pipes; beyond it, directions copy bytes through buffers.
const MOST: usize = 64;

/// How many unused pipes are kept open for reuse; further ones are closed.
const KEPT: usize = 16;

static POOL: Mutex<Pool> = Mutex::new(Pool { spare: Vec::new(), open: 0 });

struct Pool {
    /// Unused pipes, which are empty.
    spare: Vec<Ends>,
    /// The number of open pipes, lent and unused.
    open: usize,
}

#[derive(Debug)]
struct Ends {
    reader: OwnedFd,
    writer: OwnedFd,
}

/// A pipe that is lent from the pool. Dropping it returns it, or closes it if it contains bytes.
#[derive(Debug)]
pub(super) struct Pipe {
    /// The ends of the pipe; `None` only during `drop`.
    ends: Option<Ends>,
    /// How many bytes the pipe contains.
    held: usize,
}

impl Pipe {
    /// Takes an empty pipe; `None` if too many are open or the system refuses one.
    pub(super) fn lend() -> Option<Self> {
        let mut pool = pool();
        if let Some(ends) = pool.spare.pop() {
            return Some(Self { ends: Some(ends), held: 0 });
        }
        // `splice` has no `MSG_NOSIGNAL`: a closed peer would kill the process with SIGPIPE.
        if pool.open == MOST || broken_pipe_kills() {
            return None;
        }
        let ends = open(LEN)?;
        pool.open += 1;
        Some(Self { ends: Some(ends), held: 0 })
    }

    /// The number of bytes that the pipe contains.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Moves bytes that a socket has received into the pipe, which must be empty.
    ///
    /// Returns the number of bytes; 0 is the end of file.
    pub(super) fn fill(&mut self, from: Socket<'_>) -> Result<usize, Errno> {
        let Some(ends) = &self.ends else { return Err(Errno::BADF) };
        let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
        let moved = splice(from, None, &ends.writer, None, LEN, flags)?;
        self.held += moved;
        Ok(moved)
    }

    /// Moves bytes from the pipe to a socket, and returns how many were moved.
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

/// Opens a pipe of `len` bytes, or of a half, a quarter and so on, if the system refuses more.
///
/// Returns `None` if a pipe of [`LEAST`] bytes is refused, too.
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
    fn a_pipe_returns_the_same_bytes() {
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
    fn data_left_in_a_pipe_is_not_reused() {
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
    fn a_refused_large_pipe_becomes_a_smaller_one() {
        let ends = open(LEN << 20).unwrap();
        assert!(fcntl_getpipe_size(&ends.writer).unwrap() >= LEAST);
        assert!(open(LEAST - 1).is_some_and(|it| fcntl_getpipe_size(&it.writer) == Ok(LEAST)));
    }
}
