//! `lsp`: runs the linter as a language server for editors, on standard input and output.

use crate::cli::args::Lsp;
use crate::cli::exit::{Exit, Failure};
use crate::lsp::{Connection, serve};

pub(in crate::cli) fn run(args: &Lsp) -> Result<Exit, Failure> {
    let options = args.options()?;
    let (connection, threads) = Connection::stdio();
    let served = serve(&connection, options);
    // The thread that writes to standard output ends when the connection is dropped.
    drop(connection);
    let asked = served.map_err(|error| Failure::Check(error.to_string()))?;
    threads.join().map_err(Failure::Output)?;
    // The protocol requires exit code 1 if the client exits without a shutdown request.
    Ok(if asked { Exit::Ok } else { Exit::Failure })
}
