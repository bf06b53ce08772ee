//! Settings of a relay service: limits, and what to do after failures.

use std::time::Duration;

use endpoint_runtime::proto::retry::RetryPolicy;

use super::proto::admission::{AccessList, WhenFull};
use super::proto::overdue::TimeLimits;
use super::proto::targets::Balance;

/// How long open connections have to end when a service drains, by default.
///
/// It is less than the 90 seconds after which systemd sends SIGKILL.
pub const DRAIN_TIME: Duration = Duration::from_secs(30);

/// How long a program may be idle after the end of its input, by default.
///
/// A program that does not read its input does not learn of that end.
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
    /// Which addresses are admitted. Behind a PROXY header, the address in the header counts.
    pub access: AccessList,
    /// How many connections may be open at once.
    pub max_connections: Option<usize>,
    /// What happens to a connection beyond that limit.
    pub when_full: WhenFull,
    /// How many connections are admitted before the service ends.
    pub serve: Option<u64>,
    /// How long connections may be idle, and how long they may be open.
    pub time: TimeLimits,
    /// How long an attempt to reach a target may take, name resolution and handshakes included; a
    /// `timeout=` of its description counts too.
    pub connect_timeout: Option<Duration>,
    /// Which target is tried first.
    pub balance: Balance,
    /// How often and when all targets are tried again after none was reached; by default never.
    ///
    /// [`RetryPolicy::attempts`] includes the first time.
    pub retry: RetryPolicy,
    /// How long open connections have to end when the service drains.
    ///
    /// `None` is [`DRAIN_TIME`], and no limit after a hand-over.
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
