//! The stable labels of errors, such as `refused`, for counters and log filters.

use std::io;

use super::{EnvironmentProblem, PeerProblem, Problem, ProcessProblem, TlsProblem};
use crate::proto::tunnel::TunnelError;

/// The label for running out of descriptors, of the process or of the system.
pub(crate) const DESCRIPTORS: &str = "descriptors";

impl Problem {
    /// A stable label of the error, in words joined by hyphens: for counters and log filters.
    ///
    /// The set of labels is small, and no label depends on data from the peer.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "net")] {
    /// use endpoint_runtime::client_from_string;
    ///
    /// let client = client_from_string("unix:absent.sock").unwrap();
    /// let error = smol::block_on(client.connect()).unwrap_err();
    /// assert_eq!(error.problem().reason(), "not-found");
    /// # }
    /// ```
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Description(_) => "description",
            Self::Environment(problem) => of_environment(problem),
            Self::Peer(problem) => of_peer(problem),
            Self::Misuse(_) => "misuse",
        }
    }
}

fn of_environment(problem: &EnvironmentProblem) -> &'static str {
    match problem {
        EnvironmentProblem::Resolve { error, .. } if error.kind() == io::ErrorKind::TimedOut => {
            "timed-out"
        }
        EnvironmentProblem::Resolve { .. }
        | EnvironmentProblem::NoAddress { .. }
        | EnvironmentProblem::UnknownInterface { .. }
        | EnvironmentProblem::InterfaceName { .. }
        | EnvironmentProblem::UnknownOwner { .. }
        | EnvironmentProblem::OwnerLookUp { .. } => "name",
        EnvironmentProblem::Connect(failure) => {
            of_last(failure.attempts.last().map(|it| &it.error))
        }
        EnvironmentProblem::Listen { error, .. }
        | EnvironmentProblem::Accept { error, .. }
        | EnvironmentProblem::File { error, .. }
        | EnvironmentProblem::Stream { error, .. } => of_system(error),
        EnvironmentProblem::Process(
            ProcessProblem::Start { error, .. }
            | ProcessProblem::Descriptor { error, .. }
            | ProcessProblem::Terminal { error, .. },
        ) if of_system(error) == DESCRIPTORS => DESCRIPTORS,
        EnvironmentProblem::Process(_) => "process",
        EnvironmentProblem::Credentials { .. } => "credentials-file",
        EnvironmentProblem::TlsFile(_)
        | EnvironmentProblem::NoPlatformRoots
        | EnvironmentProblem::TlsSetup { .. } => "certificate-file",
        _ => "system",
    }
}

fn of_peer(problem: &PeerProblem) -> &'static str {
    match problem {
        PeerProblem::Connect(failure) => of_last(failure.attempts.last().map(|it| &it.error)),
        PeerProblem::PluginConnect { error, .. } | PeerProblem::Stream { error, .. } => {
            of_system(error)
        }
        PeerProblem::TimedOut { .. }
        | PeerProblem::NotInTime { .. }
        | PeerProblem::HandshakeTimedOut { .. }
        | PeerProblem::ProxyTimedOut { .. } => "timed-out",
        PeerProblem::HandshakeEvicted { .. } => "given-up",
        PeerProblem::Untrusted { .. } => "untrusted",
        PeerProblem::ProxyHeader { .. } => "proxy-header",
        PeerProblem::ProxyEnded { .. }
        | PeerProblem::Tunnel { error: TunnelError::Ended { .. }, .. } => "ended",
        PeerProblem::Tunnel { .. } => "proxy",
        PeerProblem::Tls { problem, .. } => of_tls(problem),
        PeerProblem::NotLocked { .. } => "not-found",
    }
}

fn of_tls(problem: &TlsProblem) -> &'static str {
    match problem {
        TlsProblem::WrongName { .. }
        | TlsProblem::NotAdmitted { .. }
        | TlsProblem::Expired { .. }
        | TlsProblem::NotYetValid { .. }
        | TlsProblem::UnknownIssuer { .. }
        | TlsProblem::SelfSigned { .. }
        | TlsProblem::WrongPurpose { .. }
        | TlsProblem::Unverified { .. }
        | TlsProblem::UnreadableCertificate
        | TlsProblem::NoCertificate => "certificate",
        TlsProblem::Alert { .. } => "alert",
        TlsProblem::NoProtocol => "alpn",
        TlsProblem::NotTls { .. } => "not-tls",
        TlsProblem::Ended { .. } | TlsProblem::Truncated => "ended",
        TlsProblem::Other { .. } => "tls",
    }
}

/// The label for the error of the last attempt; `system` if there was no attempt.
fn of_last(error: Option<&io::Error>) -> &'static str {
    error.map_or("system", of_system)
}

fn of_system(error: &io::Error) -> &'static str {
    use io::ErrorKind::{
        AddrInUse, AddrNotAvailable, BrokenPipe, ConnectionAborted, ConnectionRefused,
        ConnectionReset, HostUnreachable, NetworkUnreachable, NotFound, PermissionDenied,
        StorageFull, TimedOut, UnexpectedEof,
    };
    match error.kind() {
        ConnectionRefused => "refused",
        ConnectionReset | ConnectionAborted | BrokenPipe => "reset",
        TimedOut => "timed-out",
        HostUnreachable | NetworkUnreachable => "unreachable",
        NotFound => "not-found",
        PermissionDenied => "permission",
        AddrInUse | AddrNotAvailable => "address",
        StorageFull => "no-space",
        UnexpectedEof => "ended",
        // ENFILE and EMFILE on Linux, macOS and the BSDs; neither has a stable `ErrorKind`.
        _ if matches!(error.raw_os_error(), Some(23 | 24)) => DESCRIPTORS,
        _ => "system",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;
    use crate::error::{Misuse, Operation};

    #[test]
    fn the_same_failure_has_the_same_word() {
        let stream = |error: io::Error| {
            Problem::from(PeerProblem::Stream {
                side: Address::Stdio,
                operation: Operation::Read,
                error,
            })
        };
        assert_eq!(stream(io::ErrorKind::BrokenPipe.into()).reason(), "reset");
        assert_eq!(stream(io::Error::from_raw_os_error(24)).reason(), "descriptors");
        assert_eq!(stream(io::Error::other("anything")).reason(), "system");
        let start = |error| {
            let problem = ProcessProblem::Start { executable: "cat".into(), error };
            Problem::from(EnvironmentProblem::from(problem)).reason()
        };
        assert_eq!(start(io::Error::from_raw_os_error(24)), "descriptors");
        assert_eq!(start(io::ErrorKind::OutOfMemory.into()), "process");
        let tls = PeerProblem::Tls { side: Address::Stdio, problem: TlsProblem::NoCertificate };
        assert_eq!(Problem::from(tls).reason(), "certificate");
        assert_eq!(Problem::from(Misuse::StdioTaken).reason(), "misuse");
    }
}
