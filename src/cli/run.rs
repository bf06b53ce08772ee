//! What the commands that open sockets share: endpoints from arguments, signals, what is said.

use std::ffi::OsStr;
use std::future::Future;
#[cfg(feature = "__tls")]
use std::path::PathBuf;

use async_signal::{Signal, Signals};
use smol::future::FutureExt;
use smol::stream::StreamExt;

use super::Cli;
use super::args::{self, Saying, bytes};
use super::exit::Failure;
use super::hangup::Hangup;
use super::log::{Entry, Format, Level, Log, Screen};
use super::report::{Shown, human};
#[cfg(feature = "__tls")]
use crate::runtime::KeyLog;
use crate::runtime::{
    Address, Client, Connection, Error, Listener, Server, block_on, client_from_string,
    server_from_string, without_secrets,
};
use crate::{Diagnostic, Role, Severity, canonical_bytes, check};

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
    if report.is_ok() {
        return true;
    }
    match &cli.log {
        Some(log) if log.format() == Format::Json => {
            report.diagnostics().iter().for_each(|it| log.say(&refused(argument, it)));
        }
        // Nobody is left to tell when standard error is closed.
        _ => drop(human::write_findings_without_secrets(&report, &mut cli.errors)),
    }
    false
}

/// What is wrong with a description, for programs.
fn refused(argument: &OsStr, diagnostic: &Diagnostic) -> Entry {
    let level = match diagnostic.severity() {
        Severity::Error => Level::Error,
        _ => Level::Warn,
    };
    Entry::new(level, "description", &*diagnostic.message)
        .with("code", diagnostic.code.slug())
        .with("description", String::from_utf8_lossy(&without_secrets(bytes(argument))))
        .with("span", vec![diagnostic.span.start, diagnostic.span.end])
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
    block_on(async {
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
#[cfg(feature = "__tls")]
pub(super) struct Secrets(Option<KeyLog>);

/// The secrets of TLS sessions, of which there are none.
#[cfg(not(feature = "__tls"))]
pub(super) struct Secrets;

#[cfg(not(feature = "__tls"))]
#[expect(clippy::unused_self, reason = "with TLS there are secrets")]
impl Secrets {
    /// Refuses the file that an argument names.
    pub(super) fn open(args: &args::Secrets) -> Result<Self, Failure> {
        match args.keylog {
            None => Ok(Self),
            Some(_) => Err(args::needs_tls("--keylog")),
        }
    }

    pub(super) fn of_server(&self, server: Server) -> Server {
        server
    }

    pub(super) fn of_client(&self, client: Client) -> Client {
        client
    }
}

#[cfg(feature = "__tls")]
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
        let local = listener.local_address();
        cli.tell(&listening(local, format!("listening on {local}")));
    }
    for (local, client) in listener.client_endpoints() {
        let client = canonical_bytes(&client);
        let client = Shown::whole(&client);
        let client = client.text();
        // A loopback address must not hide that everybody is let in.
        let message = match local {
            Address::Tcp(address) if address.ip().is_unspecified() => {
                format!("listening on {client} (at {address})")
            }
            _ => format!("listening on {client}"),
        };
        cli.tell(&listening(local, message).with("client", client));
    }
}

fn listening(local: &Address, message: String) -> Entry {
    Entry::new(Level::Info, "listening", message).with("address", local.to_string())
}

/// Starts the log of a command that opens sockets, which the library writes to as well.
pub(super) fn start_log(saying: &Saying, color: bool) -> Result<Log, Failure> {
    let least = if saying.quiet { Level::Error } else { Level::Info };
    let screen = Screen::of_process(color).map_err(Failure::Log)?;
    let log = Log::start(screen, saying.log_format, least).map_err(Failure::Log)?;
    log.listen_to_library();
    Ok(log)
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
