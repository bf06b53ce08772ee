//! `relay`: each connection of a server joined to a new one of a client.

use std::cell::RefCell;
use std::convert::Infallible;

use smol::LocalExecutor;
use smol::channel::{Sender, unbounded};
use smol::stream::StreamExt;

use crate::cli::args::Relay;
use crate::cli::exit::{Exit, Failure};
use crate::cli::hangup::Hangup;
use crate::cli::{Cli, run};
use crate::runtime::{Client, Connection, Error, relay};

pub(in crate::cli) fn run(args: &Relay, cli: &mut Cli) -> Result<Exit, Failure> {
    let (server, client) = (run::server(&args.server, cli)?, run::client(&args.client, cli)?);
    let (Some(server), Some(client)) = (server, client) else { return Ok(Exit::Findings) };
    let secrets = run::Secrets::open(&args.secrets)?;
    let (server, client) = (secrets.of_server(server), secrets.of_client(client));
    let hangup = Hangup::new(true);
    let cli = RefCell::new(cli);
    let executor = LocalExecutor::new();
    let work = async {
        let mut listener = server.listen().await?;
        hangup.reloads(&listener);
        run::say_where(&listener, &mut cli.borrow_mut());
        // Nothing is ever sent: the channel closes with the last connection.
        let (running, done) = unbounded::<Infallible>();
        while let Some(connection) = listener.next().await {
            let join = join(connection?, &client, &cli, running.clone());
            executor.spawn(join).detach();
        }
        drop(running);
        let _ = done.recv().await;
        Ok(())
    };
    run::until_signal(&hangup, executor.run(work))?;
    Ok(Exit::Ok)
}

/// One connection with one of its own; what goes wrong is said, and ends nothing else.
async fn join(
    connection: Connection,
    client: &Client,
    cli: &RefCell<&mut Cli>,
    running: Sender<Infallible>,
) {
    let peer = connection.peer_address().to_string();
    let joined: Result<(), Error> = async {
        let onward = client.connect_for(&connection).await?;
        relay(connection, onward).await?;
        Ok(())
    }
    .await;
    if let Err(error) = joined {
        cli.borrow_mut().say(&format_args!("connection from {peer}: {error}"));
    }
    drop(running);
}
