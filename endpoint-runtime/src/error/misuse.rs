//! Mistakes of the calling program.

use std::time::Duration;

use thiserror::Error as ThisError;

use crate::duration::HumanDuration;

/// A mistake of the calling program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Misuse {
    /// The plan needs a plugin, which a plan cannot hold: its registry builds the endpoint.
    #[error("a plan alone cannot run the endpoint of a plugin")]
    NoPlugin,
    /// The plan needs a socket that the program opened, which a plan cannot hold.
    #[error("a plan alone cannot use a socket that the program opened")]
    NoSocket,
    /// A socket that the program opened serves one listener or one connection.
    #[error("the socket is in use already (a socket can be handed over once)")]
    SocketInUse,
    /// Standard input and output are one connection, and it is in use.
    #[error("standard input and output are in use by another connection")]
    StdioTaken,
    /// An earlier connection has closed standard output.
    #[error("standard output was closed by an earlier connection")]
    StdioEnded,
    /// No descriptor of a program has a negative number.
    #[error("descriptor {number} of a program cannot be (expected 0 or more)")]
    NegativeDescriptor {
        /// The number.
        number: i32,
    },
    /// A program that runs on a terminal has it as its standard descriptors, the numbers below 3.
    #[error("descriptor {number} of a program on a terminal is not free (expected 3 or more)")]
    TerminalDescriptor {
        /// The number.
        number: i32,
    },
    /// Names of clients are checked in certificates, which only `clientCAs` requests.
    #[error("the server asks clients for no certificate, so none has a name (`clientCAs=` does)")]
    NoClientNames,
    /// The pause between two attempts is outside of what RFC 8305 recommends.
    #[error("expected 0.1 to 2 seconds between attempts, but found {}", HumanDuration(*.delay))]
    AttemptDelay {
        /// The pause.
        delay: Duration,
    },
    /// Descriptors can be sent only over UNIX sockets.
    #[error("descriptors pass over a UNIX socket (with no layer on top)")]
    NoDescriptors,
    /// Too many descriptors wait for the next byte that is written.
    #[error("expected at most {most} descriptors for the next byte")]
    TooManyDescriptors {
        /// How many may wait.
        most: usize,
    },
    /// The listener has ended: it had a single connection, or failed earlier.
    #[error("the listener has no more connections")]
    NoMoreConnections,
    /// A relay service was made without a target.
    #[error("the relay has no target")]
    NoTarget,
}
