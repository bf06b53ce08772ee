//! A server of the Language Server Protocol: the linter in an editor.
//!
//! The server keeps the texts of open files, saved or not, and reports the findings of
//! [`check`](mod@crate::check) as diagnostics. Code actions apply fixes and add ignore comments.
//! Inside a description it offers hover, completion, formatting, links and semantic tokens. It also
//! checks and completes `strports.toml`.
//!
//! [`serve`] runs one session over a [`Connection`], in memory or on standard input and output. A
//! single thread handles all messages. It receives everything that has arrived before it answers a
//! request, and again between the descriptions that an answer examines. A request can therefore be
//! cancelled at any time, and a burst of changes is checked once.

mod actions;
mod analysis;
mod completion;
mod configuration;
mod document;
mod format;
mod hover;
mod inbox;
mod links;
pub(crate) mod schema;
mod server;
mod session;
mod tokens;

pub use lsp_server::Connection;
pub use session::{Error, serve};
