//! Twisted's endpoint descriptions: one string says where to listen or connect.
//!
//! `tcp:8080`, `tls:example.com:443`, `unix:/run/app.sock:mode=660`, `systemd:INET:name=web`: this
//! crate gathers what reads such strings and what acts on them. It holds no code of its own but
//! the command's.
//!
//! - The language stands at the root, from `strports-syntax`: [`check()`] and [`check_either`]
//!   find everything that is wrong or odd, [`ServerEndpoint::parse`] and [`ClientEndpoint::parse`]
//!   give typed values, [`quote_string_argument`] escapes.
//! - [`runtime`] is `endpoint-runtime`: [`runtime::server_from_string`],
//!   [`runtime::client_from_string`] and [`runtime::relay()`], on smol.
//! - `cli` is the command `strports`, behind the feature of that name.
//!
//! ```
//! let report = strports::check("tcp:8080:interface=::1", strports::Role::Server);
//! assert_eq!(report.corrected().as_deref(), Some(&br"tcp:8080:interface=\:\:1"[..]));
//!
//! let server = strports::runtime::server_from_string(r"tcp:8080:interface=\:\:1")?;
//! assert_eq!(server.plan().to_string(), "listen on `::1`, TCP port 8080, with a backlog of 50");
//! # Ok::<(), strports::runtime::Error>(())
//! ```
//!
//! # Features
//!
//! - `cli` (default): the command and what it depends on. A program that wants the library takes
//!   `default-features = false`; one that wants the parser alone takes `strports-syntax`, which
//!   needs neither the standard library nor an allocator. The command needs TLS, from either of the
//!   other two.
//! - `tls` (default): TLS in [`runtime`], with aws-lc-rs, which offers post-quantum key exchange
//!   first.
//! - `ring`: TLS with ring, which builds quicker and is smaller; where both are on, aws-lc-rs does
//!   the work.
#![forbid(unsafe_code)]

#[cfg(all(feature = "cli", not(any(feature = "tls", feature = "ring"))))]
compile_error!("the feature `cli` needs TLS: turn on the feature `tls` or `ring` as well");

#[cfg(all(feature = "cli", any(feature = "tls", feature = "ring")))]
mod check;
#[cfg(all(feature = "cli", any(feature = "tls", feature = "ring")))]
pub mod cli;

pub use endpoint_runtime as runtime;
pub use strports_syntax::*;

/// The examples of the read-me are run as tests.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct ReadMe;
