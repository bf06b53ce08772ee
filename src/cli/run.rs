//! What the commands that open sockets share: endpoints from arguments, signals, what is said.

use std::ffi::OsStr;
use std::future::Future;
use std::path::PathBuf;

use async_signal::{Signal, Signals};
use smol::future::FutureExt;
use smol::stream::StreamExt;

use super::Cli;
use super::args::{self, bytes};
use super::exit::Failure;
use super::hangup::Hangup;
use super::report::{Shown, human};
use crate::runtime::{
    Address, Client, Connection, Error, KeyLog, Listener, Server, client_from_string,
    server_from_string,
};
use crate::{Role, canonical_bytes, check};

/// The server that an argument describes; `None` where it has errors, which are said.
pub(super) fn server(argument: &OsStr, cli: &mut Cli) -> Result<Option<Server>, Failure> {
    if is_description(argument, Role::Server, cli) {
        Ok(Some(server_from_string(bytes(argument))?))
    } else {
        Ok(None)
    }
}

/// The client that an argument describes; `None` where it has errors, which are said.
pub(super) fn client(argument: &OsStr, cli: &mut Cli) -> Result<Option<Client>, Failure> {
    if is_description(argument, Role::Client, cli) {
        Ok(Some(client_from_string(bytes(argument))?))
    } else {
        Ok(None)
    }
}

fn is_description(argument: &OsStr, role: Role, cli: &mut Cli) -> bool {
    let report = check(bytes(argument), role);
    if !report.is_ok() {
        // Nobody is left to tell when standard error is closed.
        let _ = human::write_findings(&report, &mut cli.errors);
    }
    report.is_ok()
}

/// Standard input and output as a connection.
pub(super) async fn standard_streams() -> Result<Connection, Error> {
    client_from_string("stdio:")?.connect().await
}

/// Does `work` until SIGINT or SIGTERM comes, or a SIGHUP that ends it, and then drops it: what it opened is closed
/// and removed.
pub(super) fn until_signal(
    hangup: &Hangup,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    smol::block_on(async {
        let mut signals = Signals::new(ending_signals()).map_err(Failure::Signals)?;
        let stopped = async {
            while let Some(Ok(Signal::Hup)) = signals.next().await {
                if hangup.heard().await {
                    break;
                }
            }
            Ok(())
        };
        work.or(stopped).await
    })
}

/// Where the secrets of TLS sessions go, if anywhere.
pub(super) struct Secrets(Option<KeyLog>);

impl Secrets {
    /// Opens the file that an argument names.
    pub(super) fn open(args: &args::Secrets) -> Result<Self, Failure> {
        let unwritable = |path: &PathBuf, error| Failure::File(path.clone(), error);
        let open = |path| KeyLog::append(path).map_err(|error| unwritable(path, error));
        Ok(Self(args.keylog.as_ref().map(open).transpose()?))
    }

    pub(super) fn of_server(&self, server: Server) -> Server {
        if let Some(log) = &self.0 { server.key_log(log) } else { server }
    }

    pub(super) fn of_client(&self, client: Client) -> Client {
        if let Some(log) = &self.0 { client.key_log(log) } else { client }
    }
}

/// The signals that end a command, SIGHUP not always. `nohup` starts it with SIGHUP ignored, which has to stay so.
pub(super) fn ending_signals() -> impl Iterator<Item = Signal> {
    let all = [Signal::Int, Signal::Term, Signal::Hup];
    let nohup = std::fs::read_to_string("/proc/self/status").is_ok_and(|it| ignores_hangup(&it));
    all.into_iter().filter(move |signal| *signal != Signal::Hup || !nohup)
}

/// Reads the mask of ignored signals in `/proc/self/status`; its lowest bit is signal 1, SIGHUP.
fn ignores_hangup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 != 0)
}

/// Says where a listener can be reached, for people and for programs that asked for port 0.
pub(super) fn say_where(listener: &Listener, cli: &mut Cli) {
    // A certificate that is for nobody leaves no client that could verify it.
    if listener.client_endpoint().is_none() && *listener.local_address() != Address::Stdio {
        cli.say(&format_args!("listening on {}", listener.local_address()));
    }
    for (local, client) in listener.client_endpoints() {
        let client = canonical_bytes(&client);
        let client = Shown::whole(&client);
        // A loopback address must not hide that everybody is let in.
        match local {
            Address::Tcp(address) if address.ip().is_unspecified() => {
                cli.say(&format_args!("listening on {} (at {address})", client.text()));
            }
            _ => cli.say(&format_args!("listening on {}", client.text())),
        }
    }
}

/// Lets the library say on standard error what ends nothing: a handshake that failed, a shortage.
pub(super) fn log_to_standard_error() {
    let log = tracing_subscriber::fmt()
        .without_time()
        .with_target(false)
        .with_level(false)
        .with_ansi(false)
        .with_writer(std::io::stderr);
    // Whoever uses the command as a library may have set another one, and wants that one.
    let _ = log.try_init();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_hangup_is_read_from_the_mask() {
        assert!(ignores_hangup("Name:\tsh\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"));
        assert!(!ignores_hangup("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_hangup(""));
    }
}
