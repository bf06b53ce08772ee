//! Connections through a proxy: what a client says to a SOCKS5 or HTTP proxy, and what it answers.
//!
//! [`Socks5`] follows RFC 1928 and RFC 1929, [`HttpConnect`] RFC 9110, section 9.3.6. Both are
//! asked for orders and told what the proxy has sent; a [`Tunnel`] is either of them.
//!
//! # Rules
//!
//! - The proxy looks the host up; nothing is looked up here.
//! - No order reads further than the answer is sure to go: the first byte after it belongs to the
//!   host behind the proxy.
//! - An answer is bounded: that of SOCKS5 by its format, that of HTTP by [`MAX_HEAD`].
//! - How the bytes are cut into pieces changes neither the orders nor the error.
//! - Credentials are in no message and in no `Debug`.

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

/// A way through a proxy, by one protocol or the other.
///
/// 1. Ask for [`order`](Self::order)s, and carry each out, until it is [`Order::Open`].
/// 2. Hand over what was read to [`answer`](Self::answer).
/// 3. On an error, drop the connection; likewise if it ends or takes too long before the tunnel is
///    open.
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
    /// Through a SOCKS5 proxy.
    Socks5(Socks5),
    /// Through an HTTP proxy.
    HttpConnect(HttpConnect),
}

impl Tunnel {
    /// What to do next. Each order to send is given once.
    pub fn order(&mut self) -> Order {
        match self {
            Self::Socks5(it) => it.order(),
            Self::HttpConnect(it) => it.order(),
        }
    }

    /// Takes what the proxy has sent, and says how many bytes of it were its answer.
    ///
    /// The rest comes after the next orders, or belongs to the host if the tunnel is open.
    ///
    /// # Errors
    ///
    /// A proxy that refuses, that wants other credentials, or that speaks another protocol.
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
