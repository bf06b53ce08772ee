//! `connect`: a connection joined to standard input and output.

use crate::cli::args::Connect;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{Cli, limited, program, run};
use crate::runtime::block_on;

pub(in crate::cli) fn run(args: &Connect, cli: &mut Cli) -> Result<Exit, Failure> {
    let Some(client) = run::client(&args.client, cli)? else { return Ok(Exit::Findings) };
    let client = run::Secrets::open(&args.secrets)?.of_client(client);
    let client = match args.connecting.connect_timeout {
        Some(limit) => client.within(limit),
        None => client,
    };
    let mut client = client.retrying(args.connecting.policy());
    let limits = args.time.limits();
    block_on(async {
        let connection = client.connect().await?;
        if let Some(process) = connection.process().cloned() {
            return program::join(connection, process, limits).await;
        }
        limited::relay(connection, run::standard_streams().await?, limits).await?;
        Ok(Exit::Ok)
    })
}
