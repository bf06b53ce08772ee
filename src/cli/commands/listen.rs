//! `listen`: a connection, or one after the other, joined to standard input and output.

use std::io;

use smol::Unblock;
use smol::io::{AsyncReadExt, AsyncWriteExt};

use crate::cli::args::Listen;
use crate::cli::exit::{Exit, Failure};
use crate::cli::hangup::Hangup;
use crate::cli::{Cli, run};
use crate::runtime::{Connection, Listener, relay};

const BUFFER: usize = 64 * 1024;

pub(in crate::cli) fn run(args: &Listen, cli: &mut Cli) -> Result<Exit, Failure> {
    let Some(server) = run::server(&args.server, cli)? else { return Ok(Exit::Findings) };
    let server = run::Secrets::open(&args.secrets)?.of_server(server);
    let hangup = Hangup::new(args.keep);
    run::until_signal(&hangup, async {
        let listener = server.listen().await?;
        hangup.reloads(&listener);
        run::say_where(&listener, cli);
        if args.keep { keep(listener, cli).await } else { once(listener).await }
    })?;
    Ok(Exit::Ok)
}

/// The first connection; further ones are refused rather than left to wait.
async fn once(mut listener: Listener) -> Result<(), Failure> {
    let connection = listener.accept().await?;
    listener.close().await?;
    relay(connection, run::standard_streams().await?).await?;
    Ok(())
}

/// One connection after the other, all on the same standard input and output.
///
/// A connection is over when the other side has ended its half; what is left of standard input is
/// for the next one.
async fn keep(mut listener: Listener, cli: &mut Cli) -> Result<(), Failure> {
    let mut input = Unblock::with_capacity(BUFFER, io::stdin());
    let mut output = Unblock::with_capacity(BUFFER, io::stdout());
    let mut buffer = vec![0; BUFFER];
    loop {
        let connection = listener.accept().await?;
        if let Err(error) = serve(connection, &mut input, &mut output, &mut buffer).await? {
            cli.say(&format_args!("the connection broke: {error}"));
        }
    }
}

/// Copies both ways; the outer error ends the program, the inner one this connection.
async fn serve(
    connection: Connection,
    input: &mut Unblock<io::Stdin>,
    output: &mut Unblock<io::Stdout>,
    buffer: &mut [u8],
) -> Result<io::Result<()>, Failure> {
    let (mut reader, mut writer) = smol::io::split(connection);
    let sending = async {
        // The other side need not read what we send.
        let _ = smol::io::copy(input, &mut writer).await;
        let _ = writer.close().await;
        smol::future::pending().await
    };
    let receiving = async {
        loop {
            match reader.read(buffer).await {
                Ok(0) => return Ok(Ok(())),
                Ok(count) => {
                    let written = output.write_all(&buffer[..count]).await;
                    // Why nothing more can be written, only the flush says.
                    output.flush().await.and(written)?;
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    };
    smol::future::or(receiving, sending).await
}
