//! `connect`: connects to a client description, and relays to standard input and output.

use tracing::Level;

use crate::cli::args::Connect;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::report::Shown;
use crate::cli::serve::child_process::join_child;
use crate::cli::serve::endpoints::{Endpoints, standard_streams};
use crate::cli::serve::key_log::OptionalKeyLog;
use crate::cli::serve::log::{Entry, Log};
use crate::cli::serve::orphans::reap_inherited;
use crate::cli::serve::time_limits::relay_within;
#[cfg(feature = "__tls")]
use crate::runtime::TlsFacts;
use crate::runtime::{Client, Connection, block_on};

pub(in crate::cli) fn run(
    args: &Connect,
    log: &Log,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let _ = reap_inherited();
    let mut endpoints = Endpoints { log, errors: &mut console.errors };
    let Some(client) = endpoints.client(&args.client)? else { return Ok(Exit::Findings) };
    let client = OptionalKeyLog::open(&args.key_log)?.add_to_client(client);
    let client = if args.verbose { report_steps(client, log) } else { client };
    let client = match args.connecting.connect_timeout {
        Some(limit) => client.within(limit),
        None => client,
    };
    let mut client = client.retrying(args.connecting.policy());
    let terms = args.end.terms(&args.time);
    block_on(async {
        let connection = client.connect().await?;
        if args.verbose {
            report_peer(&connection, log);
        }
        if let Some(process) = connection.process().cloned() {
            return join_child(connection, process, terms).await;
        }
        relay_within(connection, standard_streams().await?, terms).await?;
        Ok(Exit::Ok)
    })
}

/// Makes the client log each step, such as a name lookup, while it connects.
fn report_steps(client: Client, log: &Log) -> Client {
    let log = log.clone();
    client.observed(move |step| log.write(&Entry::new(Level::INFO, "step", step.to_string())))
}

/// Logs the peer's address, and over TLS the name in its certificate.
fn report_peer(connection: &Connection, log: &Log) {
    let peer = connection.peer_address();
    #[cfg(feature = "__tls")]
    let name = connection.tls().and_then(TlsFacts::peer_name);
    #[cfg(not(feature = "__tls"))]
    let name: Option<String> = None;
    let message = match &name {
        Some(name) => format!(
            "the peer is {peer}, with a certificate for {}",
            Shown::whole(name.as_bytes()).text()
        ),
        None => format!("the peer is {peer}"),
    };
    log.write(&Entry::new(Level::INFO, "step", message).with("peer", peer.to_string()));
}
