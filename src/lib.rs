//! Twisted's endpoint descriptions: one string says where to listen or connect.
//!
//! This crate reads, checks and runs descriptions such as `tcp:8080`, `tls:example.com:443`,
//! `unix:/run/app.sock:mode=660` and `systemd:INET:name=web`.
//!
//! - The root re-exports `strports-syntax`: [`check()`] and [`check_either`] find errors and
//!   lints, [`ServerEndpoint::parse`] and [`ClientEndpoint::parse`] return typed values,
//!   [`quote_string_argument`] escapes a text.
//! - [`runtime`] is `endpoint-runtime`: plans as plain data, and with the feature `relay` servers
//!   and clients on smol.
//! - `cli` is the command `strports`, with the feature of that name.
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
//! All features except `ring` are enabled by default. Libraries should use
//! `default-features = false` and enable only the features that they need.
//!
//! - none: the language, and the plans of [`runtime`]. No sockets.
//! - `check`: the linter, the module `check`, which finds and checks descriptions in files. No
//!   sockets.
//! - `relay`: the sockets of [`runtime`], on smol, and the relay service.
//! - `tls`: TLS in [`runtime`] with aws-lc-rs, which offers post-quantum key exchange first. It
//!   enables the sockets of [`runtime`].
//! - `ring`: TLS with ring, which builds faster and is smaller. If both are enabled, aws-lc-rs is
//!   used.
//! - `convert`: conversion of addresses and services of other programs. `describe` enables it.
//! - `describe`: the answers of `explain`, `types` and `convert` as data. It compiles no C and
//!   builds for WebAssembly. `cli` enables it.
//! - `cli`: the command `strports`. It has `explain`, `fmt`, `quote`, `convert`, `completions` and
//!   `man`, with `check` also `check`, `lsp`, `rule` and `types`, with `relay` also `listen`,
//!   `connect`, `relay` and `test`. Without TLS, `--on-this-machine` and `--keylog` are refused.
//!
//! With only `cli` and `check`, the command has no dependency that opens sockets, and no C code for
//! cryptography. Programs that need only the parser should use `strports-syntax`, which needs
//! neither the standard library nor an allocator.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "check")]
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod complete;
#[cfg(feature = "convert")]
pub mod convert;
#[cfg(feature = "describe")]
pub mod describe;
#[cfg(any(feature = "check", feature = "relay"))]
mod lock;
#[cfg(all(feature = "check", feature = "cli"))]
pub mod lsp;
#[cfg(feature = "relay")]
pub mod relay;
#[cfg(feature = "__types")]
#[cfg_attr(
    not(all(feature = "check", feature = "cli")),
    expect(dead_code, reason = "configurations declare types, the command lists them")
)]
mod types;

/// Parsers that are private otherwise, made public for the fuzz targets in `fuzz/`.
#[cfg(feature = "__fuzz")]
#[doc(hidden)]
pub mod fuzzing {
    pub use crate::cli::{MAX_METRICS_HEAD, metrics_answer};
}

pub use endpoint_runtime as runtime;
pub use strports_syntax::*;

/// Compiles and runs the examples of the README and of the book as documentation tests.
#[cfg(all(doctest, feature = "cli", feature = "relay"))]
mod examples {
    #[doc = include_str!("../README.md")]
    struct ReadMe;

    #[doc = include_str!("../docs/start/embed.md")]
    struct Embedding;
}
