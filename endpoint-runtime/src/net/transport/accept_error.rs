//! Why accepting a connection failed, and whether accepting goes on after it.

use std::io;

use rustix::io::Errno;

use crate::error::Problem;
use crate::proto::backoff::AcceptTrouble;

/// Why there is no connection, by the step that failed.
pub(crate) enum AcceptError {
    /// `accept` failed.
    Accept(io::Error),
    /// The accepted connection cannot be used.
    SetUp(io::Error),
    /// No connection will follow.
    Lasting(Problem),
}

impl AcceptError {
    /// What kind of trouble it is, if accepting goes on after it.
    pub(crate) fn trouble(&self) -> Option<AcceptTrouble> {
        match self {
            Self::Accept(error) => trouble(error),
            // The connection is lost; the listener is not.
            Self::SetUp(error) => trouble(error).or(Some(AcceptTrouble::DeadConnection)),
            Self::Lasting(_) => None,
        }
    }
}

/// Sorts the errors after which accepting goes on.
fn trouble(error: &io::Error) -> Option<AcceptTrouble> {
    match Errno::from_io_error(error)? {
        // The last is epoll's, out of watches.
        Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM | Errno::NOSPC => {
            Some(AcceptTrouble::Shortage)
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
        | Errno::NETUNREACH => Some(AcceptTrouble::DeadConnection),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_sorted_by_whether_accepting_goes_on() {
        let sort = |errno: Errno| trouble(&errno.into());
        assert_eq!(sort(Errno::MFILE), Some(AcceptTrouble::Shortage));
        assert_eq!(sort(Errno::CONNABORTED), Some(AcceptTrouble::DeadConnection));
        assert_eq!(sort(Errno::BADF), None);
        assert_eq!(sort(Errno::INVAL), None);
    }
}
