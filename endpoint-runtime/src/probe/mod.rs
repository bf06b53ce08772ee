//! What running an endpoint would do, step by step, and what came of each step.
//!
//! [`Client::probe`](crate::Client::probe) connects and reports what the connector does, by the
//! same code as [`Client::connect`](crate::Client::connect).
//! [`Server::probe`](crate::Server::probe) looks at what listening takes, and keeps nothing of it.
//! Nothing is sent beyond what each step needs.

mod bind;
mod client;
mod clock;
mod greeting;
mod holder;
mod recorder;
mod report;
mod server;
mod source;
#[cfg(feature = "__tls")]
mod trust;

use std::time::Duration;

pub use self::greeting::protocol_of;
pub use self::report::{
    AttemptEnd, Holder, Probe, ProbeAttempt, ProbeFacts, ProbeSocket, ProbeStep, StepKind,
};
#[cfg(feature = "__tls")]
pub use self::report::{ProbeIdentity, ProbeRequest, ProbeTls};

/// What a probe does beside the steps of running.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeOptions {
    /// A time limit for everything, beside those of the description.
    pub timeout: Option<Duration>,
    /// How long the first bytes of the server are waited for; without it, they are not.
    pub read: Option<Duration>,
    /// Whether a program is started; without it, it is looked up.
    pub starts_programs: bool,
    /// How long every certificate has to be valid; without it, a short time is a warning.
    pub min_remaining: Option<Duration>,
}
