//! Tests of the steps that an observer of a client receives, and of the step that a timeout names.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
#[cfg(any(feature = "tls", feature = "ring"))]
mod pki;
mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use endpoint_runtime::{Client, Resolver, Resolving, Step, client_from_string};
use smol::future::zip;
use smol::io::AsyncWriteExt;

#[cfg(any(feature = "tls", feature = "ring"))]
use support::TempDir;
use support::listen;

/// A short time limit for clients whose servers never answer.
const LIMIT: Duration = Duration::from_secs(1);

/// Observes a client: its steps are added to the list, as text.
fn heard(client: Client) -> (Client, Arc<Mutex<Vec<String>>>) {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let ours = Arc::clone(&lines);
    let observe = move |step: &Step<'_>| ours.lock().unwrap().push(step.to_string());
    (client.observed(observe), lines)
}

/// A resolver that returns these addresses for every name, or never answers if there are none.
struct Fixed(Vec<SocketAddr>);

impl Resolver for Fixed {
    fn resolve<'a>(&'a self, _: &'a str, _: u16) -> Resolving<'a> {
        if self.0.is_empty() {
            return Box::pin(std::future::pending());
        }
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[test]
fn each_address_that_is_tried_is_reported_with_its_end() {
    let mut listener = listen("tcp:0:interface=127.0.0.1");
    let open = listener.local_address().as_tcp().unwrap();
    let closed = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        gone.local_addr().unwrap()
    };
    let client = client_from_string(&format!("haproxy:tcp:h.test:{}", open.port())).unwrap();
    let (client, lines) = heard(client.with_resolver(Arc::new(Fixed(vec![closed, open]))));
    let (ours, _theirs) = smol::block_on(zip(client.connect(), listener.accept()));
    let local = ours.unwrap().local_address().clone();
    assert_eq!(
        *lines.lock().unwrap(),
        [
            "looking up `h.test`".to_owned(),
            "`h.test` has 127.0.0.1, 127.0.0.1".to_owned(),
            format!("connecting to {closed}"),
            format!("cannot connect to {closed}: connection refused (os error 111)"),
            format!("connecting to {open}"),
            format!("connected to {open} from {local}"),
            format!("sent a PROXY header of version 2: from {local} to {open}"),
        ]
    );
}

#[test]
fn a_tunnel_is_reported_when_it_is_asked_for_and_when_it_is_open() {
    let mut listener = listen("tcp:0:interface=127.0.0.1");
    let proxy = listener.local_address().clone();
    let tcp = format!("tcp:{proxy}").replace(':', r"\:");
    let client = client_from_string(&format!("http-connect:h.test:443:endpoint={tcp}")).unwrap();
    let (client, lines) = heard(client);
    let answer = async {
        let mut connection = listener.accept().await.unwrap();
        connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        connection
    };
    let (ours, _theirs) = smol::block_on(zip(client.connect(), answer));
    let local = ours.unwrap().local_address().clone();
    assert_eq!(
        *lines.lock().unwrap(),
        [
            format!("connecting to {proxy}"),
            format!("connected to {proxy} from {local}"),
            "requesting h.test:443 from the proxy".to_owned(),
            "the proxy connected to h.test:443".to_owned(),
        ]
    );
}

#[test]
#[cfg(any(feature = "tls", feature = "ring"))]
fn the_certificates_are_reported_though_they_are_refused() {
    let (dir, root) = (TempDir::new(), pki::Authority::new("root"));
    std::fs::write(dir.path("both.pem"), root.issue("a.test").both()).unwrap();
    std::fs::write(dir.path("root.pem"), &root.pem).unwrap();
    let (both, authority) = (dir.text("both.pem"), dir.text("root.pem"));
    let server = format!("ssl:0:{both}:interface=127.0.0.1:clientCAs={authority}");
    let mut listener = listen(&server);
    let address = listener.local_address().clone();
    let text = format!("ssl:{address}:hostname=b.test:caCertsDir={authority}");
    let (client, lines) = heard(client_from_string(&text).unwrap());
    let accepting = async {
        listener.accept().await.unwrap();
        unreachable!("the client refuses the server");
    };
    smol::block_on(smol::future::or(client.connect(), accepting)).unwrap_err();
    let lines = lines.lock().unwrap();
    let handshake = lines.iter().position(|line| line.starts_with("beginning TLS")).unwrap();
    assert_eq!(
        lines[handshake..],
        [
            "beginning TLS with `b.test`",
            "the server presented 1 certificate",
            "the server requested a certificate; there is none",
        ]
    );
}

/// Checks that connecting exceeds [`LIMIT`], with this error message.
#[track_caller]
fn says(client: Client, said: &str) {
    let error = smol::block_on(client.within(LIMIT).connect()).unwrap_err();
    assert_eq!(error.problem().to_string(), said);
    assert_eq!(error.problem().reason(), "timed-out");
}

#[test]
fn a_timeout_names_the_current_step() {
    let client = client_from_string("tcp:h.test:1").unwrap();
    let client = client.with_resolver(Arc::new(Fixed(Vec::new())));
    says(client, "cannot look up `h.test`: no answer within 1 second");

    let full = listen("tcp:0:interface=127.0.0.1:backlog=0");
    let address = full.local_address().as_tcp().unwrap();
    let _waiting = std::net::TcpStream::connect(address).unwrap();
    let port = address.port();
    says(
        client_from_string(&format!("tcp:127.0.0.1:{port}")).unwrap(),
        &format!(
            "no connection to TCP port {port} of `127.0.0.1` within 1 second \
             ({address}: no answer in time)"
        ),
    );
}

#[test]
#[cfg(any(feature = "tls", feature = "ring"))]
fn a_server_without_a_handshake_answer_is_recognized() {
    let silent = listen("tcp:0:interface=127.0.0.1");
    let address = silent.local_address().clone();
    let client = client_from_string(&format!("ssl:{address}")).unwrap();
    says(client, &format!("no handshake with {address} within 1 second"));
}
