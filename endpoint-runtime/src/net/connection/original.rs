//! The connection on whose behalf another one is made, as in a relay.

use super::Connection;
use crate::address::Address;
use crate::proto::proxy::Header;
#[cfg(feature = "__tls")]
use crate::tls::TlsFacts;

/// Describes a connection on whose behalf another one is made: its addresses and what is known of
/// it.
///
/// See [`Client::connect_for`](crate::Client::connect_for) for an example.
///
/// Unlike `&Connection`, it may be held across an `await` of a future that is `Send`.
#[derive(Clone, Copy, Debug)]
pub struct OriginalConnection<'a> {
    pub(crate) peer: &'a Address,
    pub(crate) local: &'a Address,
    /// The PROXY header that was received with the connection; `None` if there was none.
    pub(crate) header: Option<&'a Header>,
    /// The number by which the program identifies the connection; `None` if it has not set one.
    pub(crate) number: Option<u64>,
    /// The parameters of the connection's outermost TLS session; `None` without TLS.
    #[cfg(feature = "__tls")]
    pub(crate) tls: Option<&'a TlsFacts>,
}

impl<'a> OriginalConnection<'a> {
    /// Describes a connection between two addresses, without further facts.
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

    /// Sets the number by which the program identifies the connection.
    ///
    /// The unique id in a PROXY header (`proxyTlvs=unique-id`) ends with this number. It lets log
    /// entries of two programs be matched.
    #[must_use]
    pub fn numbered(self, number: u64) -> Self {
        Self { number: Some(number), ..self }
    }
}

impl Connection {
    /// Describes this connection, for
    /// [`Client::connect_for_original`](crate::Client::connect_for_original).
    pub fn original(&self) -> OriginalConnection<'_> {
        OriginalConnection {
            header: self.proxy(),
            #[cfg(feature = "__tls")]
            tls: self.tls(),
            ..OriginalConnection::new(self.peer_address(), self.local_address())
        }
    }
}
