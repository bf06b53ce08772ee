//! Tests of `proxyTlvs=`: the TLVs that a `haproxy` client sends about the original connection.

#![cfg(any(feature = "tls", feature = "ring"))]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

#[path = "support/pki.rs"]
#[allow(dead_code, reason = "each test program uses its part")]
mod pki;
mod support;

use endpoint_runtime::proto::proxy::{Header, Ssl, Version, kind};
use endpoint_runtime::{Client, Connection, Listener, client_from_string};
use smol::future::zip;
use smol::io::AsyncWriteExt;
use support::{TempDir, listen, pair};

/// A TLS server whose connections are relayed to a `haproxy` server, and the files for both.
struct Place {
    dir: TempDir,
    /// Accepts the original connections, with TLS.
    front: Listener,
    /// Receives PROXY headers.
    back: Listener,
}

impl Place {
    fn new() -> Self {
        let (dir, root) = (TempDir::new(), pki::Authority::new("root"));
        std::fs::write(dir.path("root.pem"), &root.pem).unwrap();
        std::fs::write(dir.path("front.pem"), root.issue("front.test").both()).unwrap();
        std::fs::write(dir.path("client.pem"), root.issue("client.test").both()).unwrap();
        let front = format!("ssl:0:{}:interface=127.0.0.1:alpn=h2", dir.text("front.pem"));
        Self { front: listen(&front), back: listen("haproxy:tcp:0:interface=127.0.0.1"), dir }
    }

    /// Connects a TLS client to `front`. Returns the client's connection and the accepted one.
    fn accepted(&mut self, options: &str) -> (Connection, Connection) {
        let (address, root) = (self.front.local_address().clone(), self.dir.text("root.pem"));
        let client = format!("ssl:{address}:hostname=front.test:caCertsDir={root}{options}");
        pair(&mut self.front, &client)
    }

    /// The header that a client with these keywords sends to `back` for `original`.
    fn header(&mut self, keywords: &str, original: Option<&Connection>) -> Header {
        let text = format!("haproxy:tcp:{}{keywords}", self.back.local_address());
        sent(&client_from_string(&text).unwrap(), original, &mut self.back)
    }
}

/// Connects on behalf of `original`, if it is given, and returns the header that arrives.
fn sent(client: &Client, original: Option<&Connection>, back: &mut Listener) -> Header {
    let connect = async {
        match original {
            Some(original) => client.connect_for(original).await,
            None => client.connect().await,
        }
    };
    let (ours, theirs) = smol::block_on(zip(connect, back.accept()));
    ours.unwrap();
    theirs.unwrap().proxy().unwrap().clone()
}

fn kinds(header: &Header) -> Vec<u8> {
    header.tlvs().map(|tlv| tlv.kind).collect()
}

#[test]
fn requested_fields_of_a_tls_client_are_sent() {
    let mut place = Place::new();
    let (_client, original) = place.accepted(":alpn=h2");
    assert_eq!(kinds(&place.header("", Some(&original))), [0; 0], "a client without certificate");
    let header = place.header(":proxyTlvs=ssl,alpn,authority,unique-id", Some(&original));
    assert_eq!(header.source(), Some(original.peer_address()));
    assert_eq!(header.authority(), Some("front.test"));
    assert_eq!(header.alpn(), Some(&b"h2"[..]));
    assert!(!header.has_checksum());
    let (ssl, tls) = (header.ssl().unwrap(), original.tls().unwrap());
    assert_eq!(ssl.version(), Some("TLSv1.3"));
    assert_eq!(ssl.cipher(), Some(tls.cipher()));
    assert_eq!((ssl.client(), ssl.common_name()), (Ssl::CLIENT_SSL, None));
    assert!(!ssl.is_verified() && ssl.verify() != 0, "there is no certificate to be verified");
    for (keyword, expected) in
        [("authority", kind::AUTHORITY), ("alpn", kind::ALPN), ("unique-id", kind::UNIQUE_ID)]
    {
        let header = place.header(&format!(":proxyTlvs={keyword}"), Some(&original));
        assert_eq!(kinds(&header), [expected]);
    }
    let old = place.header(":proxyVersion=1:proxyTlvs=ssl,unique-id", Some(&original));
    assert_eq!((old.version(), kinds(&old).len()), (Version::V1, 0));
}

