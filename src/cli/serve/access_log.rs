//! The access log: one entry for each connection, written when it ends.

use std::time::Duration;

use serde_json::{Value, json};
use tracing::Level;

use super::humanize::Bytes;
use super::log::Entry;
use crate::relay::{End, RefusalReason, TargetName};
#[cfg(feature = "__tls")]
use crate::runtime::TlsFacts;
use crate::runtime::{Address, HumanDuration, Quoted, Transferred};

/// What the access log records about a connection that has ended.
#[derive(Debug)]
pub(super) struct Access<'a> {
    pub(super) id: u64,
    pub(super) server: &'a str,
    pub(super) peer: &'a Address,
    pub(super) target: Option<&'a TargetName>,
    pub(super) target_address: Option<&'a Address>,
    pub(super) tls: Option<&'a TlsBrief>,
    pub(super) transferred: Transferred,
    pub(super) connecting: Duration,
    pub(super) lasted: Duration,
    pub(super) end: &'a End,
}

/// The TLS parameters of a connection that its access-log entry shows.
#[derive(Clone, Debug)]
pub(super) struct TlsBrief {
    protocol: String,
    cipher: String,
    server_name: Option<String>,
    alpn: Option<String>,
    /// The name in the client's certificate; `None` if the client presented none.
    client_name: Option<String>,
}

impl TlsBrief {
    #[cfg(feature = "__tls")]
    pub(super) fn new(facts: &TlsFacts) -> Self {
        Self {
            protocol: facts.protocol().to_string(),
            cipher: facts.cipher().to_owned(),
            server_name: facts.server_name().map(str::to_owned),
            alpn: facts.alpn().map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
            client_name: facts.peer_name(),
        }
    }

    /// Formats `TLS 1.3 as example.com with h2`: protocol, SNI host name and ALPN protocol. If the
    /// client has a certificate, ` by` and its name follow.
    fn text(&self) -> String {
        let server_name = self.server_name.as_ref().map(|name| format!(" as {name}"));
        let alpn = self.alpn.as_ref().map(|alpn| format!(" with {alpn}"));
        let client = self.client_name.as_ref().map(|name| format!(" by {}", Quoted::new(name)));
        let parts = [server_name, alpn, client];
        parts.into_iter().flatten().fold(self.protocol.clone(), |text, part| text + &part)
    }

    fn json(&self) -> Value {
        json!({
            "protocol": self.protocol,
            "cipher": self.cipher,
            "server_name": self.server_name,
            "alpn": self.alpn,
            "client_name": self.client_name,
        })
    }
}

impl Access<'_> {
    pub(super) fn entry(&self) -> Entry {
        let level = if self.end.is_failure() { Level::WARN } else { Level::INFO };
        Entry::new(level, "connection", self.message())
            .with("id", self.id)
            .with("server", self.server)
            .with("peer", self.peer.to_string())
            .with("target", self.target.map(TargetName::endpoint))
            .with("target_address", self.target_address.map(ToString::to_string))
            .with("connecting", seconds(self.connecting))
            .with("duration", seconds(self.lasted))
            .with("bytes_to_target", self.transferred.a_to_b)
            .with("bytes_to_peer", self.transferred.b_to_a)
            .with("end", self.end.as_str())
            .with("error", self.end.error().map(ToString::to_string))
            .with("tls", self.tls.map_or(Value::Null, TlsBrief::json))
    }

    fn message(&self) -> String {
        let (peer, lasted) = (self.peer, HumanDuration(self.lasted));
        let target = self.target.map(|target| format!(" to {target}")).unwrap_or_default();
        let to_target = Bytes(self.transferred.a_to_b);
        let to_peer = Bytes(self.transferred.b_to_a);
        let tls = self.tls.map(|tls| format!(", {}", tls.text())).unwrap_or_default();
        let facts = format!("{to_target} there, {to_peer} back{tls}");
        match self.end {
            End::NotConnected(error) => format!("connection from {peer}: {error}"),
            End::Broken(error) => {
                format!("connection from {peer}: {error} (after {lasted:#}, {facts})")
            }
            End::Idle(limit) => {
                let limit = HumanDuration(*limit);
                format!(
                    "connection from {peer}{target}: idle for {limit:#} after {lasted:#}, {facts}"
                )
            }
            End::TooOld(_) => {
                format!("connection from {peer}{target}: too old after {lasted:#}, {facts}")
            }
            End::Stopped => {
                format!("connection from {peer}{target}: stopped after {lasted:#}, {facts}")
            }
            End::Closed => {
                format!("connection from {peer}{target}: closed after {lasted:#}, {facts}")
            }
        }
    }
}

