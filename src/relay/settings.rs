//! The settings of a relay service: limits, the choice of targets, and retries.

use std::time::Duration;

use endpoint_runtime::proto::retry::RetryPolicy;

use super::proto::admission::{AccessList, WhenFull};
use super::proto::overdue::TimeLimits;
use super::proto::targets::Balance;

/// How long open connections may take to end when a service drains, by default.
///
/// It is less than the 90 seconds after which systemd kills a service that stops.
///
/// See [`RelaySettings`] for an example.
pub const DRAIN_TIME: Duration = Duration::from_secs(30);

/// How long a program may be idle after the end of its input, by default.
///
/// A program that does not read its input never notices the end, so it would run forever.
///
/// See [`RelaySettings`] for an example.
pub const PROGRAM_HALF_CLOSE_TIME: Duration = Duration::from_secs(60);

/// Settings of a relay service.
///
/// By default there are no limits, every address is admitted, and each target is tried once.
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
    /// The networks that peers may connect from; by default all.
    ///
    /// After a PROXY header, the address in the header counts. A peer on a UNIX socket has no
    /// address. It is refused if there are allowed networks.
    pub access: AccessList,
    /// The maximum number of open connections; `None` is no limit.
    ///
    /// Connections that a predecessor still serves count too, so a restart cannot double their
    /// number.
    pub max_connections: Option<usize>,
    /// What happens to connections beyond the limit; by default they wait in the kernel's accept
    /// queue.
    ///
    /// The argument `backlog=` of the server sets the length of that queue.
    pub when_full: WhenFull,
    /// How many connections are served before the service ends; `None` is no limit.
    ///
    /// Refused connections do not count. The last ones have [`drain`](Self::drain) to end.
    pub serve: Option<u64>,
    /// How long connections may be idle, open and half-closed; by default without limit.
    pub time: TimeLimits,
    /// The maximum time of one attempt to reach a target, including name resolution and handshakes.
    ///
    /// The limit in the target's description also applies: `timeout=`, or 30 seconds.
    pub connect_timeout: Option<Duration>,
    /// Which target a connection tries first; by default the first in the list.
    ///
    /// Whichever it is, a target that failed is tried last for a pause. A target that does not
    /// answer therefore delays few connections.
    pub balance: Balance,
    /// How connecting is retried when no target could be reached; by default not at all.
    ///
    /// [`RetryPolicy::attempts`] includes the first attempt.
    pub retry: RetryPolicy,
    /// How long open connections may take to end when the service drains.
    ///
    /// `None` means [`DRAIN_TIME`], and no limit after a handover.
    pub drain: Option<Duration>,
    /// How long the service may have no connections before it ends; `None` never ends it.
    ///
    /// With socket activation, systemd starts the service again at the next connection.
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
