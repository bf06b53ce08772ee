//! `lsp`: the linter for editors, on standard input and output.

use crate::cli::args::Lsp;
use crate::cli::exit::{Exit, Failure};
use crate::lsp::{Connection, serve};

pub(in crate::cli) fn run(args: &Lsp) -> Result<Exit, Failure> {
    let options = args.options()?;
    let (connection, threads) = Connection::stdio();
    let served = serve(&connection, options);
    // The thread that writes ends with the connection.
    drop(connection);
    let asked = served.map_err(|error| Failure::Check(error.to_string()))?;
    threads.join().map_err(Failure::Output)?;
    // A client that does not shut the session down first gets 1, as the protocol has it.
    Ok(if asked { Exit::Ok } else { Exit::Failure })
}
