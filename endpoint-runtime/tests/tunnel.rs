//! Tests of `socks5` and `http-connect` clients, with proxies that follow a script.

#![cfg(feature = "net")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use std::os::unix::fs::PermissionsExt;

use endpoint_runtime::{
    Blame, Connection, Error, Listener, client_from_string, quote_string_argument,
    server_from_string,
};
use smol::future::zip;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use support::{TempDir, converse, loopback, refused};

/// The greeting of a SOCKS5 client without credentials.
const GREETING: &[u8] = b"\x05\x01\x00";
/// The reply of a SOCKS5 proxy that has connected to the target.
const REPLY: &[u8] = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x10\x00";

/// A description of the type `kind` whose proxy is reached by `endpoint`.
fn through(kind: &str, target: &str, endpoint: &str) -> String {
    format!("{kind}:{target}:endpoint={}", quote_string_argument(endpoint))
}

/// Reads as many bytes as are expected, and compares them.
async fn expect(connection: &mut Connection, bytes: &[u8]) {
    let mut found = vec![0; bytes.len()];
    connection.read_exact(&mut found).await.unwrap();
    assert_eq!(found.escape_ascii().to_string(), bytes.escape_ascii().to_string());
}

/// Accepts a connection as a proxy: expects the first bytes of each pair, and sends the second.
async fn follow(listener: &mut Listener, script: &[(&[u8], &[u8])]) -> Connection {
    let mut connection = listener.accept().await.unwrap();
    for (expected, answer) in script {
        expect(&mut connection, expected).await;
        connection.write_all(answer).await.unwrap();
    }
    connection
}

/// Connects through a proxy that follows a script. Returns both ends of the connection.
fn play(
    description: &str,
    listener: &mut Listener,
    script: &[(&[u8], &[u8])],
) -> Result<(Connection, Connection), Error> {
    let client = client_from_string(description).unwrap();
    let (ours, theirs) = smol::block_on(zip(client.connect(), follow(listener, script)));
    Ok((ours?, theirs))
}

/// The error of a client whose proxy follows a script, and then closes the connection.
fn play_and_end(
    description: &str,
    listener: &mut Listener,
    script: &[(&[u8], &[u8])],
) -> (Blame, String) {
    let client = client_from_string(description).unwrap();
    let proxy = async { follow(listener, script).await.close().await.unwrap() };
    refused(smol::block_on(zip(client.connect(), proxy)).0)
}

/// Expects these first bytes of the target, and then a question and an answer.
fn talk(mut ours: Connection, theirs: Connection, said: &[u8]) {
    smol::block_on(expect(&mut ours, said));
    converse(ours, theirs);
}

#[test]
fn the_proxy_resolves_the_name_and_data_after_its_answer_is_the_hosts() {
    let (mut listener, proxy) = loopback();
    let request = b"\x05\x01\x00\x03\x0fnowhere.invalid\x00\x50";
    let reply = [REPLY, b"\x05\x00 hello"].concat();
    let socks5 = through("socks5", "nowhere.invalid:80", &proxy);
    let script: &[(&[u8], &[u8])] = &[(GREETING, b"\x05\x00"), (request, &reply)];
    let (ours, theirs) = play(&socks5, &mut listener, script).unwrap();
    assert_eq!(ours.peer_address(), listener.local_address(), "the way to the proxy");
    talk(ours, theirs, b"\x05\x00 hello");

    let request = b"CONNECT nowhere.invalid:80 HTTP/1.1\r\nHost: nowhere.invalid:80\r\n\r\n";
    let answer = b"HTTP/1.1 200 OK\r\nVia: proxy\r\n\r\nHTTP/1.1 200 \r\n\r\n";
    let http = through("http-connect", "nowhere.invalid:80", &proxy);
    let (ours, theirs) = play(&http, &mut listener, &[(request, answer)]).unwrap();
    talk(ours, theirs, b"HTTP/1.1 200 \r\n\r\n");
}

