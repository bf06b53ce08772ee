//! The target that servers relay to. The first byte of a connection selects what it does.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::net::{RecvFlags, recv};

use crate::Fallible;

/// The order to echo this byte, and close.
pub(crate) const ECHO: u8 = b'e';
/// The order to read until the end of the connection.
pub(crate) const TAKE: u8 = b't';
/// The order to send data until [`Sink::give`] turns that off.
pub(crate) const GIVE: u8 = b'g';
/// The order to echo this byte, and keep the connection open.
pub(crate) const KEEP: u8 = b'k';

/// The number of threads, which is more than the number of connections that any load serves at
/// once.
const THREADS: usize = 512;

#[derive(Default)]
struct State {
    bytes: AtomicU64,
    busy: AtomicUsize,
    giving: AtomicBool,
    kept: Mutex<Vec<TcpStream>>,
}

/// A running target, on threads of this process.
pub(crate) struct Sink {
    port: u16,
    state: Arc<State>,
}

impl Sink {
    pub(crate) fn start() -> Fallible<Self> {
        let listener = Arc::new(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?);
        let sink = Self { port: listener.local_addr()?.port(), state: Arc::default() };
        for _ in 0..THREADS {
            let (listener, state) = (Arc::clone(&listener), Arc::clone(&sink.state));
            thread::spawn(move || {
                while let Ok((stream, _)) = listener.accept() {
                    // If a server disconnects, the clients notice, and the measurement fails.
                    let _ = state.serve(stream);
                }
            });
        }
        Ok(sink)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns how many bytes were sent and received so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.state.bytes.load(Ordering::Relaxed)
    }

    /// Returns how many connections are sending or receiving.
    pub(crate) fn busy(&self) -> usize {
        self.state.busy.load(Ordering::Acquire)
    }

    pub(crate) fn give(&self, giving: bool) {
        self.state.giving.store(giving, Ordering::Release);
    }

    /// Closes the connections that [`KEEP`] has left open.
    pub(crate) fn forget(&self) {
        self.state.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl State {
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut order = [0];
        stream.read_exact(&mut order)?;
        match order[0] {
            ECHO => stream.write_all(&order),
            KEEP => {
                stream.write_all(&order)?;
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
                Ok(())
            }
            what => {
                self.busy.fetch_add(1, Ordering::AcqRel);
                let done = if what == TAKE { self.take(&stream) } else { self.give(&mut stream) };
                self.busy.fetch_sub(1, Ordering::AcqRel);
                done
            }
        }
    }

    fn take(&self, stream: &TcpStream) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 20];
        loop {
            match discard(stream, &mut buffer)? {
                0 => return Ok(()),
                bytes => self.bytes.fetch_add(bytes as u64, Ordering::Relaxed),
            };
        }
    }

    fn give(&self, stream: &mut TcpStream) -> io::Result<()> {
        let buffer = vec![0x5a; 256 * 1024];
        while self.giving.load(Ordering::Acquire) {
            let written = stream.write(&buffer)?;
            self.bytes.fetch_add(written as u64, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Receives data and discards it in the kernel, so that the load generator is not the bottleneck.
pub(crate) fn discard(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    let (_, bytes) = recv(stream, buffer, RecvFlags::TRUNC)?;
    Ok(bytes)
}
