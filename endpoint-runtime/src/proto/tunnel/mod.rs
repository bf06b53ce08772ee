//! Connections through a proxy: the client side of SOCKS5 and of HTTP's CONNECT.
//!
//! [`Socks5`] implements RFC 1928 and RFC 1929, [`HttpConnect`] RFC 9110, section 9.3.6. Both
//! return orders and process bytes from the proxy; a [`Tunnel`] is either of them.
//!
//! # Rules
//!
//! - The proxy resolves the host; the client does not.
//! - No order reads beyond the answer: the first byte after it belongs to the target.
//! - Answers are bounded: those of SOCKS5 by their format, those of HTTP by [`MAX_HEAD`].
//! - The result does not depend on how the bytes are split into pieces.
//! - No message and no `Debug` output contains credentials.

mod base64;
mod credentials;
mod error;
mod http_connect;
mod order;
mod socks5;
mod target;

pub use self::credentials::{Credentials, CredentialsError};
pub use self::error::{MAX_HEAD, TunnelError};
pub use self::http_connect::HttpConnect;
pub use self::order::Order;
pub use self::socks5::{MAX_SOCKS5_CREDENTIAL, Socks5};
pub use self::target::{MAX_NAME, Target, TargetHost};

/// A tunnel through a proxy, with either protocol.
///
/// 1. Execute each [`order`](Self::order), until it is [`Order::Open`].
/// 2. Pass the bytes that were read to [`answer`](Self::answer).
/// 3. After an error, drop the connection. Do the same if it ends or a time limit passes before the
///    tunnel is open.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::proto::tunnel::{Order, Socks5, Target, Tunnel};
///
/// let target = Target::named("example.com", 80).unwrap();
/// let mut tunnel = Tunnel::from(Socks5::new(target, None)?);
/// assert_eq!(tunnel.order(), Order::Send(b"\x05\x01\x00".to_vec()));
/// assert_eq!(tunnel.order(), Order::Read { at_most: 2 });
/// assert_eq!(tunnel.answer(b"\x05\x00")?, 2);
/// assert!(matches!(tunnel.order(), Order::Send(_)));
/// assert_eq!(tunnel.order(), Order::Read { at_most: 4 });
/// assert_eq!(tunnel.answer(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x10\x10the host's")?, 10);
/// assert_eq!(tunnel.order(), Order::Open);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub enum Tunnel {
    /// The state machine for a SOCKS5 proxy.
    Socks5(Socks5),
    /// The state machine for an HTTP proxy.
    HttpConnect(HttpConnect),
}

impl Tunnel {
    /// Returns the next action. Each order to send is returned only once.
    pub fn order(&mut self) -> Order {
        match self {
            Self::Socks5(it) => it.order(),
            Self::HttpConnect(it) => it.order(),
        }
    }

    /// Processes bytes from the proxy, and returns how many of them belong to its answer.
    ///
    /// Pass the rest again after the next orders. If the tunnel is open, it belongs to the target.
    ///
    /// # Errors
    ///
    /// Returns an error if the proxy refuses, requires other credentials, or uses another protocol.
    pub fn answer(&mut self, bytes: &[u8]) -> Result<usize, TunnelError> {
        match self {
            Self::Socks5(it) => it.answer(bytes),
            Self::HttpConnect(it) => it.answer(bytes),
        }
    }
}

impl From<Socks5> for Tunnel {
    fn from(socks5: Socks5) -> Self {
        Self::Socks5(socks5)
    }
}

impl From<HttpConnect> for Tunnel {
    fn from(http: HttpConnect) -> Self {
        Self::HttpConnect(http)
    }
}
