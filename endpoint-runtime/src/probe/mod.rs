//! Probes: run the steps of an endpoint, and report the result of each.
//!
//! [`Client::probe`](crate::Client::probe) connects with the same code as
//! [`Client::connect`](crate::Client::connect). [`Server::probe`](crate::Server::probe) checks the
//! steps of listening without keeping a socket open. Nothing is sent beyond what the steps need.

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

/// What a probe does beyond connecting, and within which limits.
///
/// See [`Client::probe`](crate::Client::probe) for an example.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbeOptions {
    /// A time limit for the whole probe; `None` leaves only the limits of the description.
    pub timeout: Option<Duration>,
    /// How long to wait for the first bytes of the server; `None` means not to read.
    ///
    /// This is for protocols in which the server sends first, such as SMTP and SSH. A server that
    /// waits for the client only makes the probe slower.
    pub read: Option<Duration>,
    /// Whether to start programs, instead of only searching for them.
    ///
    /// By default they are not started, because a program may have side effects.
    pub starts_programs: bool,
    /// The minimum remaining validity of every certificate, so that monitoring fails before one
    /// expires.
    ///
    /// With `None`, a short time is only a warning.
    pub min_remaining: Option<Duration>,
}
