//! All unsafe code: system calls that no crate offers as safe functions.

#![expect(unsafe_code, reason = "each block says why it is sound, and has a test")]

#[cfg(feature = "process")]
pub(crate) mod child;
pub(crate) mod inherited;
pub(crate) mod poller;
#[cfg(target_os = "linux")]
pub(crate) mod queue;
#[cfg(target_os = "linux")]
pub(crate) mod signal;
pub(crate) mod socket;
#[cfg(target_os = "linux")]
pub(crate) mod socket_option;
pub(crate) mod user_database;
