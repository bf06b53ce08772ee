//! TLS by rustls, with one provider of cryptography, chosen at build time.
//!
//! A server presents one certificate ([`plan::TlsIdentity`](crate::plan::TlsIdentity)) or those of
//! a directory. The [`store`] loads them, and reloads them when their files change.
//!
//! Each connection is verified: no function here returns a connection before its handshake is
//! complete, and none can skip verification. A configuration of the program determines its own
//! verification.

mod certificate;
mod client;
mod configs;
mod crypto;
mod details;
mod diagnosis;
mod facts;
mod handshake;
mod key_log;
mod noted;
mod preflight;
mod reach;
mod recorded;
mod reloaded;
mod rustls_error;
mod server;
mod server_name;
mod store;
mod stream;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use self::client::Connector;
pub use self::details::CertificateDetails;
pub(crate) use self::diagnosis::verifying_root;
pub use self::facts::{TlsFacts, TlsHandshake, TlsProtocol};
pub use self::key_log::KeyLog;
pub use self::preflight::ThisMachine;
pub use self::reloaded::{PresentedCertificate, Reloaded, Reloads};
pub(crate) use self::server::Acceptor;
pub(crate) use self::server_name::{check_name, to_ascii};
#[cfg(feature = "__fuzz")]
pub use self::store::pem::{Pem, read_pem};
pub(crate) use self::store::reload::Reload;
