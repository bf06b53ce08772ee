//! Generates the load on a relay: connections, a thread that writes, and one that reads.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};

use crate::Result;
use crate::peers::{Goal, Route, Target, open_to_all};

/// The number of bytes of each read or write.
const PIECE: usize = 128 * 1024;

/// The target that relays connect to, which reads data and discards it.
pub(crate) struct Sink {
    listener: Listening,
    target: Target,
    _place: tempfile::TempDir,
}

enum Listening {
    Tcp(TcpListener),
    Unix(UnixListener),
}

/// A connection that the sink has accepted from a relay.
pub(crate) enum Far {
    Tcp(TcpStream),
    Unix(UnixStream),
}

impl Sink {
    pub(crate) fn open(route: Route) -> Result<Self> {
        let place = tempfile::tempdir()?;
        open_to_all(place.path())?;
        let (listener, target) = match route {
            Route::Tcp => {
                let listener = TcpListener::bind("127.0.0.1:0")?;
                let target = Target::Tcp(listener.local_addr()?.port());
                (Listening::Tcp(listener), target)
            }
            Route::Unix => {
                let path = place.path().join("sink");
                let listener = UnixListener::bind(&path)?;
                open_to_all(&path)?;
                (Listening::Unix(listener), Target::Unix(path))
            }
        };
        Ok(Self { listener, target, _place: place })
    }

    pub(crate) fn set_nonblocking(&self) -> io::Result<()> {
        match &self.listener {
            Listening::Tcp(listener) => listener.set_nonblocking(true),
            Listening::Unix(listener) => listener.set_nonblocking(true),
        }
    }

    /// Accepts a pending connection of a non-blocking sink; `None` if none is pending.
    pub(crate) fn try_accept(&self) -> io::Result<Option<Far>> {
        let accepted = match &self.listener {
            Listening::Tcp(listener) => listener.accept().map(|(stream, _)| Far::Tcp(stream)),
            Listening::Unix(listener) => listener.accept().map(|(stream, _)| Far::Unix(stream)),
        };
        match accepted {
            Ok(far) => Ok(Some(far)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Waits for the next connection from the relay; fails after ten seconds.
    pub(crate) fn accept(&self) -> Result<Far> {
        let mut polled = [rustix::event::PollFd::new(&self.listener, rustix::event::PollFlags::IN)];
        let limit = rustix::event::Timespec { tv_sec: 10, tv_nsec: 0 };
        if rustix::event::poll(&mut polled, Some(&limit))? == 0 {
            return Err("the relay does not connect".into());
        }
        Ok(match &self.listener {
            Listening::Tcp(listener) => Far::Tcp(listener.accept()?.0),
            Listening::Unix(listener) => Far::Unix(listener.accept()?.0),
        })
    }
}

impl Goal for Sink {
    fn target(&self) -> &Target {
        &self.target
    }

    fn forget_one(&self) -> Result<()> {
        self.accept().map(drop)
    }
}

impl AsFd for Sink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl AsFd for Listening {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(listener) => listener.as_fd(),
            Self::Unix(listener) => listener.as_fd(),
        }
    }
}

impl Far {
    fn set_nonblocking(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_nonblocking(true),
            Self::Unix(stream) => stream.set_nonblocking(true),
        }
    }
}

impl AsFd for Far {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(stream) => stream.as_fd(),
            Self::Unix(stream) => stream.as_fd(),
        }
    }
}

impl Read for Far {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buf),
            Self::Unix(stream) => stream.read(buf),
        }
    }
}

impl Write for Far {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(buf),
            Self::Unix(stream) => stream.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends `each` bytes on every connection, then shuts down its write side.
pub(crate) fn fill(streams: &[TcpStream], each: u64) -> Result<()> {
    let data = noise();
    let mut left = vec![each; streams.len()];
    for stream in streams {
        stream.set_nonblocking(true)?;
    }
    Turns::over(streams, EventFlags::OUT)?.take(|index| {
        let (Some(mut stream), Some(left)) = (streams.get(index), left.get_mut(index)) else {
            return Ok(true);
        };
        let piece = usize::try_from(*left).unwrap_or(PIECE).min(PIECE);
        *left -= stream.write(&data[..piece])? as u64;
        if *left > 0 {
            return Ok(false);
        }
        stream.shutdown(Shutdown::Write)?;
        Ok(true)
    })
}

/// Reads every connection to its end, and returns the total number of bytes.
pub(crate) fn drain(streams: &mut [Far]) -> Result<u64> {
    let mut buffer = vec![0; PIECE];
    let mut sum = 0;
    for stream in &*streams {
        stream.set_nonblocking()?;
    }
    Turns::over(streams, EventFlags::IN)?.take(|index| {
        let Some(stream) = streams.get_mut(index) else { return Ok(true) };
        let read = stream.read(&mut buffer)?;
        sum += read as u64;
        Ok(read == 0)
    })?;
    Ok(sum)
}

/// Waits for connections to become ready, and serves those in turn.
struct Turns {
    epoll: OwnedFd,
    done: Vec<bool>,
}

impl Turns {
    fn over<T: AsFd>(streams: &[T], wanted: EventFlags) -> Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        for (index, stream) in streams.iter().enumerate() {
            epoll::add(&epoll, stream, EventData::new_u64(index as u64), wanted | EventFlags::ET)?;
        }
        Ok(Self { epoll, done: vec![false; streams.len()] })
    }

    /// Calls `work` with the indices of ready connections, until it has returned true for each of
    /// them.
    fn take(mut self, mut work: impl FnMut(usize) -> io::Result<bool>) -> Result<()> {
        let mut left = self.done.len();
        let mut events: Vec<Event> = Vec::with_capacity(256);
        let limit = rustix::event::Timespec { tv_sec: 20, tv_nsec: 0 };
        // The indices of ready connections. Each gets one piece at a time, so that none starves.
        let mut ready: Vec<usize> = Vec::new();
        while left > 0 {
            let wait = if ready.is_empty() { limit } else { rustix::event::Timespec::default() };
            events.clear();
            let count = epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait))?;
            if count == 0 && ready.is_empty() {
                return Err(format!("nothing moves for {} s", limit.tv_sec).into());
            }
            for event in &events {
                let index = usize::try_from(event.data.u64())?;
                if !ready.contains(&index) && !self.done[index] {
                    ready.push(index);
                }
            }
            let mut failed = None;
            ready.retain(|&index| match work(index) {
                Ok(false) => true,
                Ok(true) => {
                    left -= 1;
                    self.done[index] = true;
                    false
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => false,
                Err(error) => {
                    failed = Some(error);
                    false
                }
            });
            if let Some(error) = failed {
                return Err(error.into());
            }
        }
        Ok(())
    }
}

fn noise() -> Vec<u8> {
    let mut state = 0x5eed_u64;
    let bytes = std::iter::repeat_with(|| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    });
    bytes.take(PIECE).collect()
}

/// Transfers `each` bytes on every connection. Returns the time from the first byte to the last end
/// of file.
pub(crate) fn transfer(near: &[TcpStream], far: &mut [Far], each: u64) -> Result<Duration> {
    let began = std::time::Instant::now();
    let (filled, drained) = std::thread::scope(|scope| {
        let filling = scope.spawn(|| fill(near, each).map_err(|error| error.to_string()));
        let drained = drain(far);
        (filling.join(), drained)
    });
    let took = began.elapsed();
    filled.map_err(|_| "the sender has panicked")??;
    let (came, sent) = (drained?, each * near.len() as u64);
    if came == sent { Ok(took) } else { Err(format!("{came} of {sent} bytes came through").into()) }
}
