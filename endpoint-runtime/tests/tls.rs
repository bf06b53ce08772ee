//! Tests of `ssl` and `tls` servers and clients, over TCP and over other endpoints.

#![cfg(any(feature = "tls", feature = "ring"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;

use endpoint_runtime::plan::{Host, TlsAccept, TlsConnect, TlsIdentity};
use endpoint_runtime::{
    Blame, Connection, KeyLog, Listener, client_from_string, server_from_string, wrap_client_tls,
    wrap_server_tls,
};
use rcgen::date_time_ymd;
use smol::future::zip;
use smol::io::{AsyncReadExt, AsyncWriteExt};

use pki::{Authority, leaf};
use support::{TempDir, exists, listen, listen_error, pair};

/// A directory with the certificate of a root authority, and one for `a.test` with its key.
fn place() -> (TempDir, Authority) {
    let (dir, authority) = (TempDir::new(), Authority::new("root"));
    let issued = authority.issue("a.test");
    std::fs::write(dir.path("root.pem"), &authority.pem).unwrap();
    std::fs::write(dir.path("key.pem"), issued.key).unwrap();
    std::fs::write(dir.path("cert.pem"), issued.certificate).unwrap();
    (dir, authority)
}

/// Connects and transfers a few bytes each way; returns the client's end and the accepted one.
#[track_caller]
fn talk(listener: &mut Listener, client: &str) -> (Connection, Connection) {
    let (mut ours, mut theirs) = pair(listener, client);
    smol::block_on(async {
        let mut word = [0; 8];
        ours.write_all(b"question").await.unwrap();
        ours.flush().await.unwrap();
        theirs.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"question");
        theirs.write_all(b"response").await.unwrap();
        theirs.flush().await.unwrap();
        ours.read_exact(&mut word).await.unwrap();
        assert_eq!(&word, b"response");
    });
    (ours, theirs)
}

#[test]
fn ssl_and_tls_clients_reach_an_ssl_server() {
    let (dir, _) = place();
    let (key, cert, root) = (dir.text("key.pem"), dir.text("cert.pem"), dir.text("root.pem"));
    let mut listener = listen(&format!("ssl:0:{key}:{cert}:interface=127.0.0.1:alpn=h2,http/1.1"));
    let port = listener.local_address().port().unwrap();
    let ssl = format!("ssl:127.0.0.1:{port}:hostname=a.test:caCertsDir={root}");
    let (ours, theirs) = talk(&mut listener, &ssl);
    assert_eq!(ours.peer_address(), listener.local_address());
    assert_eq!(theirs.tls().unwrap().server_name(), Some("a.test"));

    let tls = format!(r"tls:a.test:443:trustRoots={root}:alpn=h2:endpoint=tcp\:127.0.0.1\:{port}");
    let (ours, _) = talk(&mut listener, &tls);
    assert_eq!(ours.tls().unwrap().alpn(), Some(&b"h2"[..]));
    assert_eq!(
        listener.client_endpoint().unwrap().to_string(),
        format!(r"tls:a.test:{port}:endpoint=tcp\:127.0.0.1\:{port}")
    );
}

#[test]
fn an_unverified_peer_is_not_connected() {
    let (dir, _) = place();
    let (key, cert, root) = (dir.text("key.pem"), dir.text("cert.pem"), dir.text("root.pem"));
    let mut listener = listen(&format!("ssl:0:{key}:{cert}:interface=127.0.0.1"));
    let port = listener.local_address().port().unwrap();
    // Twisted would connect here: without `hostname`, it verifies the authority but not the host.
    let text = format!("ssl:127.0.0.1:{port}:caCertsDir={root}");
    let client = client_from_string(&text).unwrap();
    let accepting = async {
        listener.accept().await.unwrap();
        unreachable!("no client is accepted");
    };
    let error = smol::block_on(smol::future::or(client.connect(), accepting)).unwrap_err();
    assert_eq!(error.blame(), Blame::Peer);
    assert_eq!(
        error.to_string(),
        format!(
            "`{text}`: no TLS with 127.0.0.1:{port}: its certificate `CN=a.test` is not for `127.0.0.1` \
             (it is for `a.test`)"
        )
    );
}

