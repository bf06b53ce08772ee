//! Aborts connections, so that the peer does not mistake the end for a complete transfer.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_linger;

use crate::proto::backoff::Backoff;
use crate::reactor::{Async, Timer};

/// How long the peer may accept none of the queued bytes before it is cut off.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits until the peer has received the queued bytes, and then resets the TCP connection.
///
/// # Cancellation
///
/// Dropping the future resets the connection immediately.
pub(super) async fn reset(stream: Async<TcpStream>) -> io::Result<()> {
    // From now on, closing the socket resets the connection.
    set_socket_linger(stream.get_ref(), Some(Duration::ZERO))?;
    delivered(&stream).await
}

/// Waits until the peer has received the queued bytes, or has accepted none of them for
/// [`PATIENCE`].
///
/// A reset discards queued bytes. No event reports that the queue is empty, so the socket is polled
/// repeatedly.
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

/// The number of bytes that the peer has not acknowledged. `None` if there are none, or if the peer
/// accepts no more.
#[cfg(target_os = "linux")]
fn waiting(stream: &TcpStream) -> io::Result<Option<u64>> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut polled = [PollFd::new(stream, PollFlags::empty())];
    poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    // A socket that is closed both ways reports HUP even if no events are requested.
    if polled[0].revents().contains(PollFlags::HUP) {
        return Ok(None);
    }
    Ok(Some(crate::sys::queue::unacknowledged(stream)?).filter(|left| *left > 0))
}

/// Other systems do not report the send queue, so nothing is waited for.
#[cfg(not(target_os = "linux"))]
fn waiting(_: &TcpStream) -> io::Result<Option<u64>> {
    Ok(None)
}
