//! The table of forms. Each form has its own file or folder.
#![expect(clippy::format_push_string, reason = "addresses are short, and so reads better")]
#![expect(clippy::unnecessary_wraps, reason = "the functions of a table have one type")]

mod dbus;
mod description;
mod ghostunnel;
mod haproxy;
mod host_port;
mod ncat;
mod nginx;
mod socat;
mod stunnel;
mod systemd;
mod tokio_listener;
mod url;

use super::format::Format;

/// All forms, in the order in which a text is tried against them.
pub(super) static ALL: &[&Format] = &[
    &url::FORMAT,
    &dbus::FORMAT,
    &description::FORMAT,
    &systemd::FORMAT,
    &stunnel::FORMAT,
    &nginx::FORMAT,
    &haproxy::FORMAT,
    &ghostunnel::FORMAT,
    &ncat::FORMAT,
    &socat::FORMAT,
    &tokio_listener::FORMAT,
    &host_port::FORMAT,
];

/// The form of descriptions themselves, into which all others are converted.
pub(super) static DESCRIPTION: &Format = &description::FORMAT;

#[cfg(test)]
pub(super) use description::OPTIONS as RELAY_OPTIONS;
