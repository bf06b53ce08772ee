//! Waits for the hang-up of a socket that is registered with async-io.
//!
//! After the end of file, async-io always reports the socket as readable, so a later hang-up is not
//! an event there. A second epoll instance watches the socket only for hang-ups and errors, and
//! async-io watches that instance.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::OnceLock;
use std::task::{Context, Poll, ready};

#[cfg(target_os = "linux")]
use rustix::event::epoll::{CreateFlags, EventData, EventFlags, add, create};

/// The epoll instance for the hang-up of one socket; created on first use.
#[derive(Default)]
pub(crate) struct HangUp(OnceLock<Option<Box<async_io::Async<OwnedFd>>>>);

impl HangUp {
    /// Ready once the socket has hung up or has an error.
    ///
    /// Never ready if no descriptor was left for the epoll instance.
    pub(super) fn poll(&self, socket: impl AsFd, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0.get_or_init(|| open(socket).ok().map(Box::new)) {
            Some(events) => Poll::Ready(ready!(events.poll_readable(cx))),
            None => Poll::Pending,
        }
    }
}

/// Opens an epoll instance that watches the socket, registered with async-io.
#[cfg(target_os = "linux")]
fn open(socket: impl AsFd) -> io::Result<async_io::Async<OwnedFd>> {
    let events = create(CreateFlags::CLOEXEC)?;
    // epoll_ctl(2): hang-ups and errors are always reported.
    add(&events, socket, EventData::new_u64(0), EventFlags::empty())?;
    async_io::Async::new_nonblocking(events)
}

/// Other systems have no descriptor that reports hang-ups alone.
#[cfg(not(target_os = "linux"))]
fn open(_: impl AsFd) -> io::Result<async_io::Async<OwnedFd>> {
    Err(io::ErrorKind::Unsupported.into())
}

impl fmt::Debug for HangUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HangUp").finish_non_exhaustive()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read;
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;

    use smol::future::{block_on, poll_fn, poll_once};

    use super::*;

    #[test]
    fn a_half_close_is_no_hang_up_and_a_close_is_one() {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        theirs.shutdown(Shutdown::Write).unwrap();
        assert_eq!(ours.read(&mut [0]).unwrap(), 0);
        let hang_up = HangUp::default();
        let mut waiting = Box::pin(poll_fn(|cx| hang_up.poll(&ours, cx)));
        assert!(block_on(poll_once(&mut waiting)).is_none());
        drop(theirs);
        block_on(waiting).unwrap();
    }
}
