//! How a client reaches a listener: a description, and what the description cannot say.

use core::fmt;
use std::path::PathBuf;

use strports_syntax::ClientEndpoint;

use crate::address::Address;
use crate::quoted::Quoted;

/// Where a listener is bound, and how a client on this machine reaches it.
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
    /// What is spoken there, from the inside out: `TLS for example.com`.
    pub layers: Vec<String>,
    /// The client; its `Display` is a description. `None` if no client can connect.
    pub client: Option<ClientEndpoint<'static>>,
    /// What the client needs and the listener cannot give.
    pub needs: Vec<ClientNeed>,
    /// Whether the socket takes IPv4 connections, too, if the address is IPv6.
    #[cfg(feature = "__tls")]
    pub(crate) takes_ipv4: bool,
}

/// What a client needs beside the description that a listener can give.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientNeed {
    /// A certificate and its key, for `certificate=` and `privateKey=`.
    Certificate {
        /// The file or directory of the authorities that the server accepts, if it has one.
        authorities: Option<PathBuf>,
    },
    /// A root certificate, for `trustRoots=`: the platform does not trust the server's, and no
    /// file of the server has it.
    Root {
        /// The distinguished name of the root, or of the certificate below it.
        issuer: String,
    },
}

impl Reach {
    /// A bare address, before any layer.
    #[cfg_attr(not(feature = "__tls"), expect(unused_variables, reason = "only TLS asks for it"))]
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
            Self::Certificate { authorities: Some(path) } => {
                let path = Quoted::new(path);
                write!(f, "`certificate=` and `privateKey=` of a client that {path} vouches for")
            }
            Self::Certificate { authorities: None } => {
                f.write_str("`certificate=` and `privateKey=` of a client that the server accepts")
            }
            Self::Root { issuer } => {
                write!(f, "`trustRoots=` with the root certificate {}", Quoted::new(issuer))
            }
        }
    }
}
