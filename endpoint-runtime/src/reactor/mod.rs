//! What waits for sockets and for time.
//!
//! On Linux a reactor of our own, for what async-io costs each connection: its thread and the one of `block_on` take
//! turns at one epoll, so that most events wake another thread; each turn takes four calls beside the wait (timerfd,
//! eventfd); and each wait for a socket is a call to arm it, for it is armed once a time. Here sockets are watched by
//! edges, from the first wait to the end; timers are the limit of the wait; and whoever blocks on a future does the
//! waiting, on its own thread. `benches/README.md` has the figures.
//!
//! Files, pipes, signals and programs stay with async-io, whose thread they wake now and then; so does everything on
//! other systems.

#[cfg(target_os = "linux")]
mod driver;
#[cfg(target_os = "linux")]
mod epoll;
#[cfg(target_os = "linux")]
mod socket;
#[cfg(target_os = "linux")]
mod sources;
#[cfg(target_os = "linux")]
mod timer;

use std::future::poll_fn;
use std::io;
use std::mem;
use std::os::fd::AsFd;
use std::task::{Context, Poll};
use std::time::Duration;

use smol::future::FutureExt;

#[cfg(target_os = "linux")]
pub use self::driver::block_on;
#[cfg(target_os = "linux")]
pub(crate) use self::socket::Async;
#[cfg(target_os = "linux")]
pub use self::timer::Timer;
#[cfg(not(target_os = "linux"))]
pub(crate) use async_io::Async;
#[cfg(not(target_os = "linux"))]
pub use async_io::Timer;
#[cfg(not(target_os = "linux"))]
pub use async_io::block_on;

/// Does `read` as soon as there may be something to read.
#[cfg(target_os = "linux")]
pub(crate) fn poll_read_with<T: AsFd, R>(
    socket: &Async<T>,
    cx: &mut Context<'_>,
    read: impl FnMut(&T) -> io::Result<R>,
) -> Poll<io::Result<R>> {
    socket.poll_read_with(cx, read)
}

/// Does `write` as soon as there may be room.
#[cfg(target_os = "linux")]
pub(crate) fn poll_write_with<T: AsFd, R>(
    socket: &Async<T>,
    cx: &mut Context<'_>,
    write: impl FnMut(&T) -> io::Result<R>,
) -> Poll<io::Result<R>> {
    socket.poll_write_with(cx, write)
}

/// Does `read` as soon as there may be something to read.
#[cfg(not(target_os = "linux"))]
pub(crate) fn poll_read_with<T: AsFd, R>(
    socket: &Async<T>,
    cx: &mut Context<'_>,
    mut read: impl FnMut(&T) -> io::Result<R>,
) -> Poll<io::Result<R>> {
    loop {
        match read(socket.get_ref()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            done => return Poll::Ready(done),
        }
        std::task::ready!(socket.poll_readable(cx))?;
    }
}

/// Does `write` as soon as there may be room.
#[cfg(not(target_os = "linux"))]
pub(crate) fn poll_write_with<T: AsFd, R>(
    socket: &Async<T>,
    cx: &mut Context<'_>,
    mut write: impl FnMut(&T) -> io::Result<R>,
) -> Poll<io::Result<R>> {
    loop {
        match write(socket.get_ref()) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            done => return Poll::Ready(done),
        }
        std::task::ready!(socket.poll_writable(cx))?;
    }
}

/// Watches a socket that nobody else has a descriptor of, and that does not block.
#[cfg(target_os = "linux")]
pub(crate) fn sole<T: AsFd>(io: T) -> io::Result<Async<T>> {
    Async::sole(io)
}

/// Watches a socket that does not block.
#[cfg(not(target_os = "linux"))]
pub(crate) fn sole<T: AsFd>(io: T) -> io::Result<Async<T>> {
    Async::new_nonblocking(io)
}

/// Has the task polled again, after those whose sockets have something for them by now.
///
/// An executor whose queue is never empty looks for events of sockets now and then only.
#[cfg(target_os = "linux")]
pub(crate) fn wake_later(cx: &Context<'_>) {
    match epoll::Reactor::of_process() {
        Ok(reactor) => {
            reactor.wake_later(cx.waker().clone());
            driver::be_driven();
        }
        Err(_) => cx.waker().wake_by_ref(),
    }
}

/// Has the task polled again.
#[cfg(not(target_os = "linux"))]
pub(crate) fn wake_later(cx: &Context<'_>) {
    cx.waker().wake_by_ref();
}

/// Yields until the tasks whose sockets are ready by now have been polled.
///
/// An executor whose queue is never empty polls the sockets only now and then. A loop that always
/// has more to do awaits this between two pieces of work.
pub async fn next_turn() {
    let mut has_passed = false;
    poll_fn(|cx| {
        if mem::replace(&mut has_passed, true) {
            return Poll::Ready(());
        }
        wake_later(cx);
        Poll::Pending
    })
    .await;
}

/// Lets others have the processor before this thread waits, once.
///
/// Who moves much and is faster than those at both ends of it would be woken for each little that they do.
#[cfg(target_os = "linux")]
pub(crate) fn give_way() {
    if let Ok(reactor) = epoll::Reactor::of_process() {
        reactor.give_way();
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn give_way() {}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;

/// The output of the future, or `None` if it takes longer than `limit`.
pub(crate) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    let done = async { Some(future.await) };
    let late = async {
        Timer::after(limit).await;
        None
    };
    done.or(late).await
}
