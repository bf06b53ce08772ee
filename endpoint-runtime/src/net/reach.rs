//! How a client connects to a listener: a description, and requirements beyond it.

use core::fmt;
use std::path::PathBuf;

use strports_syntax::ClientEndpoint;

use crate::address::Address;
use crate::plan::NamePattern;
use crate::quoted::Quoted;

/// The address of a listener, and how a client on this machine connects to it.
///
/// # Examples
///
/// ```
/// # smol::block_on(async {
/// let server = endpoint_runtime::server_from_string("tcp:0:interface=127.0.0.1")?;
/// let listener = server.listen().await?;
/// let reach = listener.reaches().remove(0);
/// let address = listener.local_address();
/// assert_eq!(reach.to_string(), format!("{address}; connect with tcp:{address}"));
/// # Ok::<(), endpoint_runtime::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reach {
    /// The address that the listener is bound to.
    pub address: Address,
    /// The protocols of the layers, from the inside out: `TLS for example.com`.
    pub layers: Vec<String>,
    /// The client, which displays as a description; `None` if no client can connect.
    pub client: Option<ClientEndpoint<'static>>,
    /// What the client needs besides its description, such as a certificate.
    pub needs: Vec<ClientNeed>,
    /// Whether an IPv6 socket also accepts IPv4 connections.
    #[cfg(feature = "__tls")]
    pub(crate) takes_ipv4: bool,
}

/// A requirement of a client that the listener's description cannot express.
///
/// See [`Reach`] for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientNeed {
    /// A certificate and its key, for `certificate=` and `privateKey=`.
    Certificate {
        /// The file or directory of accepted certificate authorities, if there is one.
        authorities: Option<PathBuf>,
        /// Patterns for the name in the certificate, of which one has to match; without any, every
        /// name is admitted.
        names: Vec<NamePattern>,
    },
    /// The certificate of an issuer, for `trustRoots=`: neither the platform nor a file of the
    /// server has a root that verifies the server's chain.
    ///
    /// The issuer is a root, or an intermediate whose certificate the server does not send.
    Issuer {
        /// The distinguished name of the issuer of the last certificate that the server sends.
        issuer: String,
    },
}

impl Reach {
    /// Describes how to reach an address that has no layers.
    #[cfg_attr(not(feature = "__tls"), expect(unused_variables, reason = "only TLS needs it"))]
    pub(crate) fn new(address: &Address, takes_ipv4: bool) -> Self {
        Self {
            address: address.clone(),
            layers: Vec::new(),
            client: address.client_endpoint(),
            needs: Vec::new(),
            #[cfg(feature = "__tls")]
            takes_ipv4,
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.address)?;
        for (index, layer) in self.layers.iter().enumerate() {
            write!(f, "{}{layer}", if index == 0 { " (" } else { ", " })?;
        }
        if !self.layers.is_empty() {
            f.write_str(")")?;
        }
        let Some(client) = &self.client else { return Ok(()) };
        write!(f, "; connect with {client}")?;
        for (index, need) in self.needs.iter().enumerate() {
            write!(f, "{} {need}", if index == 0 { "; it also needs" } else { " and" })?;
        }
        Ok(())
    }
}

impl fmt::Display for ClientNeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { authorities, names } => {
                f.write_str("`certificate=` and `privateKey=` of a client")?;
                match authorities {
                    Some(path) => write!(f, " that an authority in {} issued", Quoted::new(path))?,
                    None => f.write_str(" that the server accepts")?,
                }
                for (index, name) in names.iter().enumerate() {
                    let before = if index == 0 { ", with the name" } else { " or" };
                    write!(f, "{before} {}", Quoted::new(name.as_str()))?;
                }
                Ok(())
            }
            Self::Issuer { issuer } => {
                write!(
                    f,
                    "`trustRoots=` with the certificate of the issuer {}",
                    Quoted::new(issuer)
                )
            }
        }
    }
}
