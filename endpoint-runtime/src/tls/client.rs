//! TLS on the connections of clients.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::TlsConnector;
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};

use super::configs::Configs;
use super::crypto::{provider, setup_problem, versions};
use super::diagnosis::{self, Diagnosis};
use super::facts::TlsFacts;
use super::handshake::drive_handshake;
use super::key_log::KeyLog;
use super::noted::{ClientCertificate, Request};
use super::recorded::Recorded;
use super::server_name::server_name;
use super::store::reload::{Configure, Loaded, Presented, Store};
use super::store::sources::Sources;
use super::store::watch::{Watch, Watcher};
use super::stream::TlsStream;
use super::verify::ServerVerifier;
use crate::error::{EnvironmentProblem, PeerProblem, Problem, TlsProblem};
use crate::net::{Connection, LayerError};
use crate::plan::{TlsConnect, TlsConnectWith};
use crate::reactor::within;
use crate::step::{Step, Steps};

/// The certificates and trust roots of a client, and the configuration that is created from them.
pub(crate) type ClientStore = Store<ClientConfig>;

/// Sets up TLS on the connections of one client, and resumes its sessions.
///
/// The files are watched until the last clone is dropped.
#[derive(Clone)]
pub(crate) struct Connector {
    configs: Configs<ClientConfig>,
    _watch: Option<Arc<Watch>>,
    /// The name or address that the server's certificate must be valid for.
    name: ServerName<'static>,
    /// The time limit of a handshake.
    limit: Duration,
}

impl Connector {
    /// Reads the files of the plan and starts to watch them. Blocks.
    pub(crate) fn load(plan: &TlsConnect, key_log: Option<&KeyLog>) -> Result<Self, Problem> {
        let name = server_name(&plan.name)?;
        let (store, watch) = Watcher::load(Sources::from(plan), configure(plan, key_log))?;
        let configs = Configs::Store(store);
        Ok(Self { configs, _watch: watch, name, limit: plan.timeout })
    }

    /// Uses a configuration of the program, with the key log if there is one.
    pub(crate) fn with_config(
        plan: &TlsConnectWith,
        key_log: Option<&KeyLog>,
    ) -> Result<Self, Problem> {
        let name = server_name(&plan.name)?;
        let mut config = Arc::clone(&plan.config);
        if let Some(key_log) = key_log {
            Arc::make_mut(&mut config).key_log = key_log.as_rustls();
        }
        Ok(Self { configs: Configs::Own(config), _watch: None, name, limit: plan.timeout })
    }

    /// The store of the files, for reloading them; `None` for a configuration of the program.
    pub(crate) fn store(&self) -> Option<&Arc<ClientStore>> {
        self.configs.store()
    }

    /// The number of trusted authorities, and their file or directory, unless they are those of the
    /// platform. `None` for a configuration of the program.
    pub(crate) fn trusted(&self) -> Option<(usize, Option<PathBuf>)> {
        let store = self.store()?;
        let count = store.current().loaded.anchors.as_ref()?.roots.len();
        Some((count, store.sources().anchor_path().map(ToOwned::to_owned)))
    }

    /// Explains which root verifies a server's certificates, or what is missing. Blocks.
    ///
    /// The diagnosis is empty for a configuration of the program, whose trust anchors are unknown.
    pub(crate) fn diagnose(
        &self,
        chain: &[CertificateDer<'static>],
        refusal: Option<&TlsProblem>,
    ) -> Diagnosis {
        let Some(store) = self.store() else { return Diagnosis::default() };
        let current = store.current();
        let Some(anchors) = &current.loaded.anchors else { return Diagnosis::default() };
        let path = store.sources().anchor_path();
        diagnosis::Presented { chain, name: &self.name, anchors, path, refusal }.diagnose()
    }

    /// Performs the handshake, verifies the server, and reports each step.
    pub(crate) async fn connect(
        &self,
        connection: Connection,
        steps: &Steps<'_>,
    ) -> Result<Connection, LayerError> {
        steps.report(&Step::TlsBegun { name: &self.name.to_str() });
        let side = connection.peer_address().clone();
        let connector = TlsConnector::from(self.configs.current());
        let handshake = connector.connect(self.name.clone(), Recorded::new(connection));
        let handshake = drive_handshake(side.clone(), handshake.into_fallible(), |noted| {
            if !noted.presented.is_empty() {
                steps.report(&Step::Certificates { chain: &noted.presented });
            }
            if let Some(Request { authorities, presented }) = &noted.request {
                let presented = *presented;
                steps.report(&Step::CertificateRequested { authorities, presented });
            }
        });
        let Some(stream) = within(self.limit, handshake).await else {
            return Err(PeerProblem::HandshakeTimedOut { side, limit: self.limit }.into());
        };
        let requested = match &self.name {
            ServerName::DnsName(name) => Some(name.as_ref().to_owned()),
            _ => None,
        };
        let stream = stream?.into();
        let facts = TlsFacts::new(&stream, requested);
        steps.report(&Step::TlsDone { facts: &facts });
        Ok(TlsStream::new(stream).into_connection(facts))
    }
}

/// Returns a function that creates a configuration from the plan and the content of its files. It
/// is called again after each change of the files.
fn configure(plan: &TlsConnect, key_log: Option<&KeyLog>) -> impl Configure<ClientConfig> + use<> {
    let (alpn, plan_versions) = (plan.alpn.clone(), plan.versions);
    let key_log = key_log.map(KeyLog::as_rustls);
    move |Loaded { presented, anchors }| {
        let anchors = anchors.as_ref().ok_or(EnvironmentProblem::NoPlatformRoots)?;
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(versions(plan_versions))
            .map_err(setup_problem)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(ServerVerifier::new(anchors)?));
        let identity = presented.as_ref().map(Presented::default);
        let key = identity.map(|it| Arc::clone(&it.certified_key));
        let mut config = config.with_client_cert_resolver(Arc::new(ClientCertificate(key)));
        config.alpn_protocols.clone_from(&alpn);
        if let Some(key_log) = &key_log {
            config.key_log = Arc::clone(key_log);
        }
        Ok(config)
    }
}
