//! A target that echoes bytes on a separate thread, and closes each connection after its peer.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::thread::JoinHandle;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, eventfd};

use crate::Result;
use crate::load::{Far, Sink};
use crate::peers::{Goal, Route, Target};

/// A running echo server. Dropping it ends its thread.
pub(crate) struct Echo {
    target: Target,
    stop: std::os::fd::OwnedFd,
    thread: Option<JoinHandle<()>>,
}

const STOP: u64 = u64::MAX;
const LISTENER: u64 = u64::MAX - 1;

impl Echo {
    pub(crate) fn open(route: Route) -> Result<Self> {
        let sink = Sink::open(route)?;
        sink.set_nonblocking()?;
        let target = sink.target().clone();
        let stop = eventfd(0, EventfdFlags::CLOEXEC)?;
        let stopped = stop.try_clone()?;
        let thread = std::thread::spawn(move || {
            if let Err(error) = serve(&sink, stopped.as_fd()) {
                eprintln!("relay-peers: the target has failed: {error}");
            }
        });
        Ok(Self { target, stop, thread: Some(thread) })
    }
}

impl Goal for Echo {
    fn target(&self) -> &Target {
        &self.target
    }

    fn forget_one(&self) -> Result<()> {
        Ok(())
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = rustix::io::write(&self.stop, &1_u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(sink: &Sink, stop: BorrowedFd<'_>) -> Result<()> {
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, stop, EventData::new_u64(STOP), EventFlags::IN)?;
    epoll::add(&epoll, sink, EventData::new_u64(LISTENER), EventFlags::IN)?;
    let mut open: Vec<Option<Far>> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut events: Vec<Event> = Vec::with_capacity(256);
    loop {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in &events {
            match event.data.u64() {
                STOP => return Ok(()),
                LISTENER => {
                    while let Some(far) = sink.try_accept()? {
                        let slot = free.pop().unwrap_or(open.len());
                        let data = EventData::new_u64(slot as u64);
                        epoll::add(&epoll, &far, data, EventFlags::IN)?;
                        if slot == open.len() {
                            open.push(Some(far));
                        } else {
                            open[slot] = Some(far);
                        }
                    }
                }
                slot => {
                    let slot = usize::try_from(slot)?;
                    if open[slot].as_mut().is_some_and(answer) {
                        open[slot] = None;
                        free.push(slot);
                    }
                }
            }
        }
    }
}

/// Echoes the available bytes of a connection. Returns whether the connection has ended.
fn answer(far: &mut Far) -> bool {
    let mut bytes = [0; 4096];
    match far.read(&mut bytes) {
        Ok(0) => true,
        Ok(read) => far.write_all(&bytes[..read]).is_err(),
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    }
}
