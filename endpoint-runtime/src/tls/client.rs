//! The client's side: whom it trusts, what it shows, and the name that it verifies.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_rustls::TlsConnector;
use rustls::ClientConfig;
use rustls::pki_types::{DnsName, ServerName};
use rustls::sign::SingleCertAndKey;

use super::authorities::Authorities;
use super::facts::TlsFacts;
use super::handshake::drive_handshake;
use super::pem::Identity;
use super::stream::{Below, TlsStream};
use super::verify::Servers;
use super::{KeyLog, left_out, provider, unusable, versions};
use crate::error::{DescriptionProblem, PeerProblem, Problem};
use crate::net::{Connection, LayerError};
use crate::plan::{ClientLayer, Host, TlsConnect};
use crate::reactor::within;

/// TLS for the connections of one client, whose sessions it resumes.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    limit: Duration,
}

impl Connector {
    /// Reads what the plan names. Blocks.
    pub(crate) fn load(plan: &TlsConnect, key_log: Option<&KeyLog>) -> Result<Self, Problem> {
        let name = server_name(&plan.name)?;
        let authorities = match &plan.trust_roots {
            None => Authorities::of_platform()?,
            Some(path) => {
                let mut problems = Vec::new();
                let authorities = Authorities::of(path, &mut problems)?;
                left_out(&problems);
                authorities
            }
        };
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions(plan.versions))
            .map_err(unusable)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Servers::new(authorities)?));
        let mut config = match &plan.identity {
            None => config.with_no_client_auth(),
            Some(files) => {
                let identity = Identity::load(files, SystemTime::now())?;
                config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.key)))
            }
        };
        config.alpn_protocols.clone_from(&plan.alpn);
        if let Some(key_log) = key_log {
            config.key_log = key_log.as_rustls();
        }
        Ok(Self { config: Arc::new(config), name, limit: plan.timeout })
    }

    /// Does the handshake, and verifies whom it is with.
    pub(crate) async fn connect(&self, connection: Connection) -> Result<Connection, LayerError> {
        let side = connection.peer_address().clone();
        let connector = TlsConnector::from(Arc::clone(&self.config));
        let handshake = connector.connect(self.name.clone(), Below::new(connection));
        let handshake = drive_handshake(side.clone(), handshake.into_fallible());
        let Some(stream) = within(self.limit, handshake).await else {
            return Err(PeerProblem::HandshakeTimedOut { side, limit: self.limit }.into());
        };
        let asked = match &self.name {
            ServerName::DnsName(name) => Some(name.as_ref().to_owned()),
            _ => None,
        };
        let stream = stream?.into();
        let facts = TlsFacts::of(&stream, asked);
        Ok(TlsStream::new(stream).into_connection(facts))
    }
}

/// Checks that there can be a certificate for every name that a client verifies.
pub(crate) fn check_names(layers: &[ClientLayer]) -> Result<(), DescriptionProblem> {
    layers.iter().try_for_each(|layer| match layer {
        ClientLayer::Tls(plan) => server_name(&plan.name).map(|_| ()),
        ClientLayer::Proxy(_) => Ok(()),
    })
}

/// What the certificate has to be for: the name without the dot that ends it, in ASCII, or the address.
fn server_name(host: &Host) -> Result<ServerName<'static>, DescriptionProblem> {
    let text = match host {
        Host::Address(address) => return Ok(ServerName::from(*address)),
        Host::Scoped { address, .. } => return Ok(ServerName::from(IpAddr::from(*address))),
        Host::Name(name) => name,
    };
    let bad = || DescriptionProblem::NoServerName { name: text.clone() };
    let ascii = to_ascii(text).ok_or_else(bad)?;
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    let name = DnsName::try_from(name.to_owned()).map_err(|_| bad())?;
    Ok(ServerName::DnsName(name))
}

/// A name as certificates and name servers have it (IDNA); `None` where it is no name.
pub(crate) fn to_ascii(name: &str) -> Option<String> {
    if name.is_ascii() { Some(name.to_owned()) } else { idna::domain_to_ascii_strict(name).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn asked(text: &str) -> String {
        server_name(&Host::parse(text)).unwrap().to_str().into_owned()
    }

    #[test]
    fn names_are_asked_for_in_ascii_and_without_their_last_dot() {
        assert_eq!(asked("example.com."), "example.com");
        assert_eq!(asked("b\u{fc}cher.example"), "xn--bcher-kva.example");
        assert_eq!(asked("my_host"), "my_host");
        assert_eq!(asked("127.0.0.1"), "127.0.0.1");
        assert_eq!(asked("fe80::1%eth0"), "fe80::1");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["a b", "-", "..", "b\u{fc}cher..example", "\u{378}.example"] {
            assert_eq!(
                server_name(&Host::parse(text)).unwrap_err().to_string(),
                format!("`{}` is no name that a certificate can be for", text.escape_debug())
            );
        }
    }
}
