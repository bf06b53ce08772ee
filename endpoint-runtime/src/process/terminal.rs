//! Pseudo-terminals for programs: the program gets the slave side, this process the master side.

use std::fs::File;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_io::Async;
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};
use rustix::stdio::{stderr, stdin, stdout};
use rustix::termios::{
    LocalModes, SpecialCodeIndex, Winsize, tcgetattr, tcgetwinsize, tcsetwinsize,
};
use smol::io::{AsyncRead, AsyncWrite};

use crate::reactor::open_async_io;

/// The size of a terminal's window, in characters.
///
/// Used by [`ProcessHandle`](crate::ProcessHandle).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowSize {
    /// The height in characters.
    pub rows: u16,
    /// The width in characters.
    pub columns: u16,
}

impl WindowSize {
    /// The default size of 24 rows and 80 columns.
    pub const USUAL: Self = Self { rows: 24, columns: 80 };

    /// The size of this process's terminal: that of the first standard descriptor that is a
    /// terminal. `None` if none of them is one.
    pub fn ours() -> Option<Self> {
        let size = |descriptor: BorrowedFd<'_>| {
            let size = tcgetwinsize(descriptor).ok()?;
            let size = Self { rows: size.ws_row, columns: size.ws_col };
            // Serial lines report a size of 0, which is as good as none.
            (size.rows > 0 && size.columns > 0).then_some(size)
        };
        [stdin(), stdout(), stderr()].into_iter().find_map(size)
    }
}

/// Flags for opening the master, without making it the controlling terminal of this process. macOS
/// rejects the flag for close-on-exec.
#[cfg(not(target_vendor = "apple"))]
const OPENING: OpenptFlags =
    OpenptFlags::RDWR.union(OpenptFlags::NOCTTY).union(OpenptFlags::CLOEXEC);
#[cfg(target_vendor = "apple")]
const OPENING: OpenptFlags = OpenptFlags::RDWR.union(OpenptFlags::NOCTTY);

/// Opens a terminal for a program that runs as the user `uid`, and returns the master and the
/// slave.
///
/// Its size is that of this process's terminal, or 24 rows and 80 columns.
pub(super) fn open(uid: Option<u32>) -> io::Result<(Terminal, OwnedFd)> {
    let ours = openpt(OPENING)?;
    #[cfg(target_vendor = "apple")]
    rustix::io::fcntl_setfd(&ours, rustix::io::FdFlags::CLOEXEC)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let theirs = other_side(&ours)?;
    if let Some(uid) = uid {
        // The program may open its terminal by name, so its user must own the terminal.
        rustix::fs::fchown(&theirs, Some(rustix::fs::Uid::from_raw(uid)), None)?;
    }
    open_async_io()?;
    let terminal = Terminal(Async::new(File::from(ours))?);
    terminal.resize(WindowSize::ours().unwrap_or(WindowSize::USUAL))?;
    Ok((terminal, theirs))
}

/// Opens the slave of a master.
#[cfg(all(target_os = "linux", not(feature = "__portable_poller")))]
fn other_side(ours: &OwnedFd) -> Result<OwnedFd, Errno> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    rustix::pty::ioctl_tiocgptpeer(ours, flags)
}

#[cfg(any(not(target_os = "linux"), feature = "__portable_poller"))]
fn other_side(ours: &OwnedFd) -> Result<OwnedFd, Errno> {
    use rustix::fs::{Mode, OFlags, open};
    let name = rustix::pty::ptsname(ours, Vec::new())?;
    open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())
}

/// The master side of a pseudo-terminal, which this process reads and writes.
#[derive(Debug)]
pub(super) struct Terminal(Async<File>);

impl Terminal {
    pub(super) fn resize(&self, size: WindowSize) -> io::Result<()> {
        let size = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
        Ok(tcsetwinsize(self.0.get_ref(), size)?)
    }

    pub(super) fn poll_read(
        &self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match ready!(Pin::new(&mut &self.0).poll_read(cx, buf)) {
            // Linux returns EIO once the program has closed the slave: that is the end of file.
            Err(error) if error.raw_os_error() == Some(Errno::IO.raw_os_error()) => {
                Poll::Ready(Ok(0))
            }
            read => Poll::Ready(read),
        }
    }

    pub(super) fn poll_write(&self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut &self.0).poll_write(cx, buf)
    }

    /// The character that ends the input, as a user would type it (usually Ctrl-D).
    ///
    /// `None` in raw mode, in which the program itself interprets all characters.
    pub(super) fn end_of_input(&self) -> Option<u8> {
        let modes = tcgetattr(self.0.get_ref()).ok()?;
        let key = modes.special_codes[SpecialCodeIndex::VEOF];
        (modes.local_modes.contains(LocalModes::ICANON) && key != 0).then_some(key)
    }
}
