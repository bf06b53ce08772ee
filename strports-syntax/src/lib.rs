#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
//! Parses, checks and prints Twisted's endpoint descriptions, such as `tcp:8080`.
//!
//! A description is one string that says where to listen or connect. This crate has pure functions
//! from text to typed endpoints. They use no sockets, files, clock, environment or threads, and
//! assume no runtime. They allocate only for nested descriptions and for reports.
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```ignore")]
//! use strports_syntax::{Role, ServerEndpoint, check};
//!
//! let ServerEndpoint::Tcp(tcp) = ServerEndpoint::parse(r"tcp:8080:interface=\:\:1")? else {
//!     unreachable!()
//! };
//! assert_eq!(tcp.port.value(), 8080);
//! assert_eq!(tcp.interface, "::1");
//!
//! let report = check("tcp:8080:interface=::1", Role::Server);
//! assert_eq!(report.corrected().as_deref(), Some(&br"tcp:8080:interface=\:\:1"[..]));
//! # Ok::<(), strports_syntax::ParseError>(())
//! ```
//!
//! # Data flow
//!
//! text → [tokens] → [`Argument`]s → [`Description`] (any type, lossless) → [`BoundArguments`]
//! (arguments of a [`Signature`]) → [`ServerEndpoint`] or [`ClientEndpoint`] (typed). Printing and
//! lints use the result; `endpoint-runtime` opens sockets from it.
//!
//! # Features
//!
//! - `std` (default): enables `alloc`, and builds the dependencies with the standard library.
//! - `serde`: deserializes endpoints from strings in a configuration and serializes them, and
//!   serializes reports as the command's JSON. Enables `alloc`.
//! - `arbitrary`: makes descriptions and endpoints for fuzzers and property tests. Enables `std`.
//! - `alloc`: nested descriptions, `check` with all its findings and fixes, owned values.
//!
//! Without `alloc`, tokens, arguments, descriptions and typed endpoints work without an allocator.
//! Types that contain other descriptions are an error.
//!
//! The guide has more detail.
#![cfg_attr(feature = "alloc", doc = "It has pages on [features](guide::features),")]
#![cfg_attr(feature = "alloc", doc = "[lifetimes and owned forms](guide::lifetimes),")]
#![cfg_attr(feature = "alloc", doc = "[other runtimes](guide::runtimes), and")]
#![cfg_attr(feature = "alloc", doc = "[descriptions in a program](guide::literals).")]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
mod argument;
#[cfg(feature = "alloc")]
mod autofix;
mod bind;
#[cfg(feature = "alloc")]
mod bind_role;
#[cfg(feature = "alloc")]
mod check;
mod code;
mod condition;
mod description;
#[cfg(feature = "alloc")]
mod diagnostic;
#[cfg(feature = "alloc")]
mod edits;
mod endpoint;
mod error;
mod escape;
mod excerpt;
#[cfg(feature = "alloc")]
mod explain;
#[cfg(feature = "alloc")]
mod find;
#[cfg(all(any(doc, doctest), feature = "alloc"))]
pub mod guide;
#[cfg(feature = "alloc")]
mod hint;
mod lexer;
#[cfg(feature = "alloc")]
mod lint;
mod names;
mod origin;
mod parse;
mod printable;
mod quote;
#[cfg(feature = "alloc")]
mod releases;
mod role;
mod secrets;
#[cfg(feature = "serde")]
mod serde;
pub mod signature;
mod similar;
mod span;
mod text;
mod token;
mod types;
pub mod value;
mod window;
mod words;

pub use argument::Argument;
pub use bind::{BoundArguments, BoundDescription, Sink};
#[cfg(feature = "alloc")]
pub use bind_role::MOST_FINDINGS;
#[cfg(feature = "alloc")]
pub use check::{Report, check, check_either};
pub use code::{Code, Severity};
pub use description::{Arguments, Description};
#[cfg(feature = "alloc")]
pub use diagnostic::{Diagnostic, Fix, apply as apply_fixes};
pub use endpoint::{
    ClientEndpoint, FdClient, FdServer, InnerClient, InnerServer, NESTING_LIMIT, Parameters,
    PassedSocket, ProcessClient, ServerEndpoint, SslClient, SslServer, StdioClient, StdioServer,
    SystemdServer, Tcp6Client, Tcp6Server, TcpClient, TcpServer, TlsClient, TlsServer, UnixClient,
    UnixServer, Value,
};
#[cfg(feature = "alloc")]
pub use endpoint::{
    HaproxyClient, HaproxyServer, HttpConnectClient, PluginEndpoint, Socks5Client, canonical_bytes,
};
pub use error::{Error, ErrorKind};
pub use excerpt::Excerpt;
pub use lexer::{Tokens, tokens};
pub use names::NameError;
pub use parse::ParseError;
pub use printable::{Backquoted, Printable, PrintableChar};
pub use quote::{Place, Quoted};
#[cfg(feature = "alloc")]
pub use quote::{quote_bytes, quote_positional, quote_string_argument};
pub use role::Role;
pub use secrets::Secrets;
pub use signature::Signature;
pub use span::Span;
pub use text::{Bytes, Chars, Text};
pub use token::{Token, TokenKind};
#[cfg(feature = "alloc")]
pub use types::SignatureError;
pub use types::Types;

/// The examples of the README are run as tests.
#[cfg(all(doctest, feature = "alloc"))]
#[doc = include_str!("../README.md")]
struct ReadMe;
