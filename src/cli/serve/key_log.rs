//! The file of `--keylog` for the secrets of TLS sessions.

use crate::cli::args::KeyLogArgs;
use crate::cli::exit::Failure;
#[cfg(feature = "__tls")]
use crate::runtime::KeyLog;
use crate::runtime::{Client, Server};

/// The file for the secrets of TLS sessions, if one was requested.
pub(in crate::cli) struct OptionalKeyLog {
    #[cfg(feature = "__tls")]
    log: Option<KeyLog>,
}

#[cfg(feature = "__tls")]
impl OptionalKeyLog {
    /// Opens the file in the arguments.
    pub(in crate::cli) fn open(args: &KeyLogArgs) -> Result<Self, Failure> {
        let Some(path) = &args.keylog else { return Ok(Self { log: None }) };
        match KeyLog::append(path) {
            Ok(log) => Ok(Self { log: Some(log) }),
            Err(error) => Err(Failure::File(path.clone(), error)),
        }
    }

    pub(in crate::cli) fn add_to_server(&self, server: Server) -> Server {
        if let Some(log) = &self.log { server.key_log(log) } else { server }
    }

    pub(in crate::cli) fn add_to_client(&self, client: Client) -> Client {
        if let Some(log) = &self.log { client.key_log(log) } else { client }
    }
}

#[cfg(not(feature = "__tls"))]
#[expect(clippy::unused_self, reason = "with TLS there is a file")]
impl OptionalKeyLog {
    /// Returns an error if the arguments have a file.
    pub(in crate::cli) fn open(args: &KeyLogArgs) -> Result<Self, Failure> {
        match args.keylog {
            None => Ok(Self {}),
            Some(_) => Err(crate::cli::args::needs_tls("--keylog")),
        }
    }

    pub(in crate::cli) fn add_to_server(&self, server: Server) -> Server {
        server
    }

    pub(in crate::cli) fn add_to_client(&self, client: Client) -> Client {
        client
    }
}
