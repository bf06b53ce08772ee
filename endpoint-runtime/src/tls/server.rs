//! The server's side: the certificates that it shows, and whom of the clients it takes.

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
use super::directory::{AtAddress, Directory};
use super::facts::TlsFacts;
use super::handshake::drive_handshake;
use super::pem::{Identity, PemFile};
use super::stream::{Below, TlsStream};
use super::verify::Clients;
use super::{provider, unusable, versions};
use crate::address::Address;
use crate::error::{Problem, TlsFileProblem};
use crate::net::{Connection, Refused};
use crate::plan::{TlsAccept, TlsShown};
use crate::quoted::Quoted;

/// TLS for the connections of one listener.
#[derive(Clone)]
pub(crate) struct Acceptor {
    config: Arc<ServerConfig>,
    shown: Shown,
}

/// What clients get to see.
#[derive(Clone)]
pub(super) enum Shown {
    /// The one certificate.
    Certificate(Arc<Identity>),
    /// That of a directory which is for the name asked for.
    Directory(Arc<Directory>),
}

impl Acceptor {
    /// Reads what the plan names. Blocks.
    pub(crate) fn load(plan: &TlsAccept) -> Result<Self, Problem> {
        let now = SystemTime::now();
        let shown = match &plan.identity {
            TlsShown::Certificate(files) => {
                Shown::Certificate(Arc::new(Identity::load(files, now)?))
            }
            TlsShown::Directory(path) => {
                let mut problems = Vec::new();
                let directory = Directory::read(path, now, &mut problems)?;
                for problem in problems {
                    tracing::warn!("{problem} (it is left out)");
                }
                Shown::Directory(Arc::new(directory))
            }
        };
        if let Some(file) = &plan.dh_parameters {
            check_parameters(file)?;
        }
        Ok(Self::showing(shown, plan)?)
    }

    /// Shows this, and does the rest as planned.
    pub(super) fn showing(shown: Shown, plan: &TlsAccept) -> Result<Self, TlsFileProblem> {
        let resolver: Arc<dyn ResolvesServerCert> = match &shown {
            Shown::Certificate(it) => Arc::new(SingleCertAndKey::from(Arc::clone(&it.key))),
            Shown::Directory(directory) => Arc::clone(directory) as _,
        };
        Ok(Self { config: Arc::new(config(plan, resolver)?), shown })
    }

    /// How many certificates there are to show.
    pub(crate) fn certificates(&self) -> usize {
        match &self.shown {
            Shown::Certificate(_) => 1,
            Shown::Directory(directory) => directory.len(),
        }
    }

    /// Does the handshake, and verifies whom it is with where that is asked for.
    pub(crate) async fn accept(&self, connection: Connection) -> Result<Connection, Refused> {
        let side = connection.peer_address().clone();
        let acceptor = TlsAcceptor::from(self.config_at(connection.local_address()));
        let handshake = acceptor.accept(Below::new(connection)).into_fallible();
        let stream = drive_handshake(side, handshake).await?.into();
        let facts = TlsFacts::of(&stream, None);
        Ok(Connection::secured(TlsStream::new(stream), facts))
    }

    /// The configuration for those who have connected to an address: they may have no name to ask for.
    fn config_at(&self, local: &Address) -> Arc<ServerConfig> {
        // An IPv4 address is itself also where it is reached through a socket of IPv6.
        let address = local.as_tcp().map(|it| it.ip().to_canonical());
        let (Shown::Directory(directory), Some(address)) = (&self.shown, address) else {
            return Arc::clone(&self.config);
        };
        if !directory.knows_address(address) {
            return Arc::clone(&self.config);
        }
        let mut config = (*self.config).clone();
        config.cert_resolver = Arc::new(AtAddress { directory: Arc::clone(directory), address });
        Arc::new(config)
    }

    /// The client for it, over the one that reaches what is below; `None` where no name can be verified.
    pub(crate) fn client_endpoint(
        &self,
        below: ClientEndpoint<'static>,
    ) -> Option<ClientEndpoint<'static>> {
        let identity = match &self.shown {
            Shown::Certificate(it) => &**it,
            Shown::Directory(directory) => directory.default(),
        };
        // A wildcard stands for any label.
        let name = identity.facts.valid_for().first()?.replacen('*', "www", 1);
        let name = Host::new(name).ok()?;
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