#[test]
fn a_refused_client_can_read_the_reason() {
    let (dir, _) = place();
    let (key, cert) = (dir.text("key.pem"), dir.text("cert.pem"));
    let mut listener = listen(&format!("ssl:0:{key}:{cert}:interface=127.0.0.1"));
    let port = listener.local_address().port().unwrap();
    let told = smol::unblock(move || {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
        // More than the server reads: closing at once would reset the connection before the
        // client reads the alert.
        stream
            .write_all(format!("GET / HTTP/1.1\r\n\r\n{}", "x".repeat(100_000)).as_bytes())
            .unwrap();
        let mut told = Vec::new();
        stream.read_to_end(&mut told).map(|_| told)
    });
    let accepting = async {
        listener.accept().await.unwrap();
        unreachable!("no client is accepted");
    };
    let told = smol::block_on(smol::future::or(told, accepting)).unwrap();
    assert_eq!(told.first(), Some(&21), "an alert, and then the end");
}

#[test]
fn the_time_limit_covers_the_handshake() {
    // A server that listens, but never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let (dir, _) = place();
    let root = dir.text("root.pem");
    let error =
        support::connect(&format!("tls:127.0.0.1:{port}:timeout=1:trustRoots={root}")).unwrap_err();
    assert_eq!(
        error.problem().to_string(),
        format!("no handshake with 127.0.0.1:{port} within 1 second")
    );
}

#[test]
fn file_errors_are_reported_before_listening() {
    let (dir, authority) = place();
    let write = |name: &str, text: &str| {
        std::fs::write(dir.path(name), text).unwrap();
        dir.text(name)
    };
    let mut params = leaf("a.test");
    params.not_after = date_time_ymd(2021, 2, 3);
    let expired = write("expired.pem", &authority.issue_as(&params).both());
    (params.not_before, params.not_after) = (date_time_ymd(2999, 1, 1), date_time_ymd(3000, 1, 1));
    let early = write("early.pem", &authority.issue_as(&params).both());
    let other = write("other.pem", &authority.issue("b.test").key);
    let empty = write("empty.pem", "");
    let cert = dir.text("cert.pem");
    let socket = dir.text("socket");
    let missing = dir.text("missing.pem");
    for (files, said) in [
        (
            format!("privateKey={missing}"),
            format!("cannot read `{missing}`: no such file or directory (os error 2)"),
        ),
        (
            format!("privateKey={empty}"),
            format!("`{empty}` is empty (expected certificates or keys in PEM form)"),
        ),
        (
            format!("privateKey={other}:certKey={cert}"),
            format!(
                "the private key in `{other}` does not belong to the certificate `CN=a.test` in `{cert}`"
            ),
        ),
        (
            format!("privateKey={expired}"),
            format!(
                "the certificate `CN=a.test` in `{expired}` expired on 2021-02-03 00:00:00 UTC"
            ),
        ),
        (
            format!("privateKey={early}"),
            format!(
                "the certificate `CN=a.test` in `{early}` is not valid before 2999-01-01 00:00:00 UTC"
            ),
        ),
        (
            format!("privateKey={}:certKey={cert}:clientCAs={missing}", dir.text("key.pem")),
            format!("cannot read `{missing}`: no such file or directory (os error 2)"),
        ),
        (
            format!("privateKey={}:certKey={cert}:dhParameters={cert}", dir.text("key.pem")),
            format!("there are no Diffie-Hellman parameters in `{cert}` (found `CERTIFICATE`)"),
        ),
    ] {
        let error = listen_error(&format!(r"ssl:endpoint=unix\:{socket}:{files}"));
        assert_eq!(error.problem().to_string(), said);
        assert_eq!(error.blame(), Blame::Environment);
        assert!(!exists(&dir.path("socket")));
    }
    let parameters = "-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQU=\n-----END DH PARAMETERS-----\n";
    let (key, parameters) = (dir.text("key.pem"), write("dh.pem", parameters));
    listen(&format!(
        r"ssl:endpoint=unix\:{socket}:privateKey={key}:certKey={cert}:dhParameters={parameters}"
    ));
}

