//! Tests of both sides of handshakes, successful and failed, and of their messages.

#[path = "../../../tests/support/pki.rs"]
#[allow(dead_code, reason = "integration tests use the rest")]
pub(super) mod pki;

mod admitted;
mod directories;
mod refused;
mod renewed;
mod strangers;
mod streams;
mod verified;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use smol::future::zip;

use self::pki::{Authority, Issued};
use super::certificate::CertificateInfo;
use super::store::identity::Identity;
use super::store::pem::PemFile;
use super::store::reload::Presented;
use super::{Acceptor, Connector};
use crate::net::Connection;
use crate::plan::{Host, TlsAccept, TlsConnect, TlsIdentity};
use crate::step::Steps;
use crate::{client_from_string, server_from_string};

/// A directory for the files of one test, which is removed at its end.
pub(super) struct Place(pub(super) PathBuf);

impl Place {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tls-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn identity(&self, name: &str, issued: &Issued) -> TlsIdentity {
        TlsIdentity::new(self.file(name, &issued.both()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server with a certificate for `a.test`, and a client that trusts its authority.
struct Scene {
    place: Place,
    authority: Authority,
    accept: TlsAccept,
    connect: TlsConnect,
}

impl Scene {
    fn new() -> Self {
        let (place, authority) = (Place::new(), Authority::new("root"));
        let accept = TlsAccept::new(place.identity("server.pem", &authority.issue("a.test")));
        let mut connect = TlsConnect::new(Host::parse("a.test"));
        connect.trust_roots = Some(place.file("root.pem", &authority.pem).into());
        Self { place, authority, accept, connect }
    }

    fn acceptor(&self) -> Acceptor {
        Acceptor::load(&self.accept, None).unwrap()
    }

    /// A server that presents a given certificate, valid or not.
    fn showing(&self, issued: &Issued) -> Acceptor {
        let path = self.place.file("shown.pem", &issued.both());
        let file = PemFile::read(&path).unwrap();
        let identity = Identity::find(&file, &file, &[]).unwrap();
        Acceptor::presenting(Presented::Certificate(identity.into()), &self.accept).unwrap()
    }

    fn connector(&self) -> Connector {
        Connector::load(&self.connect, None).unwrap()
    }

    /// The results of the handshake at the server and at the client.
    #[track_caller]
    fn meet(&self) -> (Side, Side) {
        smol::block_on(meet(&self.acceptor(), &self.connector()))
    }

    /// Both ends of an established connection.
    #[track_caller]
    fn connected(&self) -> (Connection, Connection) {
        let (server, client) = self.meet();
        (server.unwrap(), client.unwrap())
    }
}

/// A connection, or the error message about the peer.
type Side = Result<Connection, String>;

/// Two ends of a plain connection: the server's and the client's.
async fn plain() -> (Connection, Connection) {
    let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
    let mut listener = server.listen().await.unwrap();
    let client = listener.client_endpoint().unwrap().to_string();
    let client = client_from_string(&client).unwrap();
    let (server, client) = zip(listener.accept(), client.connect()).await;
    (server.unwrap(), client.unwrap())
}

async fn meet(acceptor: &Acceptor, connector: &Connector) -> (Side, Side) {
    let (server, client) = plain().await;
    zip(accept(acceptor, server), connect(connector, client)).await
}

async fn accept(acceptor: &Acceptor, connection: Connection) -> Side {
    let side = connection.peer_address().to_string();
    acceptor.accept(connection).await.map_err(|refused| said(&refused.problem, &side))
}

async fn connect(connector: &Connector, connection: Connection) -> Side {
    let side = connection.peer_address().to_string();
    connector
        .connect(connection, &Steps::new(None, false))
        .await
        .map_err(|refused| said(&refused.problem, &side))
}

/// The log message about a peer, with its random port replaced.
#[track_caller]
fn said(problem: &impl ToString, side: &str) -> String {
    let text = problem.to_string();
    assert!(text.contains(side), "{text} names {side}");
    text.replace(side, "it").replace("no TLS with it: ", "")
}
