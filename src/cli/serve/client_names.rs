//! The names of `--allow-name`, one of which a client must have in its TLS certificate.

#[cfg(feature = "__tls")]
use clap::CommandFactory;
#[cfg(feature = "__tls")]
use clap::error::ErrorKind;

use crate::cli::args::AccessArgs;
#[cfg(feature = "__tls")]
use crate::cli::args::Args;
use crate::cli::exit::Failure;
use crate::runtime::Server;

/// Makes a server accept only clients with one of the names of `--allow-name`. Without the option,
/// the server is unchanged. Fails if the server requests no client certificates.
#[cfg(feature = "__tls")]
pub(in crate::cli) fn allow_names(server: Server, args: &AccessArgs) -> Result<Server, Failure> {
    if args.allow_name.is_empty() {
        return Ok(server);
    }
    server.allow_names(&args.allow_name).map_err(|error| {
        let message = format!("`--allow-name` has no effect: {error}");
        Failure::Usage(Args::command().error(ErrorKind::ArgumentConflict, message))
    })
}

/// Returns an error if `--allow-name` is used, because this build has no TLS.
#[cfg(not(feature = "__tls"))]
pub(in crate::cli) fn allow_names(server: Server, args: &AccessArgs) -> Result<Server, Failure> {
    match args.allow_name.as_slice() {
        [] => Ok(server),
        _ => Err(crate::cli::args::needs_tls("--allow-name")),
    }
}