#[test]
fn a_certificate_of_a_client_is_read_when_it_connects() {
    let (dir, _) = place();
    let (cert, root) = (dir.text("cert.pem"), dir.text("root.pem"));
    // The host does not exist, but the client reads the file before it connects.
    let error = support::connect(&format!("tls:h.invalid:1:trustRoots={root}:certificate={cert}"));
    assert_eq!(
        error.unwrap_err().problem().to_string(),
        format!("there is no private key in `{cert}` (found `CERTIFICATE`)")
    );
}

#[test]
fn a_host_that_is_no_name_is_refused() {
    let error = client_from_string("ssl:a b:1").unwrap_err();
    assert_eq!(error.blame(), Blame::Description);
    assert_eq!(error.problem().to_string(), "`a b` is not a name that a certificate can contain");
}

#[test]
fn clients_present_their_certificates() {
    let (dir, authority) = place();
    let (key, cert, root) = (dir.text("key.pem"), dir.text("cert.pem"), dir.text("root.pem"));
    let issued = authority.issue("client");
    std::fs::write(dir.path("client.pem"), issued.both()).unwrap();
    let mine = dir.text("client.pem");
    std::fs::create_dir(dir.path("authorities")).unwrap();
    std::fs::copy(dir.path("root.pem"), dir.path("authorities/root.pem")).unwrap();
    let authorities = dir.text("authorities");
    let mut listener =
        listen(&format!("ssl:0:{key}:{cert}:interface=127.0.0.1:clientCAs={authorities}"));
    let port = listener.local_address().port().unwrap();
    let text = format!("ssl:127.0.0.1:{port}:hostname=a.test:caCertsDir={root}:certKey={mine}");
    let (_, theirs) = talk(&mut listener, &text);
    assert_eq!(theirs.tls().unwrap().peer_certificates().len(), 1);
}

#[test]
fn tls_runs_over_unix_sockets_and_inside_of_tls() {
    let (dir, _) = place();
    let (key, cert, root) = (dir.text("key.pem"), dir.text("cert.pem"), dir.text("root.pem"));
    let socket = dir.text("socket");
    let files = format!("privateKey={key}:certKey={cert}");
    let mut listener = listen(&format!(
        r"ssl:endpoint=ssl\:endpoint=unix\\\:{socket}\:{}:{files}",
        files.replace(':', r"\:")
    ));
    let inner = format!(r"tls:a.test:1:trustRoots={root}:endpoint=unix\:{socket}");
    let quoted = inner.replace('\\', r"\\").replace(':', r"\:");
    let (ours, theirs) =
        talk(&mut listener, &format!("tls:a.test:1:trustRoots={root}:endpoint={quoted}"));
    assert_eq!(ours.peer_address(), listener.local_address());
    assert!(theirs.tls().is_some());
}

