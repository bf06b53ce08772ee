//! What another connection is made for: the connection that a relay has accepted.

use super::Connection;
use crate::address::Address;
use crate::proto::proxy::Header;
#[cfg(feature = "__tls")]
use crate::tls::TlsFacts;

/// What another connection is made for, without its bytes.
///
/// Unlike `&Connection`, it may be held across an `await` of a future that is `Send`.
#[derive(Clone, Copy, Debug)]
pub struct OriginalConnection<'a> {
    pub(crate) peer: &'a Address,
    pub(crate) local: &'a Address,
    pub(crate) header: Option<&'a Header>,
    pub(crate) number: Option<u64>,
    #[cfg(feature = "__tls")]
    pub(crate) tls: Option<&'a TlsFacts>,
}

impl<'a> OriginalConnection<'a> {
    /// A connection between two addresses, of which nothing else is known.
    pub fn new(peer: &'a Address, local: &'a Address) -> Self {
        Self {
            peer,
            local,
            header: None,
            number: None,
            #[cfg(feature = "__tls")]
            tls: None,
        }
    }

    /// The same, by the number that the program knows it by.
    ///
    /// The number is the end of the unique id in a PROXY header (`proxyTlvs=unique-id`). Programs
    /// that log it can tell which of their connections another program means.
    #[must_use]
    pub fn numbered(self, number: u64) -> Self {
        Self { number: Some(number), ..self }
    }
}

impl Connection {
    /// What [`Client::connect_for_original`](crate::Client::connect_for_original) tells a target.
    pub fn original(&self) -> OriginalConnection<'_> {
        OriginalConnection {
            header: self.proxy(),
            #[cfg(feature = "__tls")]
            tls: self.tls(),
            ..OriginalConnection::new(self.peer_address(), self.local_address())
        }
    }
}
