//! `relay`: each connection of a server joined to a new one of a client.

use std::io::Write;

use crate::cli::args::Relay;
use crate::cli::exit::{Exit, Failure};
use crate::cli::service::Post;
use crate::cli::{Cli, run};
use crate::runtime::{Event, Finished, RelayService, Stop};

pub(in crate::cli) fn run(args: &Relay, cli: &mut Cli) -> Result<Exit, Failure> {
    let server = run::server(&args.server, cli)?;
    let mut clients = Vec::new();
    for client in &args.clients {
        clients.extend(run::client(client, cli)?);
    }
    let Some(server) = server.filter(|_| clients.len() == args.clients.len()) else {
        return Ok(Exit::Findings);
    };
    let secrets = run::Secrets::open(&args.secrets)?;
    let server = secrets.of_server(server);
    let clients = clients.into_iter().map(|client| secrets.of_client(client));
    let mut post = Post::take_up()?;
    let Some(listener) = smol::block_on(post.listen(&server))? else { return Ok(Exit::Ok) };
    run::say_where(&listener, cli);
    let settings = args.service.settings(&args.time, &args.access, &args.connecting);
    let service = RelayService::new(listener, clients, settings).observed_by(say);
    Ok(exit(&post.run(service, cli)?))
}

/// One connection alone passes on how it went.
fn exit(finished: &Finished) -> Exit {
    let ended = finished.counters.ended;
    let failed = ended.total() > ended.closed + ended.stopped;
    if finished.why == Stop::Served && failed { Exit::Failure } else { Exit::Ok }
}

/// Says what went wrong with one connection, and how long the last ones have.
fn say(event: &Event<'_>) {
    let line = match event {
        Event::Ended { peer, end, .. } => match end.error() {
            Some(error) => format!("connection from {peer}: {error}"),
            None => return,
        },
        Event::Draining { open, limit: Some(limit), .. } if *open > 0 => {
            let (have, them) =
                if *open == 1 { ("connection has", "it") } else { ("connections have", "them") };
            let limit = limit.as_secs_f64();
            format!("{open} {have} {limit} s left (a second signal ends {them} at once)")
        }
        Event::HandoverFailed { error } => error.to_string(),
        _ => return,
    };
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}
