//! `relay`: joins each connection that a server accepts to a new connection to a target.

use std::sync::Arc;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::cli::args::{AccessLog, Args, Relay};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::serve::client_names::allow_names;
use crate::cli::serve::endpoints::{Endpoints, log_addresses};
use crate::cli::serve::key_log::OptionalKeyLog;
use crate::cli::serve::log::Log;
#[cfg(feature = "__tls")]
use crate::cli::serve::metrics::CertificateMetrics;
use crate::cli::serve::metrics::{Scrapes, within_bounds};
use crate::cli::serve::observer::{MetricsServer, observed};
use crate::cli::serve::service_process::{ServiceProcess, raise_descriptor_limit};
use crate::relay::{Finished, RelayService, Stop};
use crate::runtime::block_on;
use crate::runtime::plan::ServerTransport;

pub(in crate::cli) fn run(args: &Relay, log: &Log, console: &mut Console) -> Result<Exit, Failure> {
    if args.observe.access_log == AccessLog::Off {
        log.hide_handshakes();
    }
    // All descriptions are checked first, so that the errors of all are reported at once.
    let mut endpoints = Endpoints { log, errors: &mut console.errors };
    let server = endpoints.server(&args.server)?;
    let mut clients = Vec::new();
    for client in &args.clients {
        clients.extend(endpoints.client(client)?);
    }
    let metrics = match &args.observe.metrics {
        Some(metrics) => Some(endpoints.server(metrics)?),
        None => None,
    };
    let is_whole = clients.len() == args.clients.len() && !matches!(metrics, Some(None));
    let Some(server) = server.filter(|_| is_whole) else { return Ok(Exit::Findings) };
    if metrics.iter().flatten().any(|it| matches!(it.plan().transport, ServerTransport::Stdio)) {
        let message = "expected a server for `--metrics` that takes more than one connection, \
                       but found `stdio`";
        return Err(Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message)));
    }
    let key_log = OptionalKeyLog::open(&args.key_log)?;
    let server = allow_names(key_log.add_to_server(server), &args.access)?;
    raise_descriptor_limit(&clients);
    let clients: Vec<_> = clients.into_iter().map(|it| key_log.add_to_client(it)).collect();
    let mut process = ServiceProcess::start(log.clone())?;
    process.reload_clients(&clients);
    let listeners = block_on(async {
        let Some(listener) = process.listen(&server).await? else { return Ok(None) };
        let Some(metrics) = metrics.flatten() else { return Ok(Some((listener, None))) };
        let for_metrics = process.listen_beside(&within_bounds(metrics)).await?;
        Ok::<_, Failure>(for_metrics.map(|it| (listener, Some(it))))
    })?;
    // A signal arrived before the listeners were open: the command stops as requested.
    let Some((listener, for_metrics)) = listeners else { return Ok(Exit::Ok) };
    log_addresses(&listener, log);
    let metrics = for_metrics.map(|for_metrics| MetricsServer {
        #[cfg(feature = "__tls")]
        certificates: CertificateMetrics::new([&listener, &for_metrics]),
        listener: for_metrics,
    });
    let settings = args.service.settings(&args.time, &args.access, &args.connecting);
    let service = RelayService::new(listener, clients, settings);
    let scrapes = Arc::default();
    let (finished, afterlife) = process.run(observed(service, args, metrics, &scrapes, log))?;
    Scrapes::finish(&scrapes, matches!(finished.why, Stop::HandedOver { .. }));
    Ok(match afterlife {
        Some(afterlife) => afterlife.outlive_successors(),
        None => exit(&finished),
    })
}

/// Returns the exit code after the relay has ended. A failed connection counts only if the relay
/// served a fixed number of connections.
fn exit(finished: &Finished) -> Exit {
    let ended = finished.counters.ended;
    let failed = ended.total() > ended.closed + ended.stopped;
    if finished.why == Stop::Served && failed { Exit::Failure } else { Exit::Ok }
}
