//! The arguments of `listen`, `connect` and `relay`, which open sockets.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{AccessArgs, ConnectArgs, EndArgs, LogArgs, ObserveArgs, ServiceArgs, TimeArgs};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  strports listen tcp:8080:interface=127.0.0.1
  strports listen --keep --idle-timeout 1m --allow 10.0.0.0/8 tcp:8080")]
pub(in crate::cli) struct Listen {
    /// Wait for the next connection when one has ended
    #[arg(long)]
    pub(in crate::cli) keep: bool,
    #[command(flatten)]
    pub(in crate::cli) key_log: KeyLogArgs,
    /// The server endpoint, such as `tcp:8080`; `strports explain` describes endpoints
    pub(in crate::cli) server: OsString,
    #[command(flatten)]
    pub(in crate::cli) end: EndArgs,
    #[command(flatten)]
    pub(in crate::cli) time: TimeArgs,
    #[command(flatten)]
    pub(in crate::cli) access: AccessArgs,
    #[command(flatten)]
    pub(in crate::cli) log: LogArgs,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  printf hello | strports connect --no-shutdown tcp:127.0.0.1:8080
  printf hello | strports connect tcp:127.0.0.1:8080
  strports connect --connect-timeout 2s --retry 5 tcp:example.com:25")]
pub(in crate::cli) struct Connect {
    #[command(flatten)]
    pub(in crate::cli) key_log: KeyLogArgs,
    /// The client endpoint, such as `tcp:example.com:25`; `strports explain` describes endpoints
    pub(in crate::cli) client: OsString,
    #[command(flatten)]
    pub(in crate::cli) connecting: ConnectArgs,
    #[command(flatten)]
    pub(in crate::cli) end: EndArgs,
    #[command(flatten)]
    pub(in crate::cli) time: TimeArgs,
    #[command(flatten)]
    pub(in crate::cli) log: LogArgs,
    /// Report each step on standard error: addresses of the name, attempts, TLS, and the peer
    #[arg(short, long, conflicts_with = "quiet")]
    pub(in crate::cli) verbose: bool,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:
  strports relay tcp:8080 unix:/run/app.sock
  strports relay --balance round-robin tcp:80 tcp:10.0.0.1:80 tcp:10.0.0.2:80
  strports relay --idle-timeout 5m --max-connections 1000 --allow 10.0.0.0/8 tcp:80 tcp:app:80
  strports relay --exit-idle 10m systemd:INET6:name=web tcp:127.0.0.1:8080
  strports relay --metrics tcp:9100:interface=127.0.0.1 tls:/etc/certs:443 unix:/run/app.sock")]
pub(in crate::cli) struct Relay {
    #[command(flatten)]
    pub(in crate::cli) key_log: KeyLogArgs,
    /// The server endpoint, such as `tcp:8080`; `strports explain` describes endpoints
    pub(in crate::cli) server: OsString,
    /// The target of each connection: a client endpoint, such as `tcp:127.0.0.1:80` or
    /// `unix:/run/app.sock`
    #[arg(required = true, value_name = "TARGET")]
    pub(in crate::cli) clients: Vec<OsString>,
    #[command(flatten)]
    pub(in crate::cli) service: ServiceArgs,
    #[command(flatten)]
    pub(in crate::cli) time: TimeArgs,
    #[command(flatten)]
    pub(in crate::cli) access: AccessArgs,
    #[command(flatten)]
    pub(in crate::cli) connecting: ConnectArgs,
    #[command(flatten)]
    pub(in crate::cli) log: LogArgs,
    #[command(flatten)]
    pub(in crate::cli) observe: ObserveArgs,
}

/// The file for the secrets of TLS sessions.
#[derive(clap::Args)]
pub(in crate::cli) struct KeyLogArgs {
    /// Append the secrets of TLS sessions to a file. With the file, Wireshark and others can
    /// decrypt recordings. The variable `SSLKEYLOGFILE` alone has no effect
    #[arg(long, value_name = "FILE", hide = cfg!(not(feature = "__tls")))]
    pub(in crate::cli) keylog: Option<PathBuf>,
}
