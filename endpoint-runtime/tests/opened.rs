//! Tests of sockets that the program opened itself (`from_listener`, `from_stream`).
//!
//! A socket is checked first, can be used once, and keeps its options.

#![cfg(all(feature = "net", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::Write;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};

use endpoint_runtime::{Address, Blame, Client, Connection, Error, Server};
use rustix::io::{FdFlags, fcntl_getfd, fcntl_setfd};
use rustix::net::sockopt::{
    set_socket_keepalive, set_socket_recv_buffer_size, socket_keepalive, socket_recv_buffer_size,
    tcp_nodelay,
};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, exists, greets};

/// A listening socket of std.
fn bound() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// The message of an error, with `N` for the number of the descriptor, which varies.
fn said<T>(result: Result<T, Error>) -> String {
    let text = result.err().expect("an error").to_string();
    let number = text.split("descriptor ").nth(1).unwrap().split(' ').next().unwrap();
    text.replace(&format!("descriptor {number} "), "descriptor N ")
}

#[test]
fn a_tcp_listener_keeps_its_options() {
    let socket = bound();
    let address = socket.local_addr().unwrap();
    set_socket_keepalive(&socket, true).unwrap();
    set_socket_recv_buffer_size(&socket, 12_345).unwrap();
    let ours = socket.try_clone().unwrap();
    let options = |socket: &TcpListener| {
        let len = socket_recv_buffer_size(socket).unwrap();
        (socket_keepalive(socket).unwrap(), len, tcp_nodelay(socket).unwrap())
    };
    let before = options(&ours);

    let server = Server::from_listener(socket).unwrap();
    assert_eq!(
        server.plan().to_string(),
        format!("listen on the socket at {address} that the program opened")
    );
    let mut listener = smol::block_on(server.listen()).unwrap();
    assert_eq!(*listener.local_address(), Address::Tcp(address));
    assert_eq!(listener.client_endpoint().unwrap().to_string(), format!("tcp:{address}"));
    assert_eq!(options(&ours), before);

    greets(&mut listener, address);
}

/// Sockets of other crates are accepted like those of std: each owns a descriptor.
#[test]
fn sockets_of_socket2_and_of_tokio_go_in_as_they_are() {
    let own = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    own.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    own.listen(1).unwrap();
    let address = own.local_addr().unwrap().as_socket().unwrap();
    let server = Server::from_listener(own).unwrap();
    let mut listener = smol::block_on(server.listen()).unwrap();

    let tokio = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let connected = tokio.block_on(tokio::net::TcpStream::connect(address)).unwrap();
    let mut ours = {
        // Deregistering from tokio's reactor needs tokio's context.
        let _entered = tokio.enter();
        Connection::from_stream(connected.into_std().unwrap()).unwrap()
    };
    let mut accepted = smol::block_on(listener.accept()).unwrap();
    assert_eq!(Some(ours.local_address()), Some(accepted.peer_address()));
    smol::block_on(async {
        ours.write_all(b"hello").await.unwrap();
        ours.close().await.unwrap();
        let mut text = String::new();
        accepted.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "hello");
    });

    let theirs = tokio.block_on(async { tokio::net::TcpListener::bind("127.0.0.1:0").await });
    let theirs = {
        let _entered = tokio.enter();
        theirs.unwrap().into_std().unwrap()
    };
    let address = theirs.local_addr().unwrap();
    let mut listener = smol::block_on(Server::from_listener(theirs).unwrap().listen()).unwrap();
    let connected = socket2::Socket::from(TcpStream::connect(address).unwrap());
    let connected = Client::from_stream(connected).unwrap();
    let (ours, accepted) =
        smol::block_on(smol::future::zip(connected.connect(), listener.accept()));
    assert_eq!(ours.unwrap().local_address(), accepted.unwrap().peer_address());
}

