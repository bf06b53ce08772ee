//! Tests of `fd` endpoints: listening sockets for servers, connections for clients.
//!
//! The tests inherit no descriptors, but a duplicate without close-on-exec looks like one.

#![cfg(all(feature = "net", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, IntoRawFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};

use endpoint_runtime::{Address, Blame};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, connect, exists, greets, listen, listen_error};

/// Leaks a duplicate of a descriptor, and returns the description `fd:NUMBER` of it.
fn given(descriptor: impl AsFd) -> String {
    format!("fd:{}", rustix::io::dup(descriptor).unwrap().into_raw_fd())
}

fn is_nonblocking(descriptor: impl AsFd) -> bool {
    fcntl_getfl(descriptor).unwrap().contains(OFlags::NONBLOCK)
}

/// The descriptor number in the description `fd:NUMBER`.
fn number(description: &str) -> &str {
    description.strip_prefix("fd:").unwrap()
}

#[test]
fn a_server_accepts_from_a_listening_socket() {
    let bound = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut listener = listen(&given(&bound));
    let address = bound.local_addr().unwrap();
    assert_eq!(*listener.local_address(), Address::Tcp(address));

    greets(&mut listener, address);
}

#[test]
fn the_path_of_a_unix_socket_is_left_as_it_was() {
    let dir = TempDir::new();
    let bound = UnixListener::bind(dir.path("s")).unwrap();
    std::fs::set_permissions(dir.path("s"), PermissionsExt::from_mode(0o610)).unwrap();
    let mut listener = listen(&given(&bound));
    assert_eq!(listener.local_address().to_string(), format!("`{}`", dir.text("s")));
    assert!(!exists(&dir.path("s.lock")));

    let client = UnixStream::connect(dir.path("s")).unwrap();
    smol::block_on(listener.accept()).unwrap();
    drop(client);
    smol::block_on(listener.close()).unwrap();
    let mode = dir.path("s").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o610);
    // The server used a duplicate, so the original socket still listens.
    UnixStream::connect(dir.path("s")).unwrap();
    bound.accept().unwrap();
}

#[test]
fn a_descriptor_is_taken_once() {
    let bound = TcpListener::bind("127.0.0.1:0").unwrap();
    let description = given(&bound);
    let listener = listen(&description);
    let error = listen_error(&description);
    let number = number(&description);
    assert_eq!(
        error.to_string(),
        format!(
            "`{description}`: descriptor {number} is already in use (it can be used once per process)"
        )
    );
    assert_eq!(error.blame(), Blame::Environment);
    drop(listener);
}

#[test]
fn unsuitable_descriptors_of_servers_are_named() {
    let connected = UnixStream::pair().unwrap().0;
    let unconnected = socket(rustix::net::AddressFamily::INET);
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    let file = File::open("/proc/self/cmdline").unwrap();
    let directory = File::open("/proc/self").unwrap();
    let null = File::open("/dev/null").unwrap();
    for (description, is) in [
        (given(&connected), "a connected UNIX socket"),
        (given(&unconnected), "an unconnected INET socket"),
        (given(&datagrams), "a message-based INET socket"),
        (given(&file), "a file"),
        (given(&directory), "a directory"),
        (given(&null), "a device open for only one direction"),
    ] {
        let number = number(&description);
        assert_eq!(
            listen_error(&description).to_string(),
            format!("`{description}`: descriptor {number} is {is} (expected a listening socket)")
        );
        // The refused descriptor is unchanged, so a second check has the same result.
        assert!(listen_error(&description).to_string().contains(is));
    }
}

fn socket(family: rustix::net::AddressFamily) -> std::os::fd::OwnedFd {
    rustix::net::socket(family, rustix::net::SocketType::STREAM, None).unwrap()
}

#[test]
fn unsuitable_descriptors_of_clients_are_named() {
    let bound = TcpListener::bind("127.0.0.1:0").unwrap();
    let (pipe, _writer) = rustix::pipe::pipe().unwrap();
    for (description, is) in [(given(&bound), "a listening INET socket"), (given(&pipe), "a pipe")]
    {
        let number = number(&description);
        assert_eq!(
            connect(&description).unwrap_err().to_string(),
            format!(
                "`{description}`: descriptor {number} is {is} \
                 (expected a connected stream socket, or a device open for reading and writing)"
            )
        );
    }
}

