//! Polled descriptors, without flags that affect other processes.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::task::{Context, Poll, ready};

use async_io::Async;
use rustix::fs::{FileType, fstat};
use rustix::io::{Errno, read, write};
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};

use crate::reactor::{is_broken, open_async_io, poll_broken_pipe};

/// Flags for writing to a socket: do not block, and no SIGPIPE if the peer has gone.
#[cfg(not(target_vendor = "apple"))]
const SENDING: SendFlags = SendFlags::DONTWAIT.union(SendFlags::NOSIGNAL);

/// Flags for writing to a socket: do not block. macOS has no flag against SIGPIPE, but Rust
/// programs ignore that signal by default.
#[cfg(target_vendor = "apple")]
const SENDING: SendFlags = SendFlags::DONTWAIT;

/// A descriptor that is polled for readiness, to be read or written.
#[derive(Debug)]
pub(super) struct Polled {
    io: Async<OwnedFd>,
    call: Call,
    is_pipe: bool,
}

/// How a call is kept from blocking.
#[derive(Clone, Copy, Debug)]
enum Call {
    /// A socket: each call has a flag that makes it non-blocking.
    Flagged,
    /// A pipe or terminal that this process has opened itself, so that it may set `O_NONBLOCK`.
    Plain,
}

/// Whether a descriptor is read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Polled {
    /// Makes a descriptor pollable, or returns it unchanged as the inner error.
    ///
    /// That is the case if polling it would need a flag that affects other processes. The outer
    /// error is one of the system.
    pub(super) fn new(descriptor: OwnedFd, access: Access) -> io::Result<Result<Self, OwnedFd>> {
        let file_type = FileType::from_raw_mode(fstat(&descriptor)?.st_mode);
        if file_type == FileType::Socket {
            open_async_io()?;
            let io = Async::new_nonblocking(descriptor)?;
            return Ok(Ok(Self { io, call: Call::Flagged, is_pipe: false }));
        }
        let Some(ours) = open_anew(descriptor.as_fd(), access) else { return Ok(Err(descriptor)) };
        Ok(match watch(ours)? {
            Some(io) => Ok(Self { io, call: Call::Plain, is_pipe: file_type == FileType::Fifo }),
            None => Err(descriptor),
        })
    }

    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let read = match self.call {
                Call::Flagged => recv(&self.io, &mut *buf, RecvFlags::DONTWAIT).map(|(len, _)| len),
                Call::Plain => read(&self.io, &mut *buf),
            };
            match read {
                Err(Errno::AGAIN) => ready!(self.io.poll_readable(cx))?,
                Err(Errno::INTR) => {}
                other => return Poll::Ready(other.map_err(io::Error::from)),
            }
        }
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            let written = match self.call {
                Call::Flagged => send(&self.io, buf, SENDING),
                Call::Plain => write(&self.io, buf),
            };
            match written {
                Err(Errno::AGAIN) => ready!(self.io.poll_writable(cx))?,
                Err(Errno::INTR) => {}
                other => return Poll::Ready(other.map_err(io::Error::from)),
            }
        }
    }

    /// Ready once the peer has stopped reading.
    ///
    /// A socket reports this only after its end of file, and only if the peer has already gone.
    pub(super) fn poll_write_closed(&self, cx: &mut Context<'_>, has_ended: bool) -> Poll<()> {
        match self.call {
            Call::Flagged if has_ended && is_broken(&self.io) => Poll::Ready(()),
            Call::Plain if self.is_pipe => poll_broken_pipe(&self.io, cx),
            _ => Poll::Pending,
        }
    }

    /// Closes the write side of a socket. Other descriptors are closed when dropped.
    pub(super) fn end(self) -> io::Result<()> {
        match self.call {
            Call::Flagged => match shutdown(&self.io, Shutdown::Write) {
                // The peer has reset the connection, so there is no write side to close.
                Err(Errno::NOTCONN) => Ok(()),
                other => other.map_err(io::Error::from),
            },
            Call::Plain => Ok(()),
        }
    }
}