#[test]
fn a_unix_listener_leaves_the_file_system_as_it_is() {
    let dir = TempDir::new();
    let server = Server::from_listener(UnixListener::bind(dir.path("s")).unwrap()).unwrap();
    let mut listener = smol::block_on(server.listen()).unwrap();
    assert_eq!(listener.local_address().to_string(), format!("`{}`", dir.text("s")));
    let _client = UnixStream::connect(dir.path("s")).unwrap();
    smol::block_on(listener.accept()).unwrap();
    smol::block_on(listener.close()).unwrap();
    assert!(exists(&dir.path("s")) && !exists(&dir.path("s.lock")));
}

#[test]
fn a_socket_listens_once() {
    let server = Server::from_listener(bound()).unwrap();
    let listener = smol::block_on(server.listen()).unwrap();
    let error = smol::block_on(server.clone().listen()).unwrap_err();
    assert_eq!(error.blame(), Blame::Misuse);
    assert!(
        error
            .to_string()
            .ends_with("the socket is in use already (a socket can be handed over once)"),
        "{error}"
    );
    let address = listener.local_address().as_tcp().unwrap();
    smol::block_on(listener.close()).unwrap();
    TcpStream::connect(address).unwrap_err();
}

#[test]
fn a_socket_of_another_kind_is_no_server() {
    let listener = bound();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let at = "`a socket of the program`: descriptor N is";
    let expected = "(expected a listening socket)";
    assert_eq!(
        said(Server::from_listener(stream)),
        format!("{at} a connected INET socket {expected}")
    );
    assert_eq!(
        said(Server::from_listener(UnixStream::pair().unwrap().0)),
        format!("{at} a connected UNIX socket {expected}")
    );
    assert_eq!(
        said(Server::from_listener(UdpSocket::bind("[::1]:0").unwrap())),
        format!("{at} a message-based INET6 socket {expected}")
    );
    assert_eq!(
        said(Server::from_listener(File::open("/").unwrap())),
        format!("{at} a directory {expected}")
    );
}

#[test]
fn a_socket_of_another_kind_is_no_connection() {
    let at = "`a socket of the program`: descriptor N is";
    let expected = "(expected a connected TCP or UNIX socket)";
    assert_eq!(
        said(Client::from_stream(bound())),
        format!("{at} a listening INET socket {expected}")
    );
    assert_eq!(
        said(Connection::from_stream(File::open("/dev/null").unwrap())),
        format!("{at} a device open for only one direction {expected}")
    );
}

#[test]
fn a_connected_socket_is_a_connection_with_its_options() {
    let listener = bound();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut theirs, peer) = listener.accept().unwrap();
    set_socket_keepalive(&stream, true).unwrap();
    let copy = stream.try_clone().unwrap();

    let client = Client::from_stream(stream).unwrap();
    let mut connection = smol::block_on(client.connect()).unwrap();
    assert_eq!(connection.local_address().as_tcp(), Some(peer));
    assert_eq!(connection.peer_address().as_tcp(), Some(listener.local_addr().unwrap()));
    assert!(socket_keepalive(&copy).unwrap() && !tcp_nodelay(&copy).unwrap());
    theirs.write_all(b"question").unwrap();
    let mut question = [0; 8];
    smol::block_on(connection.read_exact(&mut question)).unwrap();
    assert_eq!(&question, b"question");
    let error = smol::block_on(client.connect()).unwrap_err();
    assert_eq!(error.blame(), Blame::Misuse);
}

#[test]
fn a_socket_is_not_passed_on_to_programs() {
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let ours = OwnedFd::from(ours);
    fcntl_setfd(&ours, FdFlags::empty()).unwrap();
    let number = std::os::fd::AsRawFd::as_raw_fd(&ours);
    let _connection = Connection::from_stream(ours).unwrap();
    let shown = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap();
    let flags = shown.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
    let flags = u32::from_str_radix(flags.trim(), 8).unwrap();
    assert_eq!(flags & 0o2_000_000, 0o2_000_000, "close-on-exec");
    assert!(fcntl_getfd(bound().as_fd()).unwrap().contains(FdFlags::CLOEXEC));
}
