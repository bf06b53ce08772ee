//! Opens async-io's reactor, which panics where it has no descriptors or no thread.

use std::future::Future;
use std::io;
use std::panic;
use std::pin::pin;
use std::sync::OnceLock;
use std::task::{Context, Waker};
use std::time::Duration;

use async_io::Timer;
use polling::Poller;

/// Opens the reactor of async-io, which then stays open.
///
/// This crate calls it where it needs that. A program calls it before it uses async-io itself,
/// which panics where descriptors or threads are too few.
///
/// # Errors
///
/// No descriptors, or no thread.
pub fn open_async_io() -> io::Result<()> {
    static IS_OPEN: OnceLock<()> = OnceLock::new();
    if IS_OPEN.get().is_some() {
        return Ok(());
    }
    // It opens the same descriptors as the reactor will.
    drop(Poller::new()?);
    let opened = panic::catch_unwind(|| {
        let mut cx = Context::from_waker(Waker::noop());
        // A timer opens the reactor when it is first polled.
        let _ = pin!(Timer::after(Duration::from_secs(3600))).poll(&mut cx);
    });
    opened.map_err(|_| io::Error::other("async-io has no descriptors or no thread"))?;
    IS_OPEN.get_or_init(|| ());
    Ok(())
}
