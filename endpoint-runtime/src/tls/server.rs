//! TLS on the connections of servers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_rustls::TlsAcceptor;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, ResolvesServerCert, ResolvesServerCertUsingSni};
use rustls::sign::SingleCertAndKey;

use super::configs::Configs;
use super::crypto::{provider, setup_problem, ticketer, versions};
use super::facts::TlsFacts;
use super::handshake::drive_handshake;
use super::key_log::KeyLog;
use super::reach;
use super::recorded::Recorded;
use super::store::directory::AtAddress;
use super::store::pem::PemFile;
use super::store::reload::{Configure, Loaded, Presented, Store};
use super::store::sources::Sources;
use super::store::watch::{Watch, Watcher};
use super::stream::TlsStream;
use super::verify::ClientVerifier;
use crate::address::Address;
use crate::error::{Problem, TlsFileProblem};
use crate::net::{Connection, LayerError, Reach};
use crate::plan::{NamePattern, TlsAccept, TlsAcceptWith};
use crate::quoted::Quoted;

/// The certificates and client CAs of a server, and the configuration that is created from them.
pub(crate) type ServerStore = Store<ServerConfig>;

/// Sets up TLS on the connections of one listener.
///
/// The files are watched until the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Acceptor {
    configs: Configs<ServerConfig>,
    /// The patterns of admitted client names; if empty, every name is admitted.
    client_names: Arc<[NamePattern]>,
    _watch: Option<Arc<Watch>>,
}

impl Acceptor {
    /// Reads the files of the plan and starts to watch them. Blocks.
    pub(crate) fn load(plan: &TlsAccept, key_log: Option<&KeyLog>) -> Result<Self, Problem> {
        let (store, watch) = Watcher::load(Sources::from(plan), configure(plan, key_log))?;
        if let Some(file) = &plan.dh_parameters {
            check_parameters(file)?;
        }
        let client_names = plan.client_names.clone().into();
        Ok(Self { configs: Configs::Store(store), client_names, _watch: watch })
    }

    /// Uses a configuration of the program, with the key log if there is one.
    pub(crate) fn with_config(plan: &TlsAcceptWith, key_log: Option<&KeyLog>) -> Self {
        let mut config = Arc::clone(&plan.config);
        if let Some(key_log) = key_log {
            Arc::make_mut(&mut config).key_log = key_log.as_rustls();
        }
        Self { configs: Configs::Own(config), client_names: Arc::default(), _watch: None }
    }

    /// Presents given certificates without watching files.
    #[cfg(test)]
    pub(super) fn presenting(presented: Presented, plan: &TlsAccept) -> Result<Self, Problem> {
        let store = Store::presenting(presented, Sources::from(plan), configure(plan, None))?;
        let client_names = plan.client_names.clone().into();
        Ok(Self { configs: Configs::Store(Arc::new(store)), client_names, _watch: None })
    }

    /// The store of the files, for reloading them; `None` for a configuration of the program.
    pub(crate) fn store(&self) -> Option<&Arc<ServerStore>> {
        self.configs.store()
    }

    /// The presented certificates with their files and chains; the default comes first. Empty for a
    /// configuration of the program.
    pub(crate) fn presented(&self) -> Vec<(PathBuf, Vec<CertificateDer<'static>>)> {
        let Some(store) = self.store() else { return Vec::new() };
        store.identities(|path, it| (path.to_owned(), it.certified_key.cert.clone()))
    }

    /// Performs the handshake, and verifies the client if the plan requires it.
    pub(crate) async fn accept(&self, connection: Connection) -> Result<Connection, LayerError> {
        let side = connection.peer_address().clone();
        let acceptor = TlsAcceptor::from(self.config_at(connection.local_address()));
        let handshake = acceptor.accept(Recorded::new(connection)).into_fallible();
        let stream = drive_handshake(side, handshake, |_| {}).await?.into();
        let facts = TlsFacts::new(&stream, None);
        Ok(TlsStream::new(stream).into_connection(facts))
    }

    /// The configuration for a connection to this local address.
    ///
    /// A client that requests no name (SNI) gets the certificate for that address, if there is one.
    fn config_at(&self, local: &Address) -> Arc<ServerConfig> {
        let Some(store) = self.configs.store() else { return self.configs.current() };
        let current = store.current();
        // An IPv4 address is mapped if the client connected through an IPv6 socket.
        let address = local.as_tcp().map(|it| it.ip().to_canonical());
        match (&current.loaded.presented, address) {
            (Some(Presented::Directory(directory)), Some(address))
                if directory.contains_address(address) =>
            {
                let directory = Arc::clone(directory);
                let mut config = (*current.config).clone();
                config.cert_resolver = Arc::new(AtAddress { directory, address });
                Arc::new(config)
            }
            _ => Arc::clone(&current.config),
        }
    }

    /// Adds TLS to the client endpoint that reaches this server. Blocks, because it reads the
    /// server's files.
    pub(crate) fn put_on_client(&self, reach: &mut Reach) {
        reach::put_on(self.configs.store(), &self.client_names, reach);
    }
}

/// Returns a function that creates a configuration from the plan and the content of its files. It
/// is called again after each change of the files.
pub(super) fn configure(
    plan: &TlsAccept,
    key_log: Option<&KeyLog>,
) -> impl Configure<ServerConfig> + use<> {
    let (alpn, plan_versions) = (plan.alpn.clone(), plan.versions);
    let names: Arc<[NamePattern]> = plan.client_names.clone().into();
    let key_log = key_log.map(KeyLog::as_rustls);
    move |Loaded { presented, anchors }| {
        let clients: Arc<dyn ClientCertVerifier> = match anchors {
            None => Arc::new(NoClientAuth),
            Some(anchors) => Arc::new(ClientVerifier::new(anchors, Arc::clone(&names))?),
        };
        let resolver: Arc<dyn ResolvesServerCert> = match presented {
            // Without a certificate, every handshake fails.
            None => Arc::new(ResolvesServerCertUsingSni::new()),
            Some(Presented::Directory(directory)) => Arc::clone(directory) as _,
            Some(Presented::Certificate(it)) => {
                Arc::new(SingleCertAndKey::from(Arc::clone(&it.certified_key)))
            }
        };
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions(plan_versions))
            .map_err(setup_problem)?
            .with_client_cert_verifier(clients)
            .with_cert_resolver(resolver);
        config.alpn_protocols.clone_from(&alpn);
        if let Some(key_log) = &key_log {
            config.key_log = Arc::clone(key_log);
        }
        config.ticketer = ticketer().map_err(setup_problem)?;
        Ok(config)
    }
}

/// Checks that the file has parameters, as Twisted does. They are not used: the key exchange uses
/// only elliptic curves.
fn check_parameters(path: &Path) -> Result<(), TlsFileProblem> {
    PemFile::read(path)?.check_parameters()?;
    tracing::warn!("the Diffie-Hellman parameters in {} have no effect", Quoted::new(path));
    Ok(())
}
