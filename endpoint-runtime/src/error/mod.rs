//! Errors by blame: the description, this machine, the peer, or the calling program.
//!
//! Each has its own file or folder; `io_error` has the messages for an
//! [`io::Error`](std::io::Error).

mod description;
mod environment;
mod io_error;
mod misuse;
mod operation;
mod peer;
pub(crate) mod reason;

#[cfg(feature = "net")]
use std::io;

use thiserror::Error as ThisError;

pub use self::description::DescriptionProblem;
pub use self::environment::{
    CredentialsProblem, EnvironmentProblem, Expected, Finding, Found, HandoverProblem,
    InheritedProblem, OwnerKind, PemDamage, ProcessProblem, StreamState, TlsFileProblem,
    TlsFileProblemKind,
};
#[cfg(feature = "net")]
pub(crate) use self::io_error::IoMessage;
pub use self::io_error::{Attempt, ConnectFailure};
pub use self::misuse::Misuse;
pub use self::operation::Operation;
pub use self::peer::{CertificateRole, PeerProblem, TlsProblem};
#[cfg(feature = "net")]
use crate::address::Address;
use crate::quoted::Quoted;

/// An error of an endpoint.
///
/// `Display` prints one line: the endpoint as the user wrote it, the operation and the address, and
/// the error from the operating system.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "net")] {
/// use endpoint_runtime::{Blame, server_from_string};
///
/// let error = server_from_string("unix:").unwrap_err();
/// assert_eq!(error.blame(), Blame::Description);
/// assert_eq!(error.to_string(), "`unix:`: the name of the socket is empty");
/// # }
/// ```
#[derive(Debug, ThisError)]
#[error("{}: {problem}", Quoted::new(.endpoint.as_ref()))]
pub struct Error {
    endpoint: Box<str>,
    // Boxed, because an error enlarges each `Result` even on success.
    problem: Box<Problem>,
}

impl Error {
    /// The endpoint as the user wrote it, without the values of `env=`.
    ///
    /// An endpoint that was built without text is shown in its canonical form.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// What went wrong, without the text of the endpoint.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The party that can fix the problem.
    pub fn blame(&self) -> Blame {
        match *self.problem {
            Problem::Description(_) => Blame::Description,
            Problem::Environment(_) => Blame::Environment,
            Problem::Peer(_) => Blame::Peer,
            Problem::Misuse(_) => Blame::Misuse,
        }
    }
}

/// Wraps the error in an `io::Error` of the kind `Other`.
///
/// For code whose errors are `io::Error`s, such as plugins that use endpoints of this crate.
#[cfg(feature = "net")]
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}

/// The party that can fix an error.
///
/// See [`Error`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// The author of the description.
    Description,
    /// The administrator of this machine.
    Environment,
    /// The peer, or the network between.
    Peer,
    /// The author of the calling program.
    Misuse,
}

/// A problem, grouped by the party that can fix it.
///
/// See [`Problem::reason`] for an example.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Problem {
    /// The description has to change.
    #[error(transparent)]
    Description(#[from] DescriptionProblem),
    /// This machine or its configuration has to change.
    #[error(transparent)]
    Environment(#[from] EnvironmentProblem),
    /// The peer or the network has to change.
    #[error(transparent)]
    Peer(#[from] PeerProblem),
    /// The calling program has to change.
    #[error(transparent)]
    Misuse(#[from] Misuse),
}

impl From<InheritedProblem> for Problem {
    fn from(problem: InheritedProblem) -> Self {
        EnvironmentProblem::from(problem).into()
    }
}

impl From<HandoverProblem> for Problem {
    fn from(problem: HandoverProblem) -> Self {
        EnvironmentProblem::from(problem).into()
    }
}

impl From<TlsFileProblem> for Problem {
    fn from(problem: TlsFileProblem) -> Self {
        EnvironmentProblem::from(problem).into()
    }
}

impl Problem {
    /// Makes an [`Error`] of the problem and the text of its endpoint.
    #[cfg(feature = "net")]
    pub fn at(self, endpoint: &str) -> Error {
        Error { endpoint: endpoint.into(), problem: Box::new(self) }
    }

    /// The problem of a client whose attempts to connect all failed.
    ///
    /// If every attempt failed before anything was sent, this machine is to blame.
    #[cfg(feature = "net")]
    pub(crate) fn connect(attempts: Vec<Attempt>) -> Self {
        let failure = ConnectFailure { attempts };
        if failure.attempts.iter().all(|attempt| is_local(&attempt.error)) {
            EnvironmentProblem::Connect(failure).into()
        } else {
            PeerProblem::Connect(failure).into()
        }
    }

    /// The problem of a connection on which `operation` failed.
    ///
    /// If a peer or the network can cause the error, the peer is to blame.
    #[cfg(feature = "net")]
    pub(crate) fn stream(side: Address, operation: Operation, error: io::Error) -> Self {
        use io::ErrorKind::{
            BrokenPipe, ConnectionAborted, ConnectionReset, HostUnreachable, InvalidData,
            NetworkUnreachable, TimedOut, UnexpectedEof,
        };
        match error.kind() {
            BrokenPipe | ConnectionAborted | ConnectionReset | HostUnreachable | InvalidData
            | NetworkUnreachable | TimedOut | UnexpectedEof => {
                PeerProblem::Stream { side, operation, error }.into()
            }
            _ => EnvironmentProblem::Stream { side, operation, error }.into(),
        }
    }
}

/// Whether an attempt to connect failed before anything was sent.
///
/// EMFILE, ENFILE and ENOBUFS have no stable kind, so the list names the errors that a peer can
/// cause. A missing socket file is one of these, because its server is not running.
#[cfg(feature = "net")]
fn is_local(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NotFound, TimedOut,
        WouldBlock,
    };
    !matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | NotFound
            | TimedOut
            | WouldBlock
    )
}

#[cfg(all(test, feature = "net"))]
mod tests {
    use super::*;

    fn attempt(port: u16, code: i32) -> Attempt {
        let address = Address::Tcp(([127, 0, 0, 1], port).into());
        Attempt { address, error: io::Error::from_raw_os_error(code) }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_failed_connect_names_every_address_and_blames_the_farthest() {
        const ECONNREFUSED: i32 = 111;
        const EMFILE: i32 = 24;
        let error =
            Problem::connect(vec![attempt(1, EMFILE), attempt(2, ECONNREFUSED)]).at("tcp:h:1");
        assert_eq!(
            error.to_string(),
            "`tcp:h:1`: cannot connect to 127.0.0.1:1: too many open files (os error 24); \
             nor to 127.0.0.1:2: connection refused (os error 111)"
        );
        assert_eq!(error.blame(), Blame::Peer);
        assert_eq!(Problem::connect(vec![attempt(1, EMFILE)]).at("").blame(), Blame::Environment);
    }

    #[test]
    fn a_mistake_in_a_description_is_explained() {
        let error = crate::server_from_string("tcp:8080:interface=::1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`tcp:8080:interface=::1`: `::1` is an IPv6 address whose colons are not escaped \
             (write `\\:\\:1`)"
        );
        assert_eq!(error.blame(), Blame::Description);
    }

    #[test]
    fn a_connection_reset_is_the_fault_of_the_peer() {
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        let error = Problem::stream(Address::Stdio, Operation::Read, reset).at("stdio:");
        assert_eq!(error.blame(), Blame::Peer);
        assert_eq!(
            error.to_string(),
            "`stdio:`: cannot read from standard input and output: connection reset"
        );
    }
}
