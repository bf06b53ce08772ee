//! The types of parameter values, which keep their original spelling.
//!
//! ```
//! use strports_syntax::ServerEndpoint;
//! let ServerEndpoint::Tcp(tcp) = ServerEndpoint::parse("tcp: +8_080")? else { unreachable!() };
//! assert_eq!(tcp.port.value(), 8080);
//! assert_eq!(*tcp.port.spelling().unwrap(), " +8_080"); // as Python's `int()` reads it
//! # Ok::<(), strports_syntax::ParseError>(())
//! ```

#[cfg(feature = "alloc")]
mod canonical;
mod delay;
mod from_text;
mod host;
mod integer;
mod items;
mod keep_alive;
mod list;
mod network;
mod number;
mod pairs;
mod proxy_tlvs;
mod word;

#[cfg(feature = "alloc")]
pub(crate) use canonical::{canonical_integer, mode_bits};
pub use delay::Delay;
pub(crate) use delay::Thousandths;
pub(crate) use from_text::FromText;
pub use host::{Host, HostKind};
pub use keep_alive::KeepAlive;
pub use list::TextList;
pub use network::{Network, Networks};
pub use number::{Backlog, Flag, Mode, Number, Port, Seconds};
pub use pairs::Pairs;
pub use proxy_tlvs::ProxyTlvs;
pub use word::{Domain, ProxyTlv, ProxyVersion, StandardError, TlsMethod};
