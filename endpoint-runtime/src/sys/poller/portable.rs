//! The poller on other systems: the crate `polling`, with kqueue, event ports, epoll or poll.

use std::io;
use std::num::NonZero;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::Mutex;
use std::time::Duration;

use polling::{Events, PollMode};

use super::event::{EVENTS, Event, Interest, Poller};
use crate::lock::lock;

#[derive(Debug)]
pub(crate) struct Portable {
    poller: polling::Poller,
    mode: PollMode,
    /// Memory for the events of a wait, which the next wait uses again.
    buffer: Mutex<Option<Events>>,
}

impl Portable {
    pub(super) fn new() -> io::Result<Self> {
        let poller = polling::Poller::new()?;
        let mode = if poller.supports_edge() { PollMode::Edge } else { PollMode::Oneshot };
        Ok(Self { poller, mode, buffer: Mutex::default() })
    }

    #[cfg(test)]
    pub(super) fn with(mode: PollMode) -> io::Result<Self> {
        Ok(Self { mode, ..Self::new()? })
    }
}

impl Poller for Portable {
    unsafe fn watch(&self, fd: BorrowedFd<'_>, of: Interest, is_new: bool) -> io::Result<()> {
        let event = polling::Event::new(of.key as usize, of.readable, of.writable);
        if is_new {
            // SAFETY: the caller ensures that the descriptor is deleted before it is closed.
            unsafe { self.poller.add_with_mode(fd.as_raw_fd(), event, self.mode) }
        } else {
            self.poller.modify_with_mode(fd, event, self.mode)
        }
    }

    fn delete(&self, fd: BorrowedFd<'_>) {
        // This fails only if the descriptor is not registered.
        let _ = self.poller.delete(fd);
    }

    fn wait(&self, limit: Option<Duration>, found: &mut Vec<Event>) {
        let mut buffer = lock(&self.buffer);
        let events = buffer.get_or_insert_with(|| {
            Events::with_capacity(NonZero::new(EVENTS).unwrap_or(NonZero::<usize>::MIN))
        });
        events.clear();
        if self.poller.wait(events, limit).is_err() {
            return;
        }
        found.extend(events.iter().filter_map(|event| {
            Some(Event {
                key: u32::try_from(event.key).ok()?,
                ready: [event.readable, event.writable],
                is_end: event.is_interrupt(),
                is_odd: event.is_priority() || event.is_err() == Some(true),
            })
        }));
    }

    fn notify(&self) {
        // If this fails, the wait continues until the next event or timer.
        let _ = self.poller.notify();
    }

    fn is_oneshot(&self) -> bool {
        matches!(self.mode, PollMode::Oneshot)
    }

    fn reports_end(&self) -> bool {
        false
    }
}
