//! The poller on Linux: epoll, with an eventfd through which other threads end a wait.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};

use super::event::{EVENTS, Event, Interest, Poller};

/// How long one wait lasts at most.
///
/// Waits of more than 24 days need `epoll_pwait2`, which old systems lack and many system call
/// filters refuse.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The data of the eventfd's events, which the key of no socket equals.
const BELL: u64 = u64::MAX;

/// A poller that watches sockets edge-triggered with epoll.
#[derive(Debug)]
pub(crate) struct Epoll {
    epoll: OwnedFd,
    /// The eventfd: writing to it ends a wait.
    bell: OwnedFd,
}

impl Epoll {
    pub(super) fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        // Each write to the eventfd causes an event, even if the count was not read before.
        epoll::add(&epoll, &bell, EventData::new_u64(BELL), EventFlags::IN | EventFlags::ET)?;
        Ok(Self { epoll, bell })
    }
}

impl Poller for Epoll {
    unsafe fn watch(&self, fd: BorrowedFd<'_>, of: Interest, is_new: bool) -> io::Result<()> {
        let mut flags = EventFlags::ET;
        flags.set(EventFlags::IN | EventFlags::RDHUP | EventFlags::PRI, of.readable);
        flags.set(EventFlags::OUT, of.writable);
        let data = EventData::new_u64(of.key.into());
        if is_new {
            epoll::add(&self.epoll, fd, data, flags)?;
        } else {
            epoll::modify(&self.epoll, fd, data, flags)?;
        }
        Ok(())
    }

    fn delete(&self, fd: BorrowedFd<'_>) {
        // This fails only if the descriptor is not registered.
        let _ = epoll::delete(&self.epoll, fd);
    }

    fn wait(&self, limit: Option<Duration>, found: &mut Vec<Event>) {
        let limit = limit.and_then(|limit| Timespec::try_from(limit.min(LONGEST)).ok());
        let mut buffer = [const { MaybeUninit::uninit() }; EVENTS];
        let Ok((events, _)) = epoll::wait(&self.epoll, &mut buffer[..], limit.as_ref()) else {
            return;
        };
        found.extend(events.iter().filter_map(|event| {
            let (data, flags) = (event.data, event.flags);
            let both = EventFlags::ERR | EventFlags::HUP;
            let readable = both | EventFlags::IN | EventFlags::RDHUP | EventFlags::PRI;
            Some(Event {
                key: u32::try_from(data.u64()).ok()?,
                ready: [readable, both | EventFlags::OUT].map(|any| flags.intersects(any)),
                is_end: flags.intersects(EventFlags::RDHUP | EventFlags::HUP),
                is_odd: flags.intersects(EventFlags::PRI | EventFlags::ERR),
            })
        }));
    }

    fn notify(&self) {
        // This fails only after 2⁶⁴ notifications.
        let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
    }

    fn is_oneshot(&self) -> bool {
        false
    }

    fn reports_end(&self) -> bool {
        true
    }
}
