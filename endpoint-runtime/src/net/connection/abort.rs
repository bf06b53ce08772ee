//! Ending a connection so that the other side cannot take it for a complete one.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::sockopt::set_socket_linger;

use crate::proto::backoff::Backoff;
use crate::reactor::{Async, Timer};

/// How long the other side may take nothing of what was written before it is cut off.
const PATIENCE: Duration = Duration::from_secs(5);

/// Resets a connection, once the other side has what was written; at once where the future is
/// dropped before that.
pub(super) async fn reset(stream: Async<TcpStream>) -> io::Result<()> {
    // From here on closing the socket resets the connection.
    set_socket_linger(stream.get_ref(), Some(Duration::ZERO))?;
    delivered(&stream).await
}

/// Waits until the other side has what was written, or takes none of it for some time.
///
/// A reset overtakes what waits to be sent and throws it away. No event says that nothing waits
/// any more, so the socket is asked again and again.
pub(super) async fn delivered(stream: &Async<TcpStream>) -> io::Result<()> {
    let mut backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(50));
    let mut least = u64::MAX;
    let mut taken = Instant::now();
    while let Some(left) = waiting(stream.get_ref())? {
        if left < least {
            (least, taken) = (left, Instant::now());
        } else if taken.elapsed() >= PATIENCE {
            break;
        }
        Timer::after(backoff.failed()).await;
    }
    Ok(())
}

/// How many bytes the other side may still take.
#[cfg(target_os = "linux")]
fn waiting(stream: &TcpStream) -> io::Result<Option<u64>> {
    let mut polled = [PollFd::new(stream, PollFlags::empty())];
    poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    // One that is closed both ways takes nothing, and says so whether it is asked or not.
    if polled[0].revents().contains(PollFlags::HUP) {
        return Ok(None);
    }
    Ok(Some(crate::sys::queue::unacknowledged(stream)?).filter(|left| *left > 0))
}

/// Elsewhere nothing tells.
#[cfg(not(target_os = "linux"))]
fn waiting(_: &TcpStream) -> io::Result<Option<u64>> {
    Ok(None)
}
