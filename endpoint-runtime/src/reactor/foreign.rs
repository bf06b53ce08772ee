//! Starts async-io's reactor with an error instead of its panic if descriptors or threads run out.

use std::future::Future;
use std::io;
use std::os::fd::AsFd;
use std::panic;
use std::pin::pin;
use std::sync::{Mutex, OnceLock};
use std::task::{Context, Waker};
use std::time::Duration;

use async_io::Timer;
use polling::Poller;

use crate::lock::lock;

/// Starts the reactor of async-io, which then keeps running.
///
/// This crate calls this function when it needs that reactor. Programs should call it before they
/// use async-io themselves, because async-io panics without descriptors or threads.
///
/// # Errors
///
/// Returns an error if no descriptors are left, or if no thread can be started.
///
/// # Examples
///
/// ```
/// endpoint_runtime::open_async_io()?;
/// let socket = async_io::Async::<std::net::UdpSocket>::bind(([127, 0, 0, 1], 0))?;
/// # drop(socket);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn open_async_io() -> io::Result<()> {
    static IS_OPEN: OnceLock<()> = OnceLock::new();
    static OPENING: Mutex<()> = Mutex::new(());
    if IS_OPEN.get().is_some() {
        return Ok(());
    }
    let _only_one = lock(&OPENING);
    if IS_OPEN.get().is_some() {
        return Ok(());
    }
    try_descriptors()?;
    let opened = panic::catch_unwind(|| {
        let mut cx = Context::from_waker(Waker::noop());
        // A timer starts the reactor when it is first polled.
        let _ = pin!(Timer::after(Duration::from_secs(3600))).poll(&mut cx);
    });
    opened.map_err(|_| io::Error::other("async-io has no descriptors or no thread"))?;
    IS_OPEN.get_or_init(|| ());
    Ok(())
}

/// Returns an error unless there are as many free descriptors as the reactor needs to start.
///
/// Two are more than it keeps. A new thread briefly opens a file of the C library when it first
/// allocates. Another thread of the program may start at the same time.
fn try_descriptors() -> io::Result<()> {
    let poller = Poller::new()?;
    let spare = [poller.as_fd().try_clone_to_owned()?, poller.as_fd().try_clone_to_owned()?];
    drop(spare);
    Ok(())
}
