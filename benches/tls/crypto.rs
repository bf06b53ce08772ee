//! The TLS parameters that all servers use: one certificate, one cipher suite, one key exchange.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme, version};

use crate::Fallible;

/// The library that implements the cryptography for rustls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    AwsLc,
    Ring,
}

impl Provider {
    pub(crate) fn read(name: &str) -> Fallible<Self> {
        match name {
            "aws-lc" => Ok(Self::AwsLc),
            "ring" => Ok(Self::Ring),
            other => Err(format!("no provider `{other}` (aws-lc or ring)").into()),
        }
    }

    fn all(self) -> CryptoProvider {
        match self {
            Self::AwsLc => aws_lc_rs::default_provider(),
            Self::Ring => ring::default_provider(),
        }
    }
}

/// A self-signed certificate for `localhost` with a P-256 key, which all servers use.
pub(crate) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Creates a certificate, and writes it to `directory`, in the files that the servers read.
    pub(crate) fn make(directory: &Path) -> Fallible<Self> {
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(["localhost".to_owned()])?.self_signed(&key)?;
        fs::write(directory.join("cert.pem"), certificate.pem())?;
        fs::write(directory.join("key.pem"), key.serialize_pem())?;
        fs::write(directory.join("both.pem"), certificate.pem() + &key.serialize_pem())?;
        Self::read(directory)
    }

    pub(crate) fn read(directory: &Path) -> Fallible<Self> {
        let chain = vec![CertificateDer::from_pem_file(directory.join("cert.pem"))?];
        Ok(Self { chain, key: PrivateKeyDer::from_pem_file(directory.join("key.pem"))? })
    }

    /// Returns a server configuration like that of the relay, with session tickets.
    pub(crate) fn server(&self, provider: Provider) -> Fallible<Arc<ServerConfig>> {
        let mut config = ServerConfig::builder_with_provider(provider.all().into())
            .with_protocol_versions(&[&version::TLS13])?
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())?;
        config.ticketer = match provider {
            Provider::AwsLc => aws_lc_rs::Ticketer::new()?,
            Provider::Ring => ring::Ticketer::new()?,
        };
        Ok(Arc::new(config))
    }
}

/// Returns a client configuration with one cipher suite and one key exchange. It verifies no
/// certificates, because the client is not measured.
pub(crate) fn client(post_quantum: bool, resuming: bool) -> Fallible<Arc<ClientConfig>> {
    let mut provider = Provider::AwsLc.all();
    provider.cipher_suites = vec![aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256];
    provider.kx_groups = vec![if post_quantum {
        aws_lc_rs::kx_group::X25519MLKEM768
    } else {
        aws_lc_rs::kx_group::X25519
    }];
    let mut config = ClientConfig::builder_with_provider(provider.into())
        .with_protocol_versions(&[&version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody))
        .with_no_client_auth();
    if !resuming {
        config.resumption = Resumption::disabled();
    }
    Ok(Arc::new(config))
}

#[derive(Debug)]
struct Anybody;

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
