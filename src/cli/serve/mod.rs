//! What commands that open sockets share: endpoints, signals, log, metrics, service manager.

mod access_log;
pub(super) mod child_process;
pub(super) mod client_names;
pub(super) mod endpoints;
mod event_log;
mod humanize;
pub(super) mod key_log;
pub(super) mod log;
pub(super) mod metrics;
mod notify;
pub(super) mod observer;
pub(super) mod orphans;
mod process_one;
pub(super) mod second_signal;
pub(super) mod service_process;
pub(super) mod sighup;
pub(super) mod signals;
mod status_line;
pub(super) mod time_limits;

#[cfg(feature = "__fuzz")]
pub use metrics::{MAX_METRICS_HEAD, metrics_answer};
