//! Adds TLVs to the PROXY headers that a client sends.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use strports_syntax::value::ProxyTlv;

use crate::net::connection::OriginalConnection;
use crate::proto::proxy::{EncodeError, Header, Version, kind};

/// Adds the requested TLVs whose values are known, and the certificate of a TLS client.
///
/// A TLV without room is left out, so the receiver treats its value as unknown.
pub(super) fn add(header: Header, wanted: &[ProxyTlv], original: OriginalConnection<'_>) -> Header {
    if header.version() == Version::V1 {
        return header;
    }
    let wants = |tlv| wanted.contains(&tlv);
    let mut header = add_tls(header, wanted, original);
    if wants(ProxyTlv::UniqueId) {
        header = or_as_it_was(header, |it| it.with_tlv(kind::UNIQUE_ID, &unique_id(original)));
    }
    if let Some(received) = original.header.filter(|_| wants(ProxyTlv::Forward)) {
        header = or_as_it_was(header, |it| it.with_tlvs_of(received));
    }
    header
}

/// Adds a TLV, or returns the header unchanged if it has no room.
fn or_as_it_was(header: Header, add: impl FnOnce(Header) -> Result<Header, EncodeError>) -> Header {
    add(header.clone()).unwrap_or(header)
}

/// The unique id that was received with the connection, or a new one.
///
/// A new id consists of a random number of this process and a number of the connection.
fn unique_id(original: OriginalConnection<'_>) -> Vec<u8> {
    static PROCESS: OnceLock<u64> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(1);
    if let Some(id) = original.header.and_then(Header::unique_id) {
        return id.to_vec();
    }
    let process = PROCESS.get_or_init(|| fastrand::u64(..));
    match original.number {
        Some(number) => format!("{process:016x}-{number}"),
        // The prefix `c` keeps these numbers apart from those of the program, if both are used.
        None => format!("{process:016x}-c{}", NEXT.fetch_add(1, Ordering::Relaxed)),
    }
    .into_bytes()
}

/// Adds the TLS session of `original`, if this process was its server: SNI, ALPN and certificate.
#[cfg(feature = "__tls")]
fn add_tls(header: Header, wanted: &[ProxyTlv], original: OriginalConnection<'_>) -> Header {
    use crate::proto::proxy::Ssl;
    use crate::tls::TlsHandshake;

    /// Any number except 0, which marks a verified certificate.
    const NOT_VERIFIED: u32 = 1;

    let Some(tls) = original.tls.filter(|it| it.is_server()) else { return header };
    let wants = |tlv| wanted.contains(&tlv);
    let mut header = header;
    if let Some(name) = tls.server_name().filter(|_| wants(ProxyTlv::Authority)) {
        header = or_as_it_was(header, |it| it.with_tlv(kind::AUTHORITY, name.as_bytes()));
    }
    if let Some(protocol) = tls.alpn().filter(|_| wants(ProxyTlv::Alpn)) {
        header = or_as_it_was(header, |it| it.with_tlv(kind::ALPN, protocol));
    }
    let name = tls.peer_name();
    if name.is_none() && !wants(ProxyTlv::Ssl) {
        return header;
    }
    let certificate = match (&name, tls.handshake()) {
        (None, _) => 0,
        (Some(_), TlsHandshake::Full) => Ssl::CLIENT_CERT_SESS | Ssl::CLIENT_CERT_CONN,
        (Some(_), TlsHandshake::Resumed) => Ssl::CLIENT_CERT_SESS,
    };
    let verify = if name.is_some() { 0 } else { NOT_VERIFIED };
    let version = tls.protocol().to_string().replacen("TLS ", "TLSv", 1);
    let mut details = vec![(kind::SSL_VERSION, version.as_bytes())];
    details.extend(name.as_ref().map(|name| (kind::SSL_CN, name.as_bytes())));
    details.push((kind::SSL_CIPHER, tls.cipher().as_bytes()));
    or_as_it_was(header, |it| it.with_ssl(Ssl::CLIENT_SSL | certificate, verify, &details))
}

#[cfg(not(feature = "__tls"))]
fn add_tls(header: Header, _: &[ProxyTlv], _: OriginalConnection<'_>) -> Header {
    header
}
