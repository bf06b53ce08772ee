//! The linter in the editor: a server of the Language Server Protocol.
//!
//! It holds the texts of open files, saved or not, and reports what [`check`](mod@crate::check)
//! finds in them: findings, fixes, and comments that ignore a rule. Inside a description it says
//! what the parts mean, completes types, keywords and values, and prints the canonical form. It
//! also checks and completes `strports.toml`.
//!
//! [`serve`] runs one session over a [`Connection`], in memory or on standard input and output. One
//! thread does everything: messages are read before anything is answered, and between the
//! descriptions that an answer looks at. So a request can be cancelled at any time, and a burst of
//! changes is checked once.

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
