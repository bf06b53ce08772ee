//! The negotiated parameters of a handshake.

use core::fmt;

use futures_rustls::TlsStream;
use rustls::pki_types::CertificateDer;
use rustls::{HandshakeKind, ProtocolVersion};

use super::certificate::CertificateInfo;

/// The negotiated parameters of a connection's TLS handshake.
///
/// Returned by [`Connection::tls`](crate::Connection::tls), which has an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFacts {
    protocol: TlsProtocol,
    cipher: String,
    group: Option<String>,
    server_name: Option<String>,
    alpn: Option<Vec<u8>>,
    peer_certificates: Vec<CertificateDer<'static>>,
    handshake: TlsHandshake,
    is_server: bool,
}

/// A version of TLS.
///
/// Part of [`TlsFacts`](crate::TlsFacts); see [`Connection::tls`](crate::Connection::tls) for an
/// example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsProtocol {
    /// TLS 1.2 (RFC 5246).
    Tls12,
    /// TLS 1.3 (RFC 8446).
    Tls13,
}

/// Whether a handshake verified certificates, or resumed an earlier session.
///
/// Part of [`TlsFacts`](crate::TlsFacts); see [`Connection::tls`](crate::Connection::tls) for an
/// example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsHandshake {
    /// A full handshake: certificates were presented and verified.
    Full,
    /// An earlier session was resumed; certificates were verified in that session.
    Resumed,
}

impl TlsFacts {
    /// Reads the parameters of a completed handshake.
    ///
    /// `requested` is the name that this client requested (SNI); a server reads it from the
    /// session.
    pub(super) fn new<S>(stream: &TlsStream<S>, requested: Option<String>) -> Self {
        let common = stream.get_ref().1;
        let server_name = match stream {
            TlsStream::Client(_) => requested,
            TlsStream::Server(stream) => stream.get_ref().1.server_name().map(str::to_owned),
        };
        Self {
            protocol: match common.protocol_version() {
                Some(ProtocolVersion::TLSv1_2) => TlsProtocol::Tls12,
                _ => TlsProtocol::Tls13,
            },
            cipher: common
                .negotiated_cipher_suite()
                // rustls prefixes the cipher suites of TLS 1.3 differently from the IANA registry.
                .map(|it| format!("{:?}", it.suite()).replacen("TLS13_", "TLS_", 1))
                .unwrap_or_default(),
            group: common.negotiated_key_exchange_group().map(|it| format!("{:?}", it.name())),
            server_name,
            alpn: common.alpn_protocol().map(<[u8]>::to_vec),
            peer_certificates: common.peer_certificates().unwrap_or_default().to_vec(),
            handshake: match common.handshake_kind() {
                Some(HandshakeKind::Resumed) => TlsHandshake::Resumed,
                _ => TlsHandshake::Full,
            },
            is_server: matches!(stream, TlsStream::Server(_)),
        }
    }

    /// The negotiated version of TLS.
    pub fn protocol(&self) -> TlsProtocol {
        self.protocol
    }

    /// The name of the cipher suite in the IANA registry, such as `TLS_AES_128_GCM_SHA256`.
    pub fn cipher(&self) -> &str {
        &self.cipher
    }

    /// The group of the key exchange, such as `X25519MLKEM768`.
    ///
    /// A resumed session of TLS 1.2 has none.
    pub fn group(&self) -> Option<&str> {
        self.group.as_deref()
    }

    /// The server name that the client requested (SNI); `None` if it connected to an address.
    pub fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// The application protocol that was negotiated (ALPN); `None` if there was no negotiation.
    pub fn alpn(&self) -> Option<&[u8]> {
        self.alpn.as_deref()
    }

    /// The certificates of the peer in DER, its own first; empty if none were requested.
    ///
    /// In a resumed session they are those of the earlier session.
    pub fn peer_certificates(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.peer_certificates.iter().map(AsRef::as_ref)
    }

    /// The name in the peer's certificate: its first URI, DNS name or address.
    ///
    /// If there are none, the common name is used. `None` without a certificate.
    pub fn peer_name(&self) -> Option<String> {
        let info = CertificateInfo::parse(self.peer_certificates.first()?)?;
        let name = info.client_names().next().map(|it| it.to_string());
        Some(name.unwrap_or(info.subject))
    }

    /// Whether this side was the server.
    pub(crate) fn is_server(&self) -> bool {
        self.is_server
    }

    /// Whether the handshake verified certificates, or resumed an earlier session.
    pub fn handshake(&self) -> TlsHandshake {
        self.handshake
    }
}

impl fmt::Display for TlsProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        })
    }
}
