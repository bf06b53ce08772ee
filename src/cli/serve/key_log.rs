//! The file of `--keylog`, to which the secrets of TLS sessions are appended for decryption tools.

use crate::cli::args::KeyLogArgs;
use crate::cli::exit::Failure;
#[cfg(feature = "__tls")]
use crate::runtime::KeyLog;
use crate::runtime::{Client, Server};

/// The key log file of `--keylog`. Without that option it is empty, and adds nothing to servers and
/// clients.
pub(in crate::cli) struct OptionalKeyLog {
    #[cfg(feature = "__tls")]
    log: Option<KeyLog>,
}

#[cfg(feature = "__tls")]
impl OptionalKeyLog {
    /// Opens the file of `--keylog`, if the option is used.
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
    /// Returns an error if `--keylog` is used, because this build has no TLS.
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