#[test]
fn proxies_nest() {
    let (mut listener, proxy) = loopback();
    let inner = through("http-connect", "second:1080", &proxy);
    let outer = through("socks5", "192.0.2.1:80", &inner);
    let connect = b"CONNECT second:1080 HTTP/1.1\r\nHost: second:1080\r\n\r\n";
    let request = b"\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50";
    let reply = [REPLY, b"host"].concat();
    let script: &[(&[u8], &[u8])] =
        &[(connect, b"HTTP/1.0 200\r\n\r\n"), (GREETING, b"\x05\x00"), (request, &reply)];
    let (ours, theirs) = play(&outer, &mut listener, script).unwrap();
    talk(ours, theirs, b"host");

    // A PROXY header goes through the tunnel to the host.
    let header = through("haproxy:socks5", "192.0.2.1:80", &proxy) + ":proxyVersion=1";
    let script: &[(&[u8], &[u8])] =
        &[(GREETING, b"\x05\x00"), (request, REPLY), (b"PROXY TCP4 127.0.0.1 ", b"host")];
    let (mut ours, _theirs) = play(&header, &mut listener, script).unwrap();
    smol::block_on(expect(&mut ours, b"host"));
}

#[test]
fn a_proxy_that_refuses_is_named_with_its_reason() {
    let (mut listener, proxy) = loopback();
    let place = proxy.strip_prefix("tcp:").unwrap();
    let said = |reason: &str| format!("no connection to h:80 by the proxy at {place}: {reason}");
    let socks5 = through("socks5", "h:80", &proxy);
    let request = b"\x05\x01\x00\x03\x01h\x00\x50";
    for (script, reason) in [
        (
            vec![(GREETING, &b"\x05\x00"[..]), (request, b"\x05\x05\x00\x01")],
            "the proxy answered: connection refused",
        ),
        (
            vec![(GREETING, b"\x05\xff")],
            "the proxy requires a user name and a password (name their file by `credentials=`)",
        ),
        (
            vec![(GREETING, b"HTTP/1.1 400 Bad Request\r\n")],
            "expected an answer of SOCKS5, but byte 1 is 0x48 \
             (is it an HTTP proxy? then the type is `http-connect`)",
        ),
        (
            vec![(GREETING, b"\x05\x00"), (request, b"\x05\x00\x00")],
            "the proxy ended the connection after 3 bytes of its answer",
        ),
        (vec![(GREETING, b"")], "the proxy ended the connection after 0 bytes of its answer"),
    ] {
        let found = play_and_end(&socks5, &mut listener, &script);
        assert_eq!(found, (Blame::Peer, said(reason)));
    }
    let http = through("http-connect", "h:80", &proxy);
    let request = b"CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n";
    let answer = b"HTTP/1.1 403 Filtered\r\nContent-Length: 9\r\n\r\nforbidden";
    let found = play_and_end(&http, &mut listener, &[(request, answer)]);
    assert_eq!(found, (Blame::Peer, said("the proxy answered 403 `Filtered`")));
}

#[test]
fn a_silent_proxy_costs_the_time_limit() {
    let (mut listener, proxy) = loopback();
    let endpoint = format!("{proxy}:timeout=1");
    let client = client_from_string(&through("socks5", "h:80", &endpoint)).unwrap();
    let silent = async {
        let mut connection = listener.accept().await.unwrap();
        expect(&mut connection, GREETING).await;
        let mut rest = Vec::new();
        connection.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"");
    };
    let (ours, ()) = smol::block_on(zip(client.connect(), silent));
    let error = ours.unwrap_err();
    assert_eq!(error.problem().reason(), "timed-out");
    assert!(error.to_string().ends_with("within 1 second"), "{error}");
}

#[cfg(feature = "process")]
#[test]
fn a_program_may_connect_to_the_proxy() {
    // The program is `cat`: it echoes the request, which is not a valid answer of a proxy.
    let client = client_from_string(&through("http-connect", "h:80", "process:cat")).unwrap();
    let error = smol::block_on(client.connect()).unwrap_err();
    assert!(error.to_string().ends_with("expected an answer of HTTP/1, but byte 1 is 0x43"));
    assert_eq!(error.problem().reason(), "proxy");
}

#[test]
fn names_are_sent_in_ascii_and_zones_are_not_sent() {
    let problem = |host: &str| {
        let text = through("socks5", &format!("{host}:80"), "tcp:proxy:1080");
        client_from_string(&text).unwrap_err().problem().to_string()
    };
    assert_eq!(
        problem(r"fe80\:\:1%eth0"),
        "`fe80::1%eth0` is not a host that a proxy can connect to \
         (expected a name or an address without a zone)"
    );
    assert_eq!(
        problem("a b"),
        "expected a host name for `host`, but found `a b` \
         (a name has letters, digits, hyphens and dots)"
    );
    #[cfg(any(feature = "tls", feature = "ring"))]
    {
        let (mut listener, proxy) = loopback();
        let http = through("http-connect", "b\u{fc}cher.example:80", &proxy);
        let ascii = "xn--bcher-kva.example:80";
        let request = format!("CONNECT {ascii} HTTP/1.1\r\nHost: {ascii}\r\n\r\n");
        let script: &[(&[u8], &[u8])] = &[(request.as_bytes(), b"HTTP/1.1 200\r\n\r\n")];
        assert!(play(&http, &mut listener, script).is_ok());
    }
}