#[test]
fn own_and_closed_descriptors_are_refused() {
    assert_eq!(
        listen_error("fd:1000000").to_string(),
        "`fd:1000000`: descriptor 1000000 is not open"
    );
    // A number far above those of other tests, which run at the same time.
    let ours = TcpListener::bind("127.0.0.1:0").unwrap();
    let ours = rustix::io::fcntl_dupfd_cloexec(&ours, 500).unwrap().into_raw_fd();
    assert_eq!(
        listen_error(&format!("fd:{ours}")).to_string(),
        format!(
            "`fd:{ours}`: descriptor {ours} was opened by this process (expected one that it was started with)"
        )
    );
}

#[test]
fn a_client_is_a_connected_socket_whose_flags_stay() {
    let bound = TcpListener::bind("127.0.0.1:0").unwrap();
    let shared = TcpStream::connect(bound.local_addr().unwrap()).unwrap();
    let (mut far, _) = bound.accept().unwrap();
    let mut connection = connect(&given(&shared)).unwrap();
    assert_eq!(connection.local_address().as_tcp(), Some(shared.local_addr().unwrap()));
    assert_eq!(connection.peer_address().as_tcp(), Some(bound.local_addr().unwrap()));

    smol::block_on(async {
        let mut buf = [0; 8];
        // There is no input yet, and reading does not block.
        let first = smol::future::poll_once(connection.read(&mut buf)).await;
        assert!(first.is_none());
        assert!(!is_nonblocking(&shared));
        far.write_all(b"question").unwrap();
        connection.read_exact(&mut buf).await.unwrap();
        assert_eq!(&buf, b"question");
        connection.write_all(b"answer").await.unwrap();
        connection.close().await.unwrap();
    });
    let mut answer = String::new();
    far.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "answer", "the write side has ended");
    far.write_all(b"late").unwrap();
    far.shutdown(Shutdown::Write).unwrap();
    let mut late = String::new();
    smol::block_on(connection.read_to_string(&mut late)).unwrap();
    assert_eq!(late, "late", "the read side went on");
}

#[test]
fn a_client_writes_no_more_than_is_read() {
    let (shared, mut far) = UnixStream::pair().unwrap();
    let mut connection = connect(&given(&shared)).unwrap();
    assert_eq!(*connection.peer_address(), Address::UnixUnnamed);
    drop(shared);
    let sent: Vec<u8> = (0..16 * 1024 * 1024_u32).map(|i| (i % 251) as u8).collect();
    let mut taken = 0;
    smol::block_on(async {
        while let Some(written) = smol::future::poll_once(connection.write(&sent[taken..])).await {
            taken += written.unwrap();
        }
    });
    assert!(taken < sent.len() / 2, "{taken} bytes were taken, and none was read");
    let reader = std::thread::spawn(move || {
        let mut received = Vec::new();
        far.read_to_end(&mut received).unwrap();
        received
    });
    smol::block_on(async {
        connection.write_all(&sent[taken..]).await.unwrap();
        connection.close().await.unwrap();
    });
    assert!(reader.join().unwrap() == sent);
}

#[test]
fn a_client_is_a_terminal() {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let master = openpt(flags).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let terminal = ioctl_tiocgptpeer(&master, flags).unwrap();
    let description = given(&terminal);
    let mut connection = connect(&description).unwrap();
    assert_eq!(
        connection.peer_address().to_string(),
        format!("descriptor {}", number(&description))
    );
    rustix::io::write(&master, b"typed\n").unwrap();
    smol::block_on(async {
        let mut line = [0; 6];
        connection.read_exact(&mut line).await.unwrap();
        assert_eq!(&line, b"typed\n");
        connection.write_all(b"shown").await.unwrap();
        connection.flush().await.unwrap();
    });
    assert!(!is_nonblocking(&terminal) && !is_nonblocking(&master));
    let mut screen = [0; 12];
    File::from(master).read_exact(&mut screen).unwrap();
    assert_eq!(&screen, b"typed\r\nshown", "what was typed is echoed");
}
