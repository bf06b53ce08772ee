//! Errors of the calling program.

use std::time::Duration;

use thiserror::Error as ThisError;

use crate::duration::HumanDuration;

/// A mistake of the calling program, which its author can fix.
///
/// See [`Error`](crate::Error) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum Misuse {
    /// The plan needs a plugin, which a plan cannot contain. Use the plugin's registry.
    #[error("a plan alone cannot run the endpoint of a plugin")]
    NoPlugin,
    /// The plan needs a socket that the program opened, which a plan cannot contain.
    #[error("a plan alone cannot use a socket that the program opened")]
    NoSocket,
    /// A socket that the program opened can serve only one listener or one connection.
    #[error("the socket is in use already (a socket can be handed over once)")]
    SocketInUse,
    /// Standard input and output are a single connection, which is in use.
    #[error("standard input and output are in use by another connection")]
    StdioTaken,
    /// An earlier `stdio` connection closed standard output, so there is no other one.
    #[error("standard output was closed by an earlier connection")]
    StdioEnded,
    /// A descriptor would have a negative number in a program.
    #[error("a program cannot have the descriptor {number} (expected 0 or more)")]
    NegativeDescriptor {
        /// The number given to `Client::with_child_fd`.
        number: i32,
    },
    /// The number of a descriptor is below 3, for a program on a terminal, which uses 0 to 2
    /// itself.
    #[error("descriptor {number} of a program on a terminal is not free (expected 3 or more)")]
    TerminalDescriptor {
        /// The number given to `Client::with_child_fd`.
        number: i32,
    },
    /// Client names are given, but only `clientCAs` requests certificates from clients.
    #[error(
        "the server requests no certificate from clients, so none has a name (add `clientCAs=`)"
    )]
    NoClientNames,
    /// The delay between two attempts is outside the range that RFC 8305 recommends.
    #[error("expected 0.1 to 2 seconds between attempts, but found {}", HumanDuration(*.delay))]
    AttemptDelay {
        /// The delay given to `Client::with_attempt_delay`.
        delay: Duration,
    },
    /// Descriptors can only be sent over UNIX sockets.
    #[error("descriptors can be sent only over a UNIX socket without layers")]
    NoDescriptors,
    /// Too many descriptors are queued for the next write.
    #[error("expected at most {most} descriptors for the next byte")]
    TooManyDescriptors {
        /// The maximum number of descriptors that one message can carry.
        most: usize,
    },
    /// The listener has ended: it had only one connection, or it failed earlier.
    #[error("the listener has no more connections")]
    NoMoreConnections,
    /// A relay service has no target to connect to.
    #[error("the relay has no target")]
    NoTarget,
}