/// Writes the file of credentials with this text and these permissions; returns its path.
fn write(directory: &TempDir, text: &[u8], mode: u32) -> String {
    let path = directory.path("credentials");
    let _ = std::fs::remove_file(&path);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn credentials_are_read_for_each_connection() {
    let (mut listener, proxy) = loopback();
    let directory = TempDir::new();
    let path = write(&directory, b"user:secret\n", 0o600);
    let socks5 = through("socks5", "h:80", &proxy) + ":credentials=" + &path;
    let request = b"\x05\x01\x00\x03\x01h\x00\x50";
    let reply = [REPLY, b"."].concat();
    let greeting = b"\x05\x02\x00\x02";
    for (line, sent) in [
        (&b"user:secret\n"[..], &b"\x01\x04user\x06secret"[..]),
        (b"other:p:w", b"\x01\x05other\x03p:w"),
    ] {
        write(&directory, line, 0o400);
        let script: &[(&[u8], &[u8])] =
            &[(greeting, b"\x05\x02"), (sent, b"\x01\x00"), (request, &reply)];
        let (mut ours, _theirs) = play(&socks5, &mut listener, script).unwrap();
        smol::block_on(expect(&mut ours, b"."));
    }

    write(&directory, b"user:secret\n", 0o600);
    let script: &[(&[u8], &[u8])] =
        &[(greeting, b"\x05\x02"), (b"\x01\x04user\x06secret", b"\x01\x01")];
    let (blame, said) = play_and_end(&socks5, &mut listener, script);
    assert_eq!(blame, Blame::Peer);
    assert!(said.ends_with("the proxy refused the user name or the password of `credentials=`"));
    assert!(!said.contains("secret"), "{said}");
}

#[test]
fn a_file_of_credentials_is_for_its_owner_alone() {
    let (_listener, proxy) = loopback();
    let directory = TempDir::new();
    let path = directory.text("credentials");
    let text = through("socks5", "h:80", &proxy) + ":credentials=" + &path;
    let client = client_from_string(&text).unwrap();
    let problem = || {
        let error = smol::block_on(client.connect()).unwrap_err();
        assert_eq!(error.blame(), Blame::Environment);
        let said = error.problem().to_string();
        assert!(!said.contains("secret"), "{said}");
        let start = format!("cannot use the credentials in `{path}`: ");
        said.strip_prefix(&start).unwrap_or_else(|| panic!("{said}")).to_owned()
    };
    assert_eq!(problem(), "no such file or directory (os error 2)");
    for mode in [0o640, 0o604, 0o620, 0o602] {
        write(&directory, b"user:secret", mode);
        let others = "users other than its owner may read or write it";
        assert_eq!(problem(), format!("{others}, mode {mode:03o} (`chmod go= FILE`)"));
    }
    for (text, said) in [
        (&b"secret"[..], "expected one line `user:password`, but found no colon"),
        (
            b"user:secret\nuser:secret\n",
            "expected one line `user:password`, but found a control character or a second line",
        ),
        (b":secret", "expected a user name before the colon, but found none"),
        (b"user:", "expected 1 to 255 bytes as a password for SOCKS5, but found 0"),
    ] {
        write(&directory, text, 0o600);
        assert_eq!(problem(), said);
    }
    write(&directory, &[b'x'; 9000], 0o600);
    assert_eq!(problem(), "it has more than 8192 bytes");

    // Opening a pipe without a writer would block.
    std::fs::remove_file(directory.path("credentials")).unwrap();
    let made = std::process::Command::new("mkfifo").args(["-m", "600", &path]).status().unwrap();
    assert!(made.success());
    assert_eq!(problem(), "it is not a regular file");
}

#[test]
fn servers_do_not_run_over_proxies() {
    let error = server_from_string(r"socks5:h:80:endpoint=tcp\:p\:1080").unwrap_err();
    assert_eq!(error.blame(), Blame::Description);
}
