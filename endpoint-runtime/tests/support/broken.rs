//! Servers that are broken in one way, each on its own thread and port.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use endpoint_runtime::rustls::pki_types::pem::PemObject;
use endpoint_runtime::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use endpoint_runtime::rustls::{ServerConfig, ServerConnection, crypto};
use endpoint_runtime::{Resolver, Resolving};
use socket2::{Domain, Socket, Type};

#[cfg(feature = "tls")]
use crypto::aws_lc_rs as chosen;
#[cfg(not(feature = "tls"))]
use crypto::ring as chosen;

/// When a [`raw`] server sends its answer.
#[derive(Clone, Copy)]
pub(crate) enum After {
    /// As soon as the client is connected.
    Accept,
    /// After the client has sent its first bytes.
    Hello,
}

/// What a server does with the connection after its answer.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// Keeps it open, and sends nothing more.
    Stay,
    Close,
    Reset,
}

/// What the resolver [`Fixed`] returns for every name.
#[derive(Clone)]
pub(crate) enum Answer {
    Addresses(Vec<SocketAddr>),
    /// An error.
    Unknown,
    /// Nothing: it does not answer.
    Never,
}

/// A resolver with the same answer for every name.
pub(crate) struct Fixed(pub(crate) Answer);

impl Resolver for Fixed {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        match self.0.clone() {
            Answer::Addresses(addresses) => Box::pin(async { Ok(addresses) }),
            Answer::Unknown => Box::pin(async { Err(std::io::Error::other("it is not ours")) }),
            Answer::Never => Box::pin(std::future::pending()),
        }
    }
}

/// A port that refuses connections until the test program ends.
///
/// Its socket is bound but does not listen, so the system gives the port to no other socket.
pub(crate) fn closed_port() -> u16 {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let port = socket.local_addr().unwrap().as_socket().unwrap().port();
    std::mem::forget(socket);
    port
}

/// Starts a server that handles one connection after the other on a thread; returns its port.
fn serve(serve: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap());
        }
    });
    port
}

/// Starts a server that answers with these bytes, and returns its port.
pub(crate) fn raw(after: After, then: Then, answer: &[u8]) -> u16 {
    let answer = answer.to_vec();
    serve(move |mut stream| {
        if matches!(after, After::Hello) {
            let _ = stream.read(&mut [0; 16 * 1024]);
        }
        let _ = stream.write_all(&answer);
        end(stream, then);
    })
}

fn end(stream: TcpStream, then: Then) {
    match then {
        Then::Stay => std::mem::forget(stream),
        // Closing a socket with unread input sends a reset, so only the write side is closed.
        Then::Close => {
            let _ = stream.shutdown(std::net::Shutdown::Write);
            std::mem::forget(stream);
        }
        Then::Reset => {
            rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO)).unwrap();
        }
    }
}

/// A TLS session of a server with this certificate and key; it may present an expired one.
fn session(pem: &str) -> ServerConnection {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap);
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(chosen::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates.collect(), key)
        .unwrap();
    ServerConnection::new(Arc::new(config)).unwrap()
}

/// The bytes that a TLS server sends after the client's hello; empty if the client ends first.
fn first_flight(session: &mut ServerConnection, stream: &mut TcpStream) -> Vec<u8> {
    while !session.wants_write() {
        if session.read_tls(stream).unwrap_or(0) == 0 {
            return Vec::new();
        }
        let _ = session.process_new_packets();
    }
    let mut flight = Vec::new();
    while session.wants_write() {
        session.write_tls(&mut flight).unwrap();
    }
    flight
}

/// Starts a TLS server that sends at most this many bytes of its first flight.
pub(crate) fn tls_piece(pem: &str, most: usize, then: Then) -> u16 {
    let pem = pem.to_owned();
    serve(move |mut stream| {
        let flight = first_flight(&mut session(&pem), &mut stream);
        let _ = stream.write_all(&flight[..flight.len().min(most)]);
        end(stream, then);
    })
}

/// Starts a TLS server that completes the handshake, and then ends the connection.
pub(crate) fn refusing_after(pem: &str, then: Then) -> u16 {
    let pem = pem.to_owned();
    serve(move |mut stream| {
        let mut session = session(&pem);
        while session.is_handshaking() {
            if session.complete_io(&mut stream).is_err() {
                return;
            }
        }
        end(stream, then);
    })
}
