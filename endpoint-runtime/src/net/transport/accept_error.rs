//! Errors of accepting a connection, and whether accepting continues after them.

use std::io;

use rustix::io::Errno;

use crate::error::Problem;
use crate::proto::backoff::AcceptFailure;

/// Errors of accepting a connection, by the step that failed.
pub(crate) enum AcceptError {
    /// The system call `accept` failed.
    Accept(io::Error),
    /// The connection was accepted, but its socket could not be set up.
    SetUp(io::Error),
    /// The listener has failed permanently.
    Lasting(Problem),
}

impl AcceptError {
    /// The kind of failure after which accepting continues; `None` if the listener must end.
    pub(crate) fn temporary(&self) -> Option<AcceptFailure> {
        match self {
            Self::Accept(error) => failure(error),
            // This connection is lost, but the next one may succeed.
            Self::SetUp(error) => failure(error).or(Some(AcceptFailure::DeadConnection)),
            Self::Lasting(_) => None,
        }
    }

    /// Whether this machine lacks resources, such as descriptors.
    pub(crate) fn is_shortage(&self) -> bool {
        self.temporary() == Some(AcceptFailure::Shortage)
    }
}

/// Classifies the errors after which accepting continues.
fn failure(error: &io::Error) -> Option<AcceptFailure> {
    match Errno::from_io_error(error)? {
        // ENOSPC is the error of epoll at the limit of watches (`fs.epoll.max_user_watches`).
        Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC => {
            Some(AcceptFailure::Shortage)
        }
        // accept(2): "Linux accept() passes already-pending network errors on the new socket as an
        // error code from accept()", to be treated "like EAGAIN by retrying".
        Errno::CONNABORTED
        | Errno::INTR
        | Errno::NETDOWN
        | Errno::PROTO
        | Errno::NOPROTOOPT
        | Errno::HOSTDOWN
        | Errno::HOSTUNREACH
        | Errno::OPNOTSUPP
        | Errno::NETUNREACH => Some(AcceptFailure::DeadConnection),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_classified_as_temporary_or_permanent() {
        let sort = |errno: Errno| failure(&errno.into());
        assert_eq!(sort(Errno::MFILE), Some(AcceptFailure::Shortage));
        assert_eq!(sort(Errno::CONNABORTED), Some(AcceptFailure::DeadConnection));
        assert_eq!(sort(Errno::BADF), None);
        assert_eq!(sort(Errno::INVAL), None);
    }
}
