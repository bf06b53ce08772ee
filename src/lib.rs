//! Twisted's endpoint descriptions: one string says where to listen or connect.
//!
//! `tcp:8080`, `tls:example.com:443`, `unix:/run/app.sock:mode=660`, `systemd:INET:name=web`: this
//! crate gathers what reads such strings and what acts on them.
//!
//! - The language is at the root, from `strports-syntax`: [`check()`] and [`check_either`]
//!   find everything that is wrong or odd, [`ServerEndpoint::parse`] and [`ClientEndpoint::parse`]
//!   give typed values, [`quote_string_argument`] escapes.
//! - [`runtime`] is `endpoint-runtime`: what a description asks for, as plain data, and with the
//!   feature `relay` servers and clients that do it, on smol.
//! - `cli` is the command `strports`, behind the feature of that name.
//!
//! ```
//! let report = strports::check("tcp:8080:interface=::1", strports::Role::Server);
//! assert_eq!(report.corrected().as_deref(), Some(&br"tcp:8080:interface=\:\:1"[..]));
//!
//! let server = strports::ServerEndpoint::parse(r"tcp:8080:interface=\:\:1")?;
//! let plan = strports::runtime::plan::ServerPlan::try_from(&server)?;
//! assert_eq!(plan.to_string(), "listen on `::1`, TCP port 8080, with a backlog of 50");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! All but `ring` are on by default. A library user turns them off with `default-features = false`
//! and names those that it needs.
//!
//! - none: the language, and the plans of [`runtime`]; no sockets.
//! - `check`: the linter's engine, [`mod@check`], which finds descriptions in files and checks
//!   them; no sockets.
//! - `relay`: the sockets of [`runtime`], on smol, and the relay service.
//! - `tls`: TLS in [`runtime`] with aws-lc-rs, which offers post-quantum key exchange first. It
//!   turns on the sockets of [`runtime`].
//! - `ring`: TLS with ring, which builds faster and is smaller; if both are on, aws-lc-rs is used.
//! - `convert`: what other programs say of addresses, as descriptions and back; part of `cli`.
//! - `cli`: the command `strports`. It has `explain`, `fmt`, `quote`, `convert`, `completions` and
//!   `man`, with `check` also `check`, `lsp`, `rule` and `types`, with `relay` also `listen`,
//!   `connect`, `relay` and `test`. Without TLS, `--on-this-machine` and `--keylog` are refused.
//!
//! With `cli` and `check` alone the command depends on no crate that opens sockets, and on no C
//! code for cryptography. A program that needs only the parser uses `strports-syntax`, which needs
//! neither the standard library nor an allocator.
#![forbid(unsafe_code)]

#[cfg(feature = "check")]
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod complete;
#[cfg(feature = "convert")]
pub mod convert;
#[cfg(all(feature = "check", feature = "cli"))]
pub mod lsp;
#[cfg(feature = "relay")]
pub mod relay;

pub use endpoint_runtime as runtime;
pub use strports_syntax::*;

/// The examples of the README and of the book are run as tests.
#[cfg(all(doctest, feature = "cli", feature = "relay"))]
mod examples {
    #[doc = include_str!("../README.md")]
    struct ReadMe;

    #[doc = include_str!("../docs/start/embed.md")]
    struct Embedding;
}
