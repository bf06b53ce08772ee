//! The only unsafe code: what the system offers, and no crate in a safe way.

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