#[test]
fn a_proxy_header_comes_inside_of_tls_or_before_it() {
    let (dir, _) = place();
    let (key, cert, root) = (dir.text("key.pem"), dir.text("cert.pem"), dir.text("root.pem"));
    let (files, certs) = (format!("privateKey={key}:certKey={cert}"), dir.text(""));
    for server in [
        format!("haproxy:ssl:0:interface=127.0.0.1:{files}"),
        format!(r"ssl:endpoint=haproxy\:tcp\:0\:interface=127.0.0.1:{files}"),
        format!("haproxy:tls:{certs}:0:interface=127.0.0.1"),
        format!(r"tls:{certs}:endpoint=haproxy\:tcp\:0\:interface=127.0.0.1"),
    ] {
        let mut listener = listen(&server);
        // `client_endpoint` nests TLS and PROXY in the right order, but may lack the test's root.
        let mut client = listener.client_endpoint().unwrap().to_string();
        if !client.contains("trustRoots") {
            client = client.replacen(":endpoint", &format!(":trustRoots={root}:endpoint"), 1);
        }
        let (ours, theirs) = talk(&mut listener, &client);
        assert!(theirs.proxy().is_some(), "{server}");
        assert_eq!(theirs.peer_address(), ours.local_address());
        assert!(theirs.tls().is_some() && ours.tls().is_some());
    }
}

#[test]
fn tls_runs_over_a_program() {
    let (dir, _) = place();
    let (key, cert, root) = (dir.text("key.pem"), dir.text("cert.pem"), dir.text("root.pem"));
    let mut listener = listen(&format!("ssl:0:{key}:{cert}:interface=127.0.0.1"));
    let port = listener.local_address().port().unwrap();
    // The program passes bytes on to the server, as `ssh -W` does.
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}; cat <&3 & exec cat >&3");
    let program = client_from_string(&format!(
        "process:bash:-c:{}",
        endpoint_runtime::quote_string_argument(&script).replace('=', r"\=")
    ))
    .unwrap();
    let mut tls = TlsConnect::new(Host::parse("a.test"));
    tls.trust_roots = Some(root.into());
    let client = wrap_client_tls(program, tls);
    smol::block_on(async {
        let (ours, theirs) = zip(client.connect(), listener.accept()).await;
        let (mut ours, mut theirs) = (ours.unwrap(), theirs.unwrap());
        assert!(ours.process().is_some() && ours.tls().is_some());
        ours.write_all(b"question").await.unwrap();
        ours.close().await.unwrap();
        let mut question = String::new();
        theirs.read_to_string(&mut question).await.unwrap();
        assert_eq!(question, "question");
    });
}

#[test]
fn any_endpoint_can_be_wrapped() {
    let (dir, _) = place();
    let identity = TlsIdentity::new(dir.path("cert.pem")).with_key(dir.path("key.pem"));
    let server = server_from_string(&format!("unix:{}", dir.text("socket"))).unwrap();
    let server = wrap_server_tls(server, TlsAccept::new(identity));
    let mut tls = TlsConnect::new(Host::parse("a.test"));
    tls.trust_roots = Some(dir.path("root.pem").into());
    let client = client_from_string(&format!("unix:{}", dir.text("socket"))).unwrap();
    let client = wrap_client_tls(client, tls);
    assert!(client.plan().to_string().contains("; speak TLS with `a.test`"));
    smol::block_on(async {
        let mut listener = server.listen().await.unwrap();
        let (ours, theirs) = zip(client.connect(), listener.accept()).await;
        assert!(ours.unwrap().tls().is_some() && theirs.unwrap().tls().is_some());
    });
}

#[test]
fn the_authorities_of_the_platform_are_those_of_its_store() {
    const TEST: &str = "the_authorities_of_the_platform_are_those_of_its_store";
    if support::is_child() {
        let (key, cert) = (std::env::var("KEY").unwrap(), std::env::var("CERT").unwrap());
        let mut listener = listen(&format!("ssl:0:{key}:{cert}:interface=127.0.0.1"));
        let port = listener.local_address().port().unwrap();
        let client = format!("ssl:127.0.0.1:{port}:hostname=a.test");
        let refused = std::env::var_os("REFUSED").is_some();
        let client = client_from_string(&client).unwrap();
        let connected = smol::block_on(async {
            let accepting = async {
                loop {
                    listener.accept().await.unwrap();
                }
            };
            smol::future::or(client.connect(), accepting).await
        });
        assert_eq!(connected.is_err(), refused, "{connected:?}");
        return;
    }
    let (dir, _) = place();
    std::fs::write(dir.path("stranger.pem"), Authority::new("stranger").pem).unwrap();
    let mut child = support::child(TEST, ":");
    child.env("KEY", dir.path("key.pem")).env("CERT", dir.path("cert.pem"));
    child.env_remove("SSL_CERT_DIR");
    assert!(child.env("SSL_CERT_FILE", dir.path("root.pem")).status().unwrap().success());
    child.env("SSL_CERT_FILE", dir.path("stranger.pem")).env("REFUSED", "1");
    assert!(child.status().unwrap().success());
}

