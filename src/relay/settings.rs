//! Settings of a relay service: limits, and retries after failures.

use std::time::Duration;

use endpoint_runtime::proto::retry::RetryPolicy;

use super::proto::admission::{AccessList, WhenFull};
use super::proto::overdue::TimeLimits;
use super::proto::targets::Balance;

/// The default time for open connections to end when a service drains.
///
/// It is less than the 90 seconds after which systemd sends SIGKILL.
///
/// See [`RelaySettings`] for an example.
pub const DRAIN_TIME: Duration = Duration::from_secs(30);

/// The default time that a program may be idle after the end of its input.
///
/// A program that does not read its input never reads the end of file.
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
    /// The allowed and denied addresses; by default every address is allowed.
    ///
    /// After a PROXY header, the address in the header counts. A peer on a UNIX socket has no
    /// address, so a list of allowed networks refuses it.
    pub access: AccessList,
    /// The limit of open connections; `None` is no limit.
    ///
    /// Connections that a predecessor still serves count too, so a restart cannot double their
    /// number.
    pub max_connections: Option<usize>,
    /// What happens to connections beyond the limit; by default they wait in the queue of the
    /// system.
    ///
    /// `backlog=` of the server is the length of that queue.
    pub when_full: WhenFull,
    /// The number of connections to serve before the service ends; `None` is no limit.
    ///
    /// Refused connections do not count. The last ones have [`drain`](Self::drain) to end.
    pub serve: Option<u64>,
    /// How long connections may be idle, and how long they may be open.
    pub time: TimeLimits,
    /// The time limit of an attempt to reach a target, including name resolution and handshakes.
    ///
    /// The limit of the description also applies: `timeout=`, or 30 seconds.
    pub connect_timeout: Option<Duration>,
    /// The target that is tried first; by default the first one.
    ///
    /// In both cases, a target that failed is tried last for a while. A target that does not answer
    /// therefore delays few connections.
    pub balance: Balance,
    /// The retries after no target was reached; by default none.
    ///
    /// [`RetryPolicy::attempts`] includes the first attempt.
    pub retry: RetryPolicy,
    /// The time for open connections to end when the service drains.
    ///
    /// `None` means [`DRAIN_TIME`], and no limit after a handover.
    pub drain: Option<Duration>,
    /// The time without connections after which the service ends; `None` never ends it.
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
