//! A plugin: endpoints that need no operating system, for tests and for parts of one program.
//!
//! The server `memory:NAME` listens for clients of this process, and the client `memory:NAME`
//! connects to it. The registry adds the type: its descriptions can be checked, explained, nested
//! and run.
//!
//! ```text
//! cargo run -p endpoint-runtime --example memory
//! ```

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use endpoint_runtime::{Address, Boxed, Connect, Connection, Incoming, Listen, Registry};
use piper::{Reader, Writer, pipe};
use smol::channel::{Sender, unbounded};
use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use strports_syntax::signature::{Kind, Parameter};
use strports_syntax::{Parameters, PluginEndpoint, Role, Signature};

const NAME: Parameter = Parameter::required("name", Kind::Text, "what both sides call it");
static SERVER: Signature =
    Signature::plugin(Role::Server, "memory", "a peer in this process", &[NAME]);
static CLIENT: Signature =
    Signature::plugin(Role::Client, "memory", "a peer in this process", &[NAME]);

/// The listeners by name.
type Names = Arc<Mutex<HashMap<String, Sender<io::Result<Connection>>>>>;

/// A registry with `memory`. Each registry has its own names.
pub(crate) fn registry() -> Result<Registry, Box<dyn std::error::Error>> {
    let names = Names::default();
    let clients = Arc::clone(&names);
    let registry = Registry::new()
        .with_server(&SERVER, move |it| Ok(Arc::new(Memory::new(it, &names)?)))?
        .with_client(&CLIENT, move |it| Ok(Arc::new(Memory::new(it, &clients)?)))?;
    Ok(registry)
}

/// One endpoint, of either role.
struct Memory {
    name: String,
    names: Names,
}

impl Memory {
    fn new(endpoint: &PluginEndpoint<'_>, names: &Names) -> Result<Self, String> {
        let name = endpoint.value("name");
        let name = name.as_text().map(|name| name.to_str_lossy().into_owned()).unwrap_or_default();
        if name.is_empty() {
            return Err("expected a name, but found nothing".to_owned());
        }
        Ok(Self { name, names: Arc::clone(names) })
    }
}

impl Listen for Memory {
    fn listen(&self) -> Boxed<'_, io::Result<Incoming>> {
        Box::pin(async {
            let (sender, connections) = unbounded();
            let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            // A stopped listener leaves a closed channel.
            if names.get(&self.name).is_some_and(|before| !before.is_closed()) {
                return Err(io::ErrorKind::AddrInUse.into());
            }
            names.insert(self.name.clone(), sender);
            Ok(Incoming::new(Address::UnixUnnamed, connections))
        })
    }
}

impl Connect for Memory {
    fn connect(&self) -> Boxed<'_, io::Result<Connection>> {
        Box::pin(async {
            let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
            let listener = names.get(&self.name).ok_or(io::ErrorKind::ConnectionRefused)?;
            let (ours, theirs) = Duplex::pair();
            let of = |stream| {
                Connection::new(&self.name, stream, Address::UnixUnnamed, Address::UnixUnnamed)
            };
            listener
                .try_send(Ok(of(theirs)))
                .map_err(|_| io::Error::from(io::ErrorKind::ConnectionRefused))?;
            Ok(of(ours))
        })
    }
}

/// Two pipes, one for each direction. Closing ends the pipe for writing.
struct Duplex(Reader, Writer);

impl Duplex {
    fn pair() -> (Self, Self) {
        const CAPACITY: usize = 64 * 1024;
        let (near_reader, far_writer) = pipe(CAPACITY);
        let (far_reader, near_writer) = pipe(CAPACITY);
        (Self(near_reader, near_writer), Self(far_reader, far_writer))
    }
}

impl AsyncRead for Duplex {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Duplex {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.1).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.1).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.1).poll_close(cx)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let registry = registry()?;

    // Its descriptions are checked like all others.
    let report = registry.types().check("memory:greeting:80", Role::Client);
    println!("{}", report.diagnostics()[0].message);
    let client = registry.client_from_string("memory:greeting")?;
    println!("{}", client.plan());

    // They run, also inside others: here below a PROXY header, which is sent and read.
    let server = registry.server_from_string("haproxy:memory:greeting")?;
    let client = registry.client_from_string("haproxy:memory:greeting")?;
    smol::block_on(async {
        let mut listener = server.listen().await?;
        let greeting = async {
            let mut connection = client.connect().await?;
            connection.write_all(b"hello from the same process").await?;
            connection.close().await
        };
        let printing = async {
            let mut connection = listener.accept().await?;
            let mut text = String::new();
            connection.read_to_string(&mut text).await?;
            println!("{}: {text}", connection.endpoint());
            Ok::<(), io::Error>(())
        };
        let (greeted, printed) = smol::future::zip(greeting, printing).await;
        greeted.and(printed)
    })?;
    Ok(())
}
