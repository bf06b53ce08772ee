//! The options that limit connections.

use std::time::Duration;

use clap::ValueEnum;

use super::values::{count, duration, limit, name_pattern, network, times};
use crate::relay::{
    AccessList, Balance, DRAIN_TIME, PROGRAM_HALF_CLOSE_TIME, RelaySettings, TimeLimits, WhenFull,
};
use crate::runtime::plan::NamePattern;
use crate::runtime::proto::retry::RetryPolicy;
use strports_syntax::value::Network;

/// The time limits of a connection.
#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
pub(in crate::cli) struct TimeArgs {
    /// End connections that are idle for this long, such as `90s`, `5m` or `1.5h` (no limit)
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    pub(in crate::cli) idle_timeout: Option<Duration>,
    /// End connections after this time (no limit)
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    pub(in crate::cli) max_lifetime: Option<Duration>,
    /// Reset connections that are idle for this long after one side has ended (no limit; one minute
    /// for `process` targets of `relay`)
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    pub(in crate::cli) half_close_timeout: Option<Duration>,
}

const _: () = assert!(PROGRAM_HALF_CLOSE_TIME.as_secs() == 60, "the help says so");

impl TimeArgs {
    pub(in crate::cli) fn limits(&self) -> TimeLimits {
        let mut limits = TimeLimits::default();
        (limits.idle, limits.lifetime) = (self.idle_timeout, self.max_lifetime);
        limits.half_close = self.half_close_timeout;
        limits
    }
}

/// The end of a connection that is joined to standard input and output.
#[derive(clap::Args)]
#[command(next_help_heading = "Ending")]
pub(in crate::cli) struct EndArgs {
    /// Keep the sending side open at the end of standard input; the connection ends when the other
    /// side ends it
    ///
    /// When the client ends its sending side, servers on Twisted drop answers that they have not
    /// sent yet. So `printf x | strports connect tcp:HOST:PORT` gets no answer from them without
    /// this option.
    #[arg(long)]
    pub(in crate::cli) no_shutdown: bool,
    /// End when the other side ends, even if standard input is still open
    #[arg(long)]
    pub(in crate::cli) end_on_close: bool,
}

/// How long a connection is joined to standard input and output, and what ends it.
#[derive(Clone, Copy)]
pub(in crate::cli) struct Terms {
    pub(in crate::cli) limits: TimeLimits,
    /// The end of standard input is not passed on.
    pub(in crate::cli) no_shutdown: bool,
    /// The end of the other side ends both.
    pub(in crate::cli) end_on_close: bool,
}

impl EndArgs {
    pub(in crate::cli) fn terms(&self, time: &TimeArgs) -> Terms {
        let Self { no_shutdown, end_on_close } = *self;
        Terms { limits: time.limits(), no_shutdown, end_on_close }
    }
}

/// The clients that may connect.
#[derive(clap::Args)]
#[command(next_help_heading = "Limits")]
pub(in crate::cli) struct AccessArgs {
    /// Accept only clients with addresses in these networks, such as `10.0.0.0/8,::1`
    ///
    /// The address is the one that the server endpoint reports: with `haproxy`, the address in
    /// the header. Peers on UNIX sockets have no address and are refused.
    #[arg(long, value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    pub(in crate::cli) allow: Vec<Network>,
    /// Refuse clients with addresses in these networks, even if `--allow` contains them
    #[arg(long, value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    pub(in crate::cli) deny: Vec<Network>,
    /// Accept only clients whose certificate has a name that matches this pattern, such as
    /// `spiffe://example.org/*/web`; if given several times, one match is enough
    ///
    /// `*` matches any text within one label of a DNS name, ignoring case, or within one segment of
    /// a URI. The names are the DNS names, addresses and URIs of the certificate, or its common
    /// name if it has none of them. The server needs `clientCAs`.
    #[arg(
        long,
        value_name = "PATTERN",
        value_parser = name_pattern,
        hide = cfg!(not(feature = "__tls"))
    )]
    pub(in crate::cli) allow_name: Vec<NamePattern>,
}

