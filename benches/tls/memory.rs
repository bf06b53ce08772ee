//! The floor: the same loads on rustls alone, from memory to memory, without sockets.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, ServerConfig, ServerConnection};

use crate::Fallible;
use crate::crypto::{self, Identity, Provider};
use crate::load::{Figures, Load, as_f64};

const CHUNK: usize = 256 * 1024;

/// Does the work of `load` in memory, and measures only the server's side.
pub(crate) fn measure(identity: &Identity, load: Load, time: Duration) -> Fallible<Figures> {
    // Freeing one large block raises the trim threshold of the C library. Otherwise, the library
    // would return small blocks to the system each time, and that would be measured.
    drop(std::hint::black_box(vec![1_u8; 16 << 20]));
    // A quarter of the time is enough, because nothing waits for a network.
    let end = Instant::now() + time / 4;
    let server = identity.server(Provider::AwsLc)?;
    let mut busy = Duration::ZERO;
    let mut units = 0.0;
    match load {
        Load::Handshakes { resumed, post_quantum } => {
            let client = crypto::client(post_quantum, resumed)?;
            Pair::connect(&server, &client)?;
            while Instant::now() < end {
                busy += Pair::connect(&server, &client)?.busy;
                units += 1.0;
            }
        }
        Load::Up(_) | Load::Down(_) => {
            let mut pair = Pair::connect(&server, &crypto::client(false, false)?)?;
            pair.busy = Duration::ZERO;
            // Without a limit, the buffers take a whole chunk at once.
            pair.client.set_buffer_limit(None);
            pair.server.set_buffer_limit(None);
            while Instant::now() < end {
                if matches!(load, Load::Up(_)) {
                    pair.decrypt()?;
                } else {
                    pair.encrypt()?;
                }
                units += as_f64(CHUNK as u64) / as_f64(1 << 30);
            }
            busy = pair.busy;
        }
        Load::Idle | Load::Unread => {
            return Ok(Figures { rate: f64::NAN, cost: f64::NAN, busy: f64::NAN });
        }
    }
    let seconds = busy.as_secs_f64();
    Ok(Figures { rate: units / seconds, cost: seconds / units, busy: f64::NAN })
}

struct Pair {
    client: ClientConnection,
    server: ServerConnection,
    wire: Vec<u8>,
    plain: Vec<u8>,
    /// The CPU time that the server's side has used.
    busy: Duration,
}

impl Pair {
    fn connect(server: &Arc<ServerConfig>, client: &Arc<ClientConfig>) -> Fallible<Self> {
        let name = ServerName::try_from("localhost")?;
        let client = ClientConnection::new(Arc::clone(client), name)?;
        let started = used();
        let server = ServerConnection::new(Arc::clone(server))?;
        let busy = used().saturating_sub(started);
        let mut pair = Self { client, server, wire: Vec::new(), plain: vec![0x5a; CHUNK], busy };
        while pair.client.is_handshaking() || pair.server.is_handshaking() {
            pair.drive_server(|_| Ok(()))?;
            pair.drive_client()?;
        }
        Ok(pair)
    }

    fn decrypt(&mut self) -> Fallible<()> {
        self.client.writer().write_all(&self.plain)?;
        let mut plain = std::mem::take(&mut self.plain);
        self.drive_server(|server| match server.reader().read(&mut plain) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        })?;
        self.plain = plain;
        Ok(())
    }

    fn encrypt(&mut self) -> Fallible<()> {
        let started = used();
        self.server.writer().write_all(&self.plain)?;
        self.wire.clear();
        while self.server.wants_write() {
            self.server.write_tls(&mut self.wire)?;
        }
        self.busy += used().saturating_sub(started);
        Ok(())
    }

    fn drive_server(
        &mut self,
        take: impl FnMut(&mut ServerConnection) -> io::Result<()>,
    ) -> Fallible<()> {
        let mut take = take;
        self.wire.clear();
        while self.client.wants_write() {
            self.client.write_tls(&mut self.wire)?;
        }
        let started = used();
        let mut wire = self.wire.as_slice();
        while !wire.is_empty() {
            self.server.read_tls(&mut wire)?;
            self.server.process_new_packets()?;
            take(&mut self.server)?;
        }
        self.busy += used().saturating_sub(started);
        Ok(())
    }

    fn drive_client(&mut self) -> Fallible<()> {
        let started = used();
        self.wire.clear();
        while self.server.wants_write() {
            self.server.write_tls(&mut self.wire)?;
        }
        self.busy += used().saturating_sub(started);
        let mut wire = self.wire.as_slice();
        while !wire.is_empty() {
            self.client.read_tls(&mut wire)?;
            self.client.process_new_packets()?;
        }
        Ok(())
    }
}

/// Returns the CPU time of this thread, because other threads may use the same core.
fn used() -> Duration {
    clock_gettime(ClockId::ThreadCPUTime).try_into().unwrap_or_default()
}
