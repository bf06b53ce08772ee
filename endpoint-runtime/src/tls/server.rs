//! The server's side: the certificates that it shows, and whom of the clients it takes.

use std::path::Path;
use std::sync::Arc;

use futures_rustls::TlsAcceptor;
use rustls::ServerConfig;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, ResolvesServerCert};
use strports_syntax::value::Host;
use strports_syntax::{ClientEndpoint, TlsClient};

use super::authorities::Authorities;
use super::directory::AtAddress;
use super::facts::TlsFacts;
use super::handshake::drive_handshake;
use super::pem::PemFile;
#[cfg(test)]
use super::reload::Ready;
use super::reload::{Shown, State};
use super::stream::{Below, TlsStream};
use super::verify::Clients;
use super::watch::{Watch, Watcher};
use super::{KeyLog, provider, unusable, versions};
use crate::address::Address;
use crate::error::{Problem, TlsFileProblem};
use crate::net::{Connection, LayerError};
use crate::plan::TlsAccept;
use crate::quoted::Quoted;

/// TLS for the connections of one listener, whose files are watched until the last copy is dropped.
#[derive(Clone)]
pub(crate) struct Acceptor {
    state: Arc<State>,
    _watch: Option<Arc<Watch>>,
}

impl Acceptor {
    /// Reads what the plan names, and begins to watch it. Blocks.
    pub(crate) fn load(plan: &TlsAccept, key_log: Option<&KeyLog>) -> Result<Self, Problem> {
        let watcher = Watcher::new(plan);
        let state = Arc::new(State::load(plan, key_log)?);
        if let Some(file) = &plan.dh_parameters {
            check_parameters(file)?;
        }
        let watch = watcher.start(Arc::clone(&state)).inspect_err(|error| {
            tracing::warn!("certificates are not read again when they change: {error}");
        });
        Ok(Self { state, _watch: watch.ok().map(Arc::new) })
    }

    /// Shows this, whatever the plan says, and does the rest as planned.
    #[cfg(test)]
    pub(super) fn showing(shown: Shown, plan: &TlsAccept) -> Result<Self, TlsFileProblem> {
        let clients = plan.client_cas.as_ref();
        let clients = clients.map(|path| Authorities::of(path, &mut Vec::new())).transpose()?;
        let ready = Ready::new(plan, None, shown, clients)?;
        Ok(Self { state: Arc::new(State::of(plan, None, ready, &[])), _watch: None })
    }

    /// What is shown, for those who want it read again.
    pub(crate) fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Does the handshake, and verifies whom it is with where that is asked for.
    pub(crate) async fn accept(&self, connection: Connection) -> Result<Connection, LayerError> {
        let side = connection.peer_address().clone();
        let acceptor = TlsAcceptor::from(self.config_at(connection.local_address()));
        let handshake = acceptor.accept(Below::new(connection)).into_fallible();
        let stream = drive_handshake(side, handshake).await?.into();
        let facts = TlsFacts::of(&stream, None);
        Ok(TlsStream::new(stream).into_connection(facts))
    }

    /// The configuration for those who have connected to an address: they may have no name to ask for.
    fn config_at(&self, local: &Address) -> Arc<ServerConfig> {
        let ready = self.state.current();
        // An IPv4 address is itself also where it is reached through a socket of IPv6.
        let address = local.as_tcp().map(|it| it.ip().to_canonical());
        match (&ready.shown, address) {
            (Shown::Directory(directory), Some(address)) if directory.knows_address(address) => {
                let directory = Arc::clone(directory);
                let mut config = (*ready.config).clone();
                config.cert_resolver = Arc::new(AtAddress { directory, address });
                Arc::new(config)
            }
            _ => Arc::clone(&ready.config),
        }
    }

    /// The client for it, over the one that reaches what is below; `None` where no name can be verified.
    pub(crate) fn client_endpoint(
        &self,
        below: ClientEndpoint<'static>,
    ) -> Option<ClientEndpoint<'static>> {
        let names = self.state.current().shown.default().facts.valid_for();
        // A wildcard stands for any label.
        let name = Host::new(names.first()?.replacen('*', "www", 1)).ok()?;
        Some(TlsClient::over(name, 443, below).into())
    }
}

/// Everything that a plan asks for but the certificates, which `resolver` has, and the authorities of clients.
pub(super) fn config(
    plan: &TlsAccept,
    key_log: Option<&KeyLog>,
    resolver: Arc<dyn ResolvesServerCert>,
    clients: Option<Authorities>,
) -> Result<ServerConfig, TlsFileProblem> {
    let clients: Arc<dyn ClientCertVerifier> = match clients {
        None => Arc::new(NoClientAuth),
        Some(authorities) => Arc::new(Clients::new(authorities)?),
    };
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(versions(plan.versions))
        .map_err(unusable)?
        .with_client_cert_verifier(clients)
        .with_cert_resolver(resolver);
    config.alpn_protocols.clone_from(&plan.alpn);
    if let Some(key_log) = key_log {
        config.key_log = key_log.as_rustls();
    }
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