#[test]
fn client_certificate_fields_are_sent_with_every_keyword() {
    let mut place = Place::new();
    let front = format!(
        "ssl:0:{}:interface=127.0.0.1:clientCAs={}",
        place.dir.text("front.pem"),
        place.dir.text("root.pem")
    );
    place.front = listen(&front);
    let identity = place.dir.text("client.pem");
    let (_client, original) = place.accepted(&format!(":certKey={identity}:privateKey={identity}"));
    for keywords in ["", ":proxyTlvs=ssl", ":proxyTlvs=forward"] {
        let header = place.header(keywords, Some(&original));
        let ssl = header.ssl().unwrap();
        assert_eq!(ssl.common_name(), Some("client.test"));
        assert!(ssl.is_verified());
    }
}

#[test]
fn an_own_connection_only_has_a_unique_id() {
    let mut place = Place::new();
    let mut id = |original: Option<&Connection>| {
        let all = place.header(":proxyTlvs=authority,alpn,ssl,unique-id,forward", original);
        assert_eq!(kinds(&all), [kind::UNIQUE_ID]);
        String::from_utf8(all.unique_id().unwrap().to_vec()).unwrap()
    };
    let (first, second) = (id(None), id(None));
    assert_ne!(first, second);
    assert_eq!(first[..16], second[..16], "the number of this process");
}

#[test]
fn the_number_of_a_connection_is_in_its_unique_id() {
    let mut place = Place::new();
    let (_client, original) = place.accepted("");
    let text = format!("haproxy:tcp:{}:proxyTlvs=unique-id", place.back.local_address());
    let client = client_from_string(&text).unwrap();
    let connect = client.connect_for_original(original.original().numbered(4711));
    let (ours, theirs) = smol::block_on(zip(connect, place.back.accept()));
    ours.unwrap();
    let theirs = theirs.unwrap();
    assert!(theirs.proxy().unwrap().unique_id().unwrap().ends_with(b"-4711"));
}

#[test]
fn received_fields_are_forwarded_with_a_new_checksum() {
    let mut place = Place::new();
    let mut middle = listen("haproxy:tcp:0:interface=127.0.0.1");
    let tcp = |text: &str| endpoint_runtime::Address::Tcp(text.parse().unwrap());
    let received = Header::proxied(Version::V2, &tcp("192.0.2.1:1"), &tcp("192.0.2.2:2"))
        .with_tlv(kind::AUTHORITY, b"theirs.test")
        .and_then(|it| it.with_tlv(kind::UNIQUE_ID, b"\x00theirs"))
        .and_then(|it| it.with_ssl(Ssl::CLIENT_SSL, 0, &[(kind::SSL_VERSION, b"TLSv1.2")]))
        .and_then(|it| it.with_tlv(0xE5, b"of the balancer's own"))
        .unwrap()
        .with_checksum();
    let mut original = |header: &Header| {
        let to = middle.local_address().clone();
        let client = client_from_string(&format!("tcp:{to}")).unwrap();
        let sender = async {
            let mut connection = client.connect().await.unwrap();
            connection.write_all(&header.to_bytes()).await.unwrap();
            connection
        };
        let (sender, accepted) = smol::block_on(zip(sender, middle.accept()));
        (sender, accepted.unwrap())
    };
    let (_sender, connection) = original(&received);
    assert_eq!(place.header(":proxyTlvs=forward", Some(&connection)), received);
    assert_eq!(kinds(&place.header("", Some(&connection))), [0; 0]);
    // A received id is forwarded instead of a new one, so that it is the same across relays.
    let header = place.header(":proxyTlvs=unique-id", Some(&connection));
    assert_eq!(header.unique_id(), received.unique_id());
    assert!(!header.has_checksum());

    // A long value is forwarded too.
    let long = Header::proxied(Version::V2, &tcp("192.0.2.1:1"), &tcp("192.0.2.2:2"));
    let long = long.with_tlv(0xE5, &[b'x'; 4000]).unwrap();
    let (_sender, connection) = original(&long);
    let header = place.header(":proxyTlvs=forward,unique-id", Some(&connection));
    assert_eq!(kinds(&header), [kind::UNIQUE_ID, 0xE5]);
}
