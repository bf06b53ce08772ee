//! `connect`: a connection joined to standard input and output.

use crate::cli::args::Connect;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Cli, program, run};
use crate::runtime::relay;

pub(in crate::cli) fn run(args: &Connect, cli: &mut Cli) -> Result<Exit, Failure> {
    let Some(client) = run::client(&args.client, cli)? else { return Ok(Exit::Findings) };
    let client = run::Secrets::open(&args.secrets)?.of_client(client);
    smol::block_on(async {
        let connection = client.connect().await?;
        if let Some(process) = connection.process().cloned() {
            return program::join(connection, process).await;
        }
        relay(connection, run::standard_streams().await?).await?;
        Ok(Exit::Ok)
    })
}
