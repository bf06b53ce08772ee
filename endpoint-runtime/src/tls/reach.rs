//! The client of a TLS server: the name to verify, and the root to trust.
//!
//! No name is resolved. The client gets the first name of the certificate that means the bound
//! address, such as the address itself or `localhost`. Without such a name it gets the first name,
//! with `endpoint=` for the address. Roots are read only from regular files, because opening others
//! may block.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use strports_syntax::value::Host;
use strports_syntax::{Text, TlsClient};

use super::certificate::CertificateInfo;
use super::noted::take_notes;
use super::server_name::to_ascii;
use super::store::file::Origin;
use super::store::identity::Identity;
use super::store::pem::PemFile;
use super::store::reload::{Presented, Store};
use super::store::trust_anchors::TrustAnchors;
use super::verify::ServerVerifier;
use crate::net::{ClientNeed, Reach};
use crate::plan::NamePattern;
use crate::regular_file::open_regular;

/// Adds TLS to the client endpoint that reaches a server. Blocks, because it reads the server's
/// files.
///
/// The server admits clients with `client_names`; without any, it admits every name.
pub(super) fn put_on(
    store: Option<&Arc<Store<ServerConfig>>>,
    client_names: &[NamePattern],
    reach: &mut Reach,
) {
    // The certificate in a configuration of the program is unknown, and so is the client's
    // endpoint.
    let Some(store) = store else {
        reach.layers.push("TLS".to_owned());
        reach.client = None;
        return;
    };
    let current = store.current();
    let identity = current.loaded.presented.as_ref().map(Presented::default);
    let names = identity.map_or_else(Vec::new, |it| it.info.valid_for());
    // A client needs one name, so a wildcard is replaced by an arbitrary label.
    let mut names = names.into_iter().map(|name| name.replacen('*', "www", 1));
    let direct = names.clone().find(|name| means_address(name, reach));
    let (Some(identity), Some(name)) = (identity, direct.clone().or_else(|| names.next())) else {
        reach.layers.push("TLS with a certificate that is for no host".to_owned());
        reach.client = None;
        return;
    };
    reach.layers.push(format!("TLS for {name}"));
    let (Some(below), Ok(host)) = (reach.client.take(), Host::new(name.clone())) else { return };
    // With `endpoint=` the port has no effect; the bound port is what users expect to see.
    let port = reach.address.as_tcp().map_or(443, |it| it.port());
    let mut client = match direct {
        Some(_) => TlsClient::new(host, port),
        None => TlsClient::over(host, port, below),
    };
    match root_of(identity, &name, &store.sources().files()) {
        Root::Platform => {}
        Root::File(path) => {
            client.trust_roots = Some(Text::from(path.into_os_string().into_encoded_bytes()));
        }
        Root::Elsewhere(issuer) => reach.needs.push(ClientNeed::Issuer { issuer }),
    }
    if store.sources().verifies_peers() {
        let authorities = store.sources().anchor_path().map(ToOwned::to_owned);
        let names = client_names.to_vec();
        reach.needs.push(ClientNeed::Certificate { authorities, names });
    }
    reach.client = Some(client.into());
}

/// Whether the name connects to the address, if there is only TCP below TLS.
fn means_address(name: &str, reach: &Reach) -> bool {
    let (Some(bound), true) = (reach.address.as_tcp(), is_plain(reach)) else { return false };
    let takes = |ip: IpAddr| match bound.ip() {
        IpAddr::V4(bound) if bound.is_unspecified() => ip == Ipv4Addr::LOCALHOST,
        IpAddr::V6(bound) if bound.is_unspecified() => {
            ip.is_loopback() && (ip.is_ipv6() || reach.takes_ipv4)
        }
        bound => ip == bound,
    };
    match name.parse() {
        Ok(ip) => takes(ip),
        // RFC 6761: `localhost` is a loopback address. Not every machine has the IPv6 one.
        Err(_) => name.eq_ignore_ascii_case("localhost") && takes(Ipv4Addr::LOCALHOST.into()),
    }
}

/// Whether TLS is directly above the transport.
fn is_plain(reach: &Reach) -> bool {
    reach.client.is_some() && reach.client == reach.address.client_endpoint()
}

/// Where a client finds the root of a certificate.
enum Root {
    Platform,
    File(PathBuf),
    /// In none of the files, nor on the platform; the issuer of the last certificate that the
    /// server sends.
    Elsewhere(String),
}

/// Searches the files, and then the platform, for a root that verifies the certificate.
fn root_of(identity: &Identity, name: &str, files: &[PathBuf]) -> Root {
    let chain = &identity.certified_key.cert;
    let is_verified_by = |anchors: &TrustAnchors| verifies(anchors, chain, name);
    let has_root = |path: &&PathBuf| {
        let file = open_regular(path).ok().flatten();
        let file = file.and_then(|(it, _)| PemFile::read_open(path, it, Origin::Named).ok());
        let roots = file.map_or_else(Vec::new, |it| roots(&it));
        let anchors = TrustAnchors::from_memory(&roots.into(), &mut Vec::new());
        anchors.is_ok_and(|anchors| is_verified_by(&anchors))
    };
    if let Some(path) = files.iter().find(has_root) {
        // The client may run in another directory.
        return Root::File(std::path::absolute(path).unwrap_or_else(|_| path.clone()));
    }
    if TrustAnchors::look_at_platform().is_some_and(|anchors| is_verified_by(&anchors)) {
        return Root::Platform;
    }
    let last = chain.last().and_then(|der| CertificateInfo::parse(der));
    Root::Elsewhere(last.map_or_else(|| identity.info.issuer.clone(), |it| it.issuer))
}

/// The root certificates in a file: those whose issuer is their subject.
fn roots(file: &PemFile) -> Vec<CertificateDer<'static>> {
    let is_root = |der: &&CertificateDer<'static>| {
        CertificateInfo::parse(der).is_some_and(|it| it.is_self_issued())
    };
    file.certificates().unwrap_or_default().iter().filter(is_root).cloned().collect()
}

/// Whether a client with these trust anchors would accept the chain for the name.
fn verifies(anchors: &TrustAnchors, chain: &[CertificateDer<'static>], name: &str) -> bool {
    let name = to_ascii(name).and_then(|name| ServerName::try_from(name).ok());
    let (Some(name), Some((leaf, above))) = (name, chain.split_first()) else { return false };
    let verified = ServerVerifier::new(anchors)
        .map(|it| it.verify_server_cert(leaf, above, &name, &[], UnixTime::now()).is_ok());
    // Clears the notes, because this was not a handshake.
    drop(take_notes());
    verified.unwrap_or_default()
}