/// Registers the descriptor for polling, without changing it; `None` if it cannot be polled.
pub(super) fn watch<T: AsFd>(descriptor: T) -> io::Result<Option<Async<T>>> {
    open_async_io()?;
    match Async::new_nonblocking(descriptor) {
        Ok(io) => Ok(Some(io)),
        // epoll reports EPERM for files and for devices that are always ready.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::PERM) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens a pipe or a terminal again, as non-blocking; `None` if that is not possible or not
/// permitted, or would open something else.
#[cfg(target_os = "linux")]
fn open_anew(descriptor: BorrowedFd<'_>, access: Access) -> Option<OwnedFd> {
    use std::io::IsTerminal;
    use std::os::fd::AsRawFd;

    use rustix::fs::{Mode, OFlags, Stat, fcntl_getfl, major, open};

    /// The major number of devices whose driver opens another one in their place: `/dev/tty`,
    /// `/dev/console`, `/dev/ptmx`.
    const ALTERNATE_TTYS: u32 = 5;

    let found = fstat(descriptor).ok()?;
    let same = match FileType::from_raw_mode(found.st_mode) {
        FileType::Fifo => true,
        _ => descriptor.is_terminal() && major(found.st_rdev) != ALTERNATE_TTYS,
    };
    // The new file must not gain an access mode, and packets of a pipe must not run together.
    let flags = fcntl_getfl(descriptor).ok()?;
    let (wanted, lacking) = match access {
        Access::Read => (OFlags::RDONLY, OFlags::WRONLY),
        Access::Write => (OFlags::WRONLY, OFlags::RDONLY),
    };
    if !same || flags & OFlags::RWMODE == lacking || flags.contains(OFlags::DIRECT) {
        return None;
    }
    let link = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
    let flags = wanted | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let ours = open(link, flags, Mode::empty()).ok()?;
    let identity = |stat: &Stat| (stat.st_dev, stat.st_ino, stat.st_rdev);
    (identity(&fstat(&ours).ok()?) == identity(&found)).then_some(ours)
}

/// On other systems, opening `/dev/fd` returns the same open file.
#[cfg(not(target_os = "linux"))]
fn open_anew(_: BorrowedFd<'_>, _: Access) -> Option<OwnedFd> {
    None
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::File;
    use std::os::unix::net::UnixStream;

    use rustix::fs::{OFlags, fcntl_getfl};
    use rustix::pipe::{PipeFlags, pipe, pipe_with};
    use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
    use smol::future::poll_fn;

    use super::*;

    fn polled(descriptor: &impl AsFd, access: Access) -> Option<Polled> {
        let descriptor = descriptor.as_fd().try_clone_to_owned().unwrap();
        Polled::new(descriptor, access).unwrap().ok()
    }

    fn is_nonblocking(descriptor: impl AsFd) -> bool {
        fcntl_getfl(descriptor).unwrap().contains(OFlags::NONBLOCK)
    }

    /// The master and the slave of a pseudo-terminal.
    fn pty() -> (OwnedFd, OwnedFd) {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let terminal = ioctl_tiocgptpeer(&master, flags).unwrap();
        (master, terminal)
    }

    #[test]
    fn pipes_and_terminals_keep_their_flags() {
        let (reader, writer) = pipe().unwrap();
        let (master, terminal) = pty();
        let readers = [polled(&reader, Access::Read), polled(&terminal, Access::Read)];
        let writers = [polled(&writer, Access::Write), polled(&terminal, Access::Write)];
        for ours in readers.into_iter().chain(writers) {
            assert!(is_nonblocking(&ours.expect("it can be polled").io));
        }
        for theirs in [reader, writer, master, terminal] {
            assert!(!is_nonblocking(theirs));
        }
    }

    #[test]
    fn a_socket_keeps_its_flags_and_does_not_wait() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let polled = polled(&ours, Access::Read).unwrap();
        let mut buf = [0; 8];
        let read = smol::block_on(async {
            let first = poll_fn(|cx| Poll::Ready(polled.poll_read(cx, &mut [0; 8]))).await;
            assert!(first.is_pending());
            write(&theirs, b"late").unwrap();
            poll_fn(|cx| polled.poll_read(cx, &mut buf)).await.unwrap()
        });
        assert_eq!(buf.split_at(read).0, b"late");
        assert!(!is_nonblocking(&ours) && !is_nonblocking(&polled.io));
    }

    #[test]
    fn files_that_reopening_would_change_are_not_reopened() {
        let (reader, writer) = pipe().unwrap();
        assert!(polled(&reader, Access::Write).is_none(), "no right to write");
        assert!(polled(&writer, Access::Read).is_none(), "no right to read");
        let (_reader, packets) = pipe_with(PipeFlags::DIRECT).unwrap();
        assert!(polled(&packets, Access::Write).is_none(), "packets would run together");
        let (master, _terminal) = pty();
        assert!(polled(&master, Access::Read).is_none(), "it would be another master");
    }

    #[test]
    fn a_pipe_without_a_reader_is_an_error() {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let polled = polled(&writer, Access::Write).unwrap();
        let written = smol::block_on(poll_fn(|cx| polled.poll_write(cx, b"x")));
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_closed_reader_is_reported_without_a_write() {
        let (reader, writer) = pipe().unwrap();
        let polled = polled(&writer, Access::Write).unwrap();
        smol::block_on(async {
            let first = poll_fn(|cx| Poll::Ready(polled.poll_write_closed(cx, false))).await;
            assert!(first.is_pending());
            drop(reader);
            poll_fn(|cx| polled.poll_write_closed(cx, false)).await;
        });
    }

    #[test]
    fn files_and_devices_without_events_are_not_polled() {
        let file = File::open(std::env::current_exe().unwrap()).unwrap();
        let null = File::open("/dev/null").unwrap();
        for descriptor in [file, null] {
            assert!(polled(&descriptor, Access::Read).is_none());
            assert!(watch(descriptor).unwrap().is_none());
        }
    }
}
