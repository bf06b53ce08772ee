//! Messages of `io::Error`s, and of failed connection attempts.

use core::fmt;
use std::io;
use std::net::SocketAddr;

use crate::address::Address;

/// A failed connection: the addresses that were tried, and the error of each.
///
/// Part of [`PeerProblem`](crate::PeerProblem).
#[derive(Debug)]
#[non_exhaustive]
pub struct ConnectFailure {
    /// The attempts in the order in which they were made; at least one.
    pub attempts: Vec<Attempt>,
}

/// A failed attempt to connect to one address.
///
/// Part of [`ConnectFailure`](crate::ConnectFailure); see [`PeerProblem`](crate::PeerProblem) for
/// an example.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The address that was tried.
    pub address: Address,
    /// Why the attempt failed.
    pub error: io::Error,
}

impl fmt::Display for ConnectFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Attempt { address, error }) in self.attempts.iter().enumerate() {
            let lead = if i == 0 { "cannot connect to " } else { "; nor to " };
            write!(f, "{lead}{address}: {}", IoMessage(error))?;
        }
        Ok(())
    }
}

/// Prints each attempt with its error, in parentheses; nothing if there was none.
pub(super) struct Tried<'a>(pub(super) &'a [Attempt]);

impl fmt::Display for Tried<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Attempt { address, error }) in self.0.iter().enumerate() {
            write!(f, "{}{address}: {}", if i == 0 { " (" } else { "; " }, IoMessage(error))?;
        }
        f.write_str(if self.0.is_empty() { "" } else { ")" })
    }
}

/// Prints an `io::Error` as a lower-case clause, to follow a colon.
///
/// std begins the message with a capital letter, and names a libc function for failed lookups.
pub(crate) struct IoMessage<'a>(pub(crate) &'a io::Error);

impl fmt::Display for IoMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let text = text.strip_prefix("failed to lookup address information: ").unwrap_or(&text);
        let mut rest = text.chars();
        match rest.next() {
            Some(first) => write!(f, "{}{}", first.to_lowercase(), rest.as_str()),
            None => Ok(()),
        }
    }
}

/// Prints which socket conflicts with the listener, and how both can listen.
pub(super) struct OtherFamily(pub(super) SocketAddr);

impl fmt::Display for OtherFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.0.port();
        match self.0 {
            SocketAddr::V4(_) => {
                write!(f, "a socket for IPv6 takes IPv4 port {port} too, unless it has `v6only=1`")
            }
            SocketAddr::V6(_) => {
                write!(f, "another socket has IPv4 port {port}, which `v6only=1` leaves alone")
            }
        }
    }
}
