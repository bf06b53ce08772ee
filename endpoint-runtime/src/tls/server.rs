//! The server's side: one certificate for everybody, and whom of the clients it takes.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use futures_rustls::TlsAcceptor;
use rustls::ServerConfig;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, ResolvesServerCert};
use rustls::sign::SingleCertAndKey;
use strports_syntax::value::Host;
use strports_syntax::{ClientEndpoint, TlsClient};

use super::authorities::Authorities;
use super::facts::TlsFacts;
use super::handshake::drive_handshake;
use super::pem::{Identity, PemFile};
use super::stream::{Below, TlsStream};
use super::verify::Clients;
use super::{provider, unusable, versions};
use crate::error::{Problem, TlsFileProblem};
use crate::net::{Connection, Refused};
use crate::plan::TlsAccept;
use crate::quoted::Quoted;

/// TLS for the connections of one listener.
#[derive(Clone)]
pub(crate) struct Acceptor {
    config: Arc<ServerConfig>,
    /// A name or address that the certificate is for.
    name: Option<String>,
}

impl Acceptor {
    /// Reads what the plan names. Blocks.
    pub(crate) fn load(plan: &TlsAccept) -> Result<Self, Problem> {
        let identity = Identity::load(&plan.identity, SystemTime::now())?;
        if let Some(file) = &plan.dh_parameters {
            check_parameters(file)?;
        }
        Ok(Self::showing(identity, plan)?)
    }

    /// Shows this certificate, and does the rest as planned.
    pub(super) fn showing(identity: Identity, plan: &TlsAccept) -> Result<Self, TlsFileProblem> {
        let names = identity.facts.valid_for();
        // A wildcard stands for any label.
        let name = names.into_iter().next().map(|name| name.replacen('*', "www", 1));
        let resolver = Arc::new(SingleCertAndKey::from(identity.key));
        Ok(Self { config: Arc::new(config(plan, resolver)?), name })
    }

    /// Does the handshake, and verifies whom it is with where that is asked for.
    pub(crate) async fn accept(&self, connection: Connection) -> Result<Connection, Refused> {
        let side = connection.peer_address().clone();
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        let handshake = acceptor.accept(Below::new(connection)).into_fallible();
        let stream = drive_handshake(side, handshake).await?.into();
        let facts = TlsFacts::of(&stream, None);
        Ok(Connection::secured(TlsStream::new(stream), facts))
    }

    /// The client for it, over the one that reaches what is below; `None` where no name can be verified.
    pub(crate) fn client_endpoint(
        &self,
        below: ClientEndpoint<'static>,
    ) -> Option<ClientEndpoint<'static>> {
        let name = Host::new(self.name.clone()?).ok()?;
        Some(TlsClient::over(name, 443, below).into())
    }
}

/// Everything that a plan asks for but the certificates, which `resolver` has.
fn config(
    plan: &TlsAccept,
    resolver: Arc<dyn ResolvesServerCert>,
) -> Result<ServerConfig, TlsFileProblem> {
    let clients: Arc<dyn ClientCertVerifier> = match &plan.client_cas {
        None => Arc::new(NoClientAuth),
        Some(path) => Arc::new(Clients::new(Authorities::of(path)?)?),
    };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions(plan.versions))
        .map_err(unusable)?
        .with_client_cert_verifier(clients)
        .with_cert_resolver(resolver);
    config.alpn_protocols.clone_from(&plan.alpn);
    // Tickets hold the sessions, so resuming them costs no memory here, however many there are.
    #[cfg(feature = "tls")]
    let ticketer = rustls::crypto::aws_lc_rs::Ticketer::new();
    #[cfg(not(feature = "tls"))]
    let ticketer = rustls::crypto::ring::Ticketer::new();
    config.ticketer = ticketer.map_err(unusable)?;
    Ok(config)
}

/// The parameters have to be there, as in Twisted; keys are exchanged by elliptic curves alone.
fn check_parameters(path: &Path) -> Result<(), TlsFileProblem> {
    PemFile::read(path)?.check_parameters()?;
    tracing::warn!("the Diffie-Hellman parameters in {} have no effect", Quoted::new(path));
    Ok(())
}