impl AccessArgs {
    pub(in crate::cli) fn list(&self) -> AccessList {
        let mut list = AccessList::default();
        (list.allow, list.deny) = (self.allow.clone(), self.deny.clone());
        list
    }
}

/// How long and how often to try to connect.
#[derive(clap::Args)]
#[command(next_help_heading = "Connecting")]
pub(in crate::cli) struct ConnectArgs {
    /// Time limit for connecting, such as `500ms`, including name lookups and handshakes
    ///
    /// The time limit of the description, `timeout=` or 30 seconds, applies as well.
    #[arg(long, value_name = "DURATION", value_parser = limit)]
    pub(in crate::cli) connect_timeout: Option<Duration>,
    /// Number of further attempts if connecting fails, with pauses that grow from 100 ms to 5 s
    #[arg(long, value_name = "TIMES", default_value = "0", value_parser = times)]
    pub(in crate::cli) retry: u32,
}

impl ConnectArgs {
    pub(in crate::cli) fn policy(&self) -> RetryPolicy {
        let mut policy = RelaySettings::default().retry;
        policy.attempts = Some(self.retry.saturating_add(1));
        policy
    }
}

/// How many connections there may be, where they go, and when the relay ends.
#[derive(clap::Args)]
pub(in crate::cli) struct ServiceArgs {
    /// Maximum number of simultaneous connections (no limit)
    #[arg(long, value_name = "COUNT", value_parser = count, help_heading = "Limits")]
    pub(in crate::cli) max_connections: Option<usize>,
    /// What to do with further connections
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "wait",
        requires = "max_connections",
        help_heading = "Limits"
    )]
    pub(in crate::cli) when_full: WhenFullArg,
    /// Which of several targets is tried first; a failed target is tried last for a second, or up
    /// to half a minute after repeated failures
    #[arg(long, value_name = "HOW", default_value = "first", help_heading = "Connecting")]
    pub(in crate::cli) balance: BalanceArg,
    /// End after one connection, with exit code 1 if it failed
    #[arg(long, help_heading = "Ending")]
    pub(in crate::cli) once: bool,
    /// End after this time without a connection
    #[arg(long, value_name = "DURATION", value_parser = limit, help_heading = "Ending")]
    pub(in crate::cli) exit_idle: Option<Duration>,
    /// Time for open connections to end when the relay drains
    ///
    /// The default is 30 seconds after SIGINT and SIGTERM, and no limit after SIGUSR2.
    #[arg(long, value_name = "DURATION", value_parser = duration, help_heading = "Ending")]
    pub(in crate::cli) drain_timeout: Option<Duration>,
}

const _: () = assert!(DRAIN_TIME.as_secs() == 30, "the help says so");

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum WhenFullArg {
    /// They wait until another connection has ended
    Wait,
    /// They are closed
    Refuse,
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum BalanceArg {
    /// The first target that answers, in the given order
    First,
    /// All targets in turn
    RoundRobin,
}

impl ServiceArgs {
    pub(in crate::cli) fn settings(
        &self,
        time: &TimeArgs,
        access: &AccessArgs,
        connect: &ConnectArgs,
    ) -> RelaySettings {
        RelaySettings {
            access: access.list(),
            max_connections: self.max_connections,
            when_full: match self.when_full {
                WhenFullArg::Wait => WhenFull::Wait,
                WhenFullArg::Refuse => WhenFull::Refuse,
            },
            serve: self.once.then_some(1),
            time: time.limits(),
            connect_timeout: connect.connect_timeout,
            balance: match self.balance {
                BalanceArg::First => Balance::First,
                BalanceArg::RoundRobin => Balance::RoundRobin,
            },
            retry: connect.policy(),
            drain: self.drain_timeout,
            exit_idle: self.exit_idle,
        }
    }
}
