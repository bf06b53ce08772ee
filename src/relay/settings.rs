//! How a relay service treats its connections: limits, and what to do when things fail.

use std::time::Duration;

use endpoint_runtime::proto::retry::RetryPolicy;

use super::proto::admission::{AccessList, WhenFull};
use super::proto::overdue::TimeLimits;
use super::proto::targets::Balance;

/// How long open connections have after a service was asked to stop, unless told otherwise.
///
/// systemd waits 90 seconds before it kills.
pub const DRAIN_TIME: Duration = Duration::from_secs(30);

/// How a relay service treats its connections.
///
/// The default limits nothing, lets everybody in, and tries each target once.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use strports::relay::RelaySettings;
///
/// let mut settings = RelaySettings::default();
/// settings.max_connections = Some(1000);
/// settings.time.idle = Some(Duration::from_secs(300));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RelaySettings {
    /// Who is let in, by address as the server endpoint sees it: behind a PROXY header, the one that it names.
    pub access: AccessList,
    /// How many connections may be there at once.
    pub max_connections: Option<usize>,
    /// What happens to one more.
    pub when_full: WhenFull,
    /// How many connections are served before the service ends.
    pub serve: Option<u64>,
    /// How long connections may be idle, and how long they may be there.
    pub time: TimeLimits,
    /// How long an attempt to reach a target may take, name and handshakes included; a limit that its description has
    /// counts beside it.
    pub connect_timeout: Option<Duration>,
    /// Which target comes first.
    pub balance: Balance,
    /// What happens when no target could be reached: how often and when all of them are tried again.
    ///
    /// Unless told otherwise they are not; [`RetryPolicy::attempts`] counts the first time, too.
    pub retry: RetryPolicy,
    /// How long open connections have when the service stops.
    ///
    /// `None` is [`DRAIN_TIME`], and as long as they want where another process has taken the listening sockets over.
    pub drain: Option<Duration>,
    /// After how long without a connection the service ends.
    pub exit_idle: Option<Duration>,
}

impl Default for RelaySettings {
    fn default() -> Self {
        let mut retry = RetryPolicy::default();
        (retry.first, retry.longest) = (Duration::from_millis(100), Duration::from_secs(5));
        retry.attempts = Some(1);
        Self {
            access: AccessList::default(),
            max_connections: None,
            when_full: WhenFull::default(),
            serve: None,
            time: TimeLimits::default(),
            connect_timeout: None,
            balance: Balance::default(),
            retry,
            drain: None,
            exit_idle: None,
        }
    }
}
