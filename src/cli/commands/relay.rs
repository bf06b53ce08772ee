//! `relay`: each connection of a server joined to a new one of a client.

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::cli::args::{Args, Relay};
use crate::cli::exit::{Exit, Failure};
use crate::cli::service::{self, Post};
use crate::cli::{Cli, run, watch};
use crate::relay::{Finished, RelayService, Stop};
use crate::runtime::block_on;
use crate::runtime::plan::ServerTransport;

pub(in crate::cli) fn run(args: &Relay, cli: &mut Cli) -> Result<Exit, Failure> {
    let server = run::server(&args.server, cli)?;
    let mut clients = Vec::new();
    for client in &args.clients {
        clients.extend(run::client(client, cli)?);
    }
    let metrics = match &args.watching.metrics {
        Some(metrics) => Some(run::server(metrics, cli)?),
        None => None,
    };
    let is_whole = clients.len() == args.clients.len() && !matches!(metrics, Some(None));
    let Some(server) = server.filter(|_| is_whole) else { return Ok(Exit::Findings) };
    if metrics.iter().flatten().any(|it| matches!(it.plan().transport, ServerTransport::Stdio)) {
        let message = "expected a server for `--metrics` that takes more than one connection, but found `stdio`";
        return Err(Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message)));
    }
    let secrets = run::Secrets::open(&args.secrets)?;
    let server = secrets.of_server(server);
    service::allow_descriptors(&clients);
    let clients = clients.into_iter().map(|client| secrets.of_client(client));
    let mut post = Post::take_up(cli.log.clone())?;
    let listeners = block_on(async {
        let Some(listener) = post.listen(&server).await? else { return Ok(None) };
        let Some(metrics) = metrics.flatten() else { return Ok(Some((listener, None))) };
        let scrapers = post.listen_beside(&metrics).await?;
        Ok::<_, Failure>(scrapers.map(|scrapers| (listener, Some(scrapers))))
    })?;
    // A signal came first.
    let Some((listener, scrapers)) = listeners else { return Ok(Exit::Ok) };
    run::say_where(&listener, cli);
    let scrapers = scrapers.map(|scrapers| watch::Scrapers {
        #[cfg(feature = "__tls")]
        certificates: watch::Certificates::of([&listener, &scrapers]),
        listener: scrapers,
    });
    let settings = args.service.settings(&args.time, &args.access, &args.connecting);
    let service = RelayService::new(listener, clients, settings);
    let service = watch::watched(service, args, scrapers, cli);
    Ok(exit(&post.run(service, cli)?))
}

/// One connection alone passes on how it went.
fn exit(finished: &Finished) -> Exit {
    let ended = finished.counters.ended;
    let failed = ended.total() > ended.closed + ended.stopped;
    if finished.why == Stop::Served && failed { Exit::Failure } else { Exit::Ok }
}
