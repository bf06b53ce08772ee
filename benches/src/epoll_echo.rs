//! An echo server in a bare epoll loop, to compare servers on a runtime with.

use std::convert::Infallible;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::net::{SocketFlags, accept_with};

const LISTENER: u64 = u64::MAX;

/// Accepts connections, and echoes what it reads. An error of a connection ends only that one.
///
/// # Errors
///
/// Returns an error if epoll fails, or if a new connection cannot be added to it.
pub fn serve(listener: &TcpListener) -> io::Result<Infallible> {
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
    let mut open: Vec<Option<TcpStream>> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    let mut events: Vec<Event> = Vec::with_capacity(256);
    let mut bytes = [0; 4096];
    loop {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in &events {
            if event.data.u64() == LISTENER {
                let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
                while let Ok(socket) = accept_with(listener, flags) {
                    let slot = free.pop().unwrap_or_else(|| {
                        open.push(None);
                        open.len() - 1
                    });
                    epoll::add(&epoll, &socket, EventData::new_u64(slot as u64), EventFlags::IN)?;
                    let stream = TcpStream::from(socket);
                    stream.set_nodelay(true)?;
                    open[slot] = Some(stream);
                }
                continue;
            }
            let slot = usize::try_from(event.data.u64()).expect("slots are indices");
            let is_over = match open[slot].as_mut().map(|stream| (stream.read(&mut bytes), stream))
            {
                Some((Ok(len @ 1..), stream)) => stream.write_all(&bytes[..len]).is_err(),
                _ => true,
            };
            if is_over {
                open[slot] = None;
                free.push(slot);
            }
        }
    }
}
