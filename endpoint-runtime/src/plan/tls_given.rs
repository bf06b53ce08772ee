//! TLS from memory: certificates, roots and complete configurations of the program.

use core::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ServerConfig};
use zeroize::Zeroize;

use super::defaults::DEFAULT_TIMEOUT;
use super::host::Host;

/// A certificate with its chain and its private key, from memory.
///
/// Clones share the data. The key is overwritten in memory when the last clone is dropped.
///
/// # Examples
///
/// ```no_run
/// use endpoint_runtime::plan::{TlsAccept, TlsKeyPair};
/// use endpoint_runtime::rustls::pki_types::pem::PemObject;
/// use endpoint_runtime::rustls::pki_types::{CertificateDer, PrivateKeyDer};
/// use endpoint_runtime::{server_from_string, wrap_server_tls};
///
/// # async fn example(pem: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
/// let identity = TlsKeyPair::new(certificates?, PrivateKeyDer::from_pem_slice(pem)?);
/// let server = wrap_server_tls(server_from_string("tcp:8443")?, TlsAccept::new(identity));
/// let listener = server.listen().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct TlsKeyPair {
    /// The certificate and its chain, in the order in which the program gave them.
    pub(crate) certificates: Arc<[CertificateDer<'static>]>,
    key: Arc<Key>,
}

impl TlsKeyPair {
    /// Creates a pair from a certificate with its chain, in any order, and the key of one of them.
    pub fn new(
        certificates: impl Into<Vec<CertificateDer<'static>>>,
        key: PrivateKeyDer<'static>,
    ) -> Self {
        Self { certificates: certificates.into().into(), key: Arc::new(Key(key)) }
    }

    pub(crate) fn key(&self) -> &PrivateKeyDer<'static> {
        &self.key.0
    }
}

impl fmt::Debug for TlsKeyPair {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let count = self.certificates.len();
        f.debug_struct("TlsKeyPair").field("certificates", &count).finish_non_exhaustive()
    }
}

/// A private key that is overwritten in memory when it is dropped.
#[derive(PartialEq, Eq)]
struct Key(PrivateKeyDer<'static>);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// TLS on the connection of a client, with a configuration of the program.
///
/// The configuration determines the trusted servers, the client certificate, and the versions and
/// protocols to offer. Verification is as strict as its verifier.
///
/// Corresponds to the `contextFactory` of Twisted's `SSL4ClientEndpoint`, and to the connection
/// creator of `wrapClientTLS`.
///
/// # Examples
///
/// ```no_run
/// use std::sync::Arc;
///
/// use endpoint_runtime::plan::{Host, TlsConnectWith};
/// use endpoint_runtime::rustls::ClientConfig;
/// use endpoint_runtime::{client_from_string, wrap_client_tls};
///
/// # async fn example(config: Arc<ClientConfig>) -> Result<(), endpoint_runtime::Error> {
/// let client = client_from_string("tcp:mail.internal:993")?;
/// let client = wrap_client_tls(client, TlsConnectWith::new(Host::parse("mail.internal"), config));
/// let connection = client.connect().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct TlsConnectWith {
    /// The name or address that the server's certificate must be valid for.
    pub name: Host,
    /// The rustls configuration that the program built.
    pub config: Arc<ClientConfig>,
    /// The time limit for the handshake; the limit of the transport also applies.
    pub timeout: Duration,
}

impl TlsConnectWith {
    /// Begins TLS with this rustls configuration, and verifies the server as `name`.
    pub fn new(name: Host, config: impl Into<Arc<ClientConfig>>) -> Self {
        Self { name, config: config.into(), timeout: DEFAULT_TIMEOUT }
    }
}

/// TLS on the connections of a server, with a configuration of the program.
///
/// Files from which the configuration was built are not reloaded.
///
/// Corresponds to the `sslContextFactory` of Twisted's `SSL4ServerEndpoint`, and to
/// `TLSMemoryBIOFactory`.
///
/// # Examples
///
/// ```no_run
/// use std::sync::Arc;
///
/// use endpoint_runtime::plan::TlsAcceptWith;
/// use endpoint_runtime::rustls::ServerConfig;
/// use endpoint_runtime::{server_from_string, wrap_server_tls};
///
/// # async fn example(config: Arc<ServerConfig>) -> Result<(), endpoint_runtime::Error> {
/// let server = wrap_server_tls(server_from_string("tcp:8443")?, TlsAcceptWith::new(config));
/// let listener = server.listen().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct TlsAcceptWith {
    /// The rustls configuration that the program built.
    pub config: Arc<ServerConfig>,
}

impl TlsAcceptWith {
    /// Accepts TLS on each connection with this rustls configuration.
    pub fn new(config: impl Into<Arc<ServerConfig>>) -> Self {
        Self { config: config.into() }
    }
}

/// Equal only if both share one configuration; contents are not compared.
impl PartialEq for TlsConnectWith {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.timeout == other.timeout
            && Arc::ptr_eq(&self.config, &other.config)
    }
}

impl Eq for TlsConnectWith {}

/// Equal only if both share one configuration; contents are not compared.
impl PartialEq for TlsAcceptWith {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.config, &other.config)
    }
}

impl Eq for TlsAcceptWith {}

impl fmt::Debug for TlsConnectWith {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConnectWith")
            .field("name", &self.name)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for TlsAcceptWith {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsAcceptWith").finish_non_exhaustive()
    }
}

impl Display for TlsConnectWith {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "speak TLS with {}, as the program configured it", self.name)
    }
}

impl Display for TlsAcceptWith {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("speak TLS as the program configured it")
    }
}