/// Returns the entry of a connection that was closed at once, with the reason.
pub(super) fn refused(id: u64, server: &str, peer: &Address, why: RefusalReason) -> Entry {
    let reason = match why {
        RefusalReason::Denied => "its address is not allowed",
        RefusalReason::Full => "the limit of connections is reached",
    };
    Entry::new(Level::INFO, "refused", format!("connection from {peer} refused: {reason}"))
        .with("id", id)
        .with("server", server)
        .with("peer", peer.to_string())
        .with("reason", why.as_str())
}

/// A duration in seconds, with a resolution of microseconds.
#[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
fn seconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::client_from_string;

    fn access<'a>(peer: &'a Address, end: &'a End, tls: Option<&'a TlsBrief>) -> Access<'a> {
        let mut transferred = Transferred::default();
        (transferred.a_to_b, transferred.b_to_a) = (1234, 5);
        Access {
            id: 7,
            server: "tcp:80",
            peer,
            target: None,
            target_address: None,
            tls,
            transferred,
            connecting: Duration::from_micros(1_500),
            lasted: Duration::from_micros(2_345_678),
            end,
        }
    }

    fn peer() -> Address {
        Address::Tcp(([192, 0, 2, 1], 5000).into())
    }

    #[test]
    fn a_closed_connection_shows_its_bytes_and_tls() {
        let tls = TlsBrief {
            protocol: "TLS 1.3".into(),
            cipher: "TLS_AES_128_GCM_SHA256".into(),
            server_name: Some("example.com".into()),
            alpn: Some("h2".into()),
            client_name: Some("spiffe://example.org/a\n".into()),
        };
        assert_eq!(
            access(&peer(), &End::Closed, Some(&tls)).entry().to_string(),
            "connection from 192.0.2.1:5000: closed after 2.3 s, 1.2 kB there, 5 B back, \
             TLS 1.3 as example.com with h2 by `spiffe://example.org/a\\n`"
        );
        assert_eq!(tls.json()["server_name"], "example.com");
    }

    #[test]
    fn a_failed_connection_shows_its_error() {
        let error =
            || smol::block_on(client_from_string("unix:absent").unwrap().connect()).unwrap_err();
        assert_eq!(
            access(&peer(), &End::NotConnected(error()), None).message(),
            "connection from 192.0.2.1:5000: `unix:absent`: cannot connect to `absent`: \
             no such file or directory (os error 2)"
        );
        assert!(
            access(&peer(), &End::Broken(error()), None)
                .message()
                .ends_with("(os error 2) (after 2.3 s, 1.2 kB there, 5 B back)")
        );
        let idle = End::Idle(Duration::from_secs(30));
        assert_eq!(
            access(&peer(), &idle, None).message(),
            "connection from 192.0.2.1:5000: idle for 30 s after 2.3 s, 1.2 kB there, 5 B back"
        );
    }

    #[test]
    fn a_refused_connection_shows_the_reason() {
        assert_eq!(
            refused(1, "tcp:80", &peer(), RefusalReason::Denied).to_string(),
            "connection from 192.0.2.1:5000 refused: its address is not allowed"
        );
    }
}
