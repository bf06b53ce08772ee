//! `connect`: a connection joined to standard input and output.

use crate::cli::args::Connect;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::serve::child_process::join_child;
use crate::cli::serve::endpoints::{Endpoints, standard_streams};
use crate::cli::serve::key_log::OptionalKeyLog;
use crate::cli::serve::log::Log;
use crate::cli::serve::orphans::reap_inherited;
use crate::cli::serve::time_limits::relay_within;
use crate::runtime::block_on;

pub(in crate::cli) fn run(
    args: &Connect,
    log: &Log,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let _ = reap_inherited();
    let mut endpoints = Endpoints { log, errors: &mut console.errors };
    let Some(client) = endpoints.client(&args.client)? else { return Ok(Exit::Findings) };
    let client = OptionalKeyLog::open(&args.key_log)?.add_to_client(client);
    let client = match args.connecting.connect_timeout {
        Some(limit) => client.within(limit),
        None => client,
    };
    let mut client = client.retrying(args.connecting.policy());
    let limits = args.time.limits();
    block_on(async {
        let connection = client.connect().await?;
        if let Some(process) = connection.process().cloned() {
            return join_child(connection, process, limits).await;
        }
        relay_within(connection, standard_streams().await?, limits).await?;
        Ok(Exit::Ok)
    })
}