/// Checks that the certificate of the peer contains a name, by its bytes.
#[track_caller]
fn shows(connection: &Connection, name: &str) {
    let der = connection.tls().unwrap().peer_certificates().next().unwrap().to_vec();
    assert!(der.windows(name.len()).any(|it| it == name.as_bytes()), "{name}");
}

#[test]
fn a_tls_server_chooses_a_certificate_by_the_name_asked_for() {
    let (dir, authority) = place();
    let root = dir.text("root.pem");
    std::fs::create_dir(dir.path("certs")).unwrap();
    for name in ["b.test", "c.test", "127.0.0.1"] {
        let both = authority.issue(name).both();
        std::fs::write(dir.path(&format!("certs/{name}.pem")), both).unwrap();
    }
    let certs = dir.text("certs");
    let mut listener = listen(&format!("tls:{certs}:0:interface=127.0.0.1:alpn=h2"));
    let port = listener.local_address().port().unwrap();
    for name in ["b.test", "c.test"] {
        let client =
            format!(r"tls:{name}:443:trustRoots={root}:alpn=h2:endpoint=tcp\:127.0.0.1\:{port}");
        let (ours, theirs) = talk(&mut listener, &client);
        shows(&ours, name);
        assert_eq!(theirs.tls().unwrap().server_name(), Some(name));
        assert_eq!(theirs.tls().unwrap().alpn(), Some(&b"h2"[..]));
    }
    let (ours, _) = talk(&mut listener, &format!("tls:127.0.0.1:{port}:trustRoots={root}"));
    assert_eq!(ours.tls().unwrap().server_name(), None);
    assert_eq!(
        listener.client_endpoint().unwrap().to_string(),
        format!("tls:127.0.0.1:{port}"),
        "the first by file name"
    );
}

#[test]
fn a_tls_server_runs_over_any_server() {
    let (dir, _) = place();
    let (root, certs) = (dir.text("root.pem"), dir.text(""));
    let socket = dir.text("socket");
    let mut listener = listen(&format!(r"tls:{certs}:endpoint=unix\:{socket}"));
    let client = format!(r"tls:a.test:443:trustRoots={root}:endpoint=unix\:{socket}");
    shows(&talk(&mut listener, &client).0, "a.test");
}

#[test]
fn the_key_log_of_a_server_is_written() {
    let (dir, _) = place();
    let (certs, root) = (dir.text(""), dir.text("root.pem"));
    let log = KeyLog::append(dir.path("keys.log")).unwrap();
    let server = server_from_string(&format!("tls:{certs}:0:interface=127.0.0.1")).unwrap();
    let mut listener = smol::block_on(server.key_log(&log).listen()).unwrap();
    let port = listener.local_address().port().unwrap();
    let below = format!(r"endpoint=tcp\:127.0.0.1\:{port}");
    talk(&mut listener, &format!("tls:a.test:443:trustRoots={root}:{below}"));
    let text = std::fs::read_to_string(dir.path("keys.log")).unwrap();
    for secret in ["CLIENT_HANDSHAKE", "SERVER_HANDSHAKE"] {
        assert!(text.contains(&format!("{secret}_TRAFFIC_SECRET ")), "{text}");
    }
    let mode = std::fs::metadata(dir.path("keys.log")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
