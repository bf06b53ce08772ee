//! Errors of descriptors that are already open: inherited, or opened by the program.

use core::fmt;
use std::io;

use strports_syntax::value::Domain;
use thiserror::Error as ThisError;

use crate::error::io_error::IoMessage;
use crate::proto::activation::ActivationError;
use crate::quoted::Quoted;

/// A descriptor that should be open is not, or is of the wrong kind.
///
/// Part of [`EnvironmentProblem`](crate::EnvironmentProblem).
///
/// # Examples
///
/// ```
/// use endpoint_runtime::{Expected, InheritedProblem};
///
/// let problem = InheritedProblem::Unfit { found: Vec::new(), expected: Expected::Stream };
/// assert!(problem.to_string().ends_with("(expected a connected TCP or UNIX socket)"));
/// ```
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum InheritedProblem {
    /// systemd did not pass the socket that a `systemd` endpoint names.
    #[error("{0}")]
    Activation(ActivationError),
    /// No descriptor with this number is open.
    #[error("descriptor {number} is not open")]
    NotOpen {
        /// The descriptor number from the description.
        number: u32,
    },
    /// Another endpoint uses the descriptor, or has used it.
    #[error("descriptor {number} is already in use (it can be used once per process)")]
    Taken {
        /// The descriptor number from the description.
        number: u32,
    },
    /// The descriptor has `FD_CLOEXEC`, so this process opened it: no inherited one has that flag.
    #[error(
        "descriptor {number} was opened by this process (expected one that it was started with)"
    )]
    NotInherited {
        /// The descriptor number from the description.
        number: u32,
    },
    /// A descriptor is open, but of a kind that the endpoint cannot use.
    #[error("{} (expected {expected}{})", Findings(.found), hint(.found, *.expected))]
    Unfit {
        /// The descriptors that do not fit, with their kinds; at least one.
        found: Vec<Finding>,
        /// What the endpoint requires the descriptor to be.
        expected: Expected,
    },
    /// The operating system cannot duplicate or check the descriptor.
    #[error("cannot use descriptor {number}: {}", IoMessage(.error))]
    System {
        /// The descriptor number from the description.
        number: u32,
        /// Why the operating system could not duplicate or check the descriptor.
        error: io::Error,
    },
}

/// The hint for a `systemd` server that was passed a connection; otherwise empty.
///
/// systemd passes connections with `Accept=yes`. Only a `systemd` server names the domain that it
/// expects.
fn hint(found: &[Finding], expected: Expected) -> &'static str {
    let is_connected = |it: &Finding| matches!(it.is, Found::Stream(_, StreamState::Connected));
    if matches!(expected, Expected::Listener(Some(_))) && found.iter().any(is_connected) {
        "; systemd passes one with `Accept=no`; with `Accept=yes`, write `stdio:` here and \
         `StandardInput=socket` in the unit"
    } else {
        ""
    }
}

/// An open descriptor that an endpoint cannot use, with its kind.
///
/// Part of [`InheritedProblem`](crate::InheritedProblem); see there for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The number of the open descriptor.
    pub number: u32,
    /// The name that systemd gave the socket; `None` if it gave none, or did not pass it.
    pub name: Option<Vec<u8>>,
    /// What the descriptor is.
    pub is: Found,
}

impl Finding {
    #[cfg(feature = "net")]
    pub(crate) fn new(number: u32, name: Option<&[u8]>, is: Found) -> Self {
        Self { number, name: name.map(Into::into), is }
    }
}

/// What an open descriptor is, in contrast to what was [`Expected`].
///
/// Part of [`InheritedProblem`](crate::InheritedProblem); see there for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// A stream socket, and its address family; `None` if that is not INET, INET6 or UNIX.
    Stream(Option<Domain>, StreamState),
    /// A datagram or packet socket, and its address family as for streams.
    Messages(Option<Domain>),
    /// A named or unnamed pipe.
    Pipe,
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A terminal or another character device.
    Device,
    /// A character device that is open only for reading or only for writing.
    OneWayDevice,
    /// A descriptor of another kind, such as an epoll instance.
    Other,
}

/// Whether a stream socket listens, is connected, or neither.
///
/// Part of [`InheritedProblem`](crate::InheritedProblem); see there for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamState {
    /// The socket accepts connections (`listen` was called).
    Listening,
    /// The socket is connected to a peer.
    Connected,
    /// The socket neither listens nor is connected.
    Idle,
}

/// What an endpoint requires a descriptor to be, in contrast to what was [`Found`].
///
/// Part of [`InheritedProblem`](crate::InheritedProblem); see there for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// A listening stream socket, of this family if one is given.
    Listener(Option<Domain>),
    /// A connected stream socket, or a device that is open for reading and writing.
    Connection,
    /// A connected stream socket of TCP or UNIX.
    Stream,
}

/// Prints each descriptor with its name and kind, separated by commas.
struct Findings<'a>(&'a [Finding]);

impl fmt::Display for Findings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, Finding { number, name, is }) in self.0.iter().enumerate() {
            write!(f, "{}descriptor {number}", if i == 0 { "" } else { ", " })?;
            if let Some(name) = name {
                write!(f, " ({})", Quoted::bytes(name))?;
            }
            write!(f, " is {is}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stream(domain, StreamState::Listening) => {
                write!(f, "a listening {}", Socket(*domain))
            }
            Self::Stream(domain, StreamState::Connected) => {
                write!(f, "a connected {}", Socket(*domain))
            }
            Self::Stream(domain, StreamState::Idle) => {
                write!(f, "an unconnected {}", Socket(*domain))
            }
            Self::Messages(domain) => write!(f, "a message-based {}", Socket(*domain)),
            Self::Pipe => f.write_str("a pipe"),
            Self::File => f.write_str("a file"),
            Self::Directory => f.write_str("a directory"),
            Self::Device => f.write_str("a device"),
            Self::OneWayDevice => f.write_str("a device open for only one direction"),
            Self::Other => f.write_str("something else"),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listener(None) => f.write_str("a listening socket"),
            Self::Listener(domain) => write!(f, "a listening {}", Socket(*domain)),
            Self::Stream => f.write_str("a connected TCP or UNIX socket"),
            Self::Connection => {
                f.write_str("a connected stream socket, or a device open for reading and writing")
            }
        }
    }
}

/// Prints `INET socket`, for example, or `socket of another family` for `None`.
struct Socket(Option<Domain>);

impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(domain) => write!(f, "{domain} socket"),
            None => f.write_str("socket of another family"),
        }
    }
}

impl fmt::Display for ActivationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet { variable } => write!(
                f,
                "no sockets were passed: {variable} is not set \
                 (run under systemd or systemd-socket-activate)"
            ),
            Self::NotANumber { variable, value } => {
                write!(f, "{variable} is {} (expected a number)", Quoted::bytes(value))
            }
            Self::OtherProcess { pid, ours } => write!(
                f,
                "the sockets were passed to process {pid}, but this is process {ours} \
                 (a script between has to `exec`)"
            ),
            Self::NoSuchIndex { index, count } => {
                write!(f, "there is no socket at index {index}: {}", WerePassed(*count))
            }
            Self::Unnamed { count } => write!(
                f,
                "the sockets have no names: LISTEN_FDNAMES is not set, and {} (choose by index)",
                WerePassed(*count)
            ),
            Self::NameCount { names, count } => write!(
                f,
                "the sockets have no names: LISTEN_FDNAMES holds {names}, but {} (choose by index)",
                WerePassed(*count)
            ),
            Self::NoSuchName { name, names } => write!(
                f,
                "no socket is named {} (LISTEN_FDNAMES is {})",
                Quoted::bytes(name),
                Quoted::bytes(names)
            ),
        }
    }
}

struct WerePassed(u32);

impl fmt::Display for WerePassed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 socket was passed"),
            count => write!(f, "{count} sockets were passed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_instead_of_a_listener_has_a_suggestion() {
        let is = Found::Stream(Some(Domain::Inet), StreamState::Connected);
        let found = vec![Finding { number: 3, name: None, is }];
        let expected = Expected::Listener(Some(Domain::Inet));
        assert_eq!(
            InheritedProblem::Unfit { found, expected }.to_string(),
            "descriptor 3 is a connected INET socket (expected a listening INET socket; systemd \
             passes one with `Accept=no`; with `Accept=yes`, write `stdio:` here and \
             `StandardInput=socket` in the unit)"
        );
    }

    #[test]
    fn messages_name_the_inherited_socket() {
        let finding = |number, name: &str, is| {
            let name = Some(name.into());
            Finding { number, name, is }
        };
        let found = vec![
            finding(3, "web", Found::Stream(Some(Domain::Unix), StreamState::Listening)),
            finding(5, "web", Found::Messages(Some(Domain::Inet))),
        ];
        let expected = Expected::Listener(Some(Domain::Inet));
        assert_eq!(
            InheritedProblem::Unfit { found, expected }.to_string(),
            "descriptor 3 (`web`) is a listening UNIX socket, \
             descriptor 5 (`web`) is a message-based INET socket (expected a listening INET socket)"
        );
        let found = vec![Finding { number: 7, name: None, is: Found::Pipe }];
        assert_eq!(
            InheritedProblem::Unfit { found, expected: Expected::Connection }.to_string(),
            "descriptor 7 is a pipe \
             (expected a connected stream socket, or a device open for reading and writing)"
        );
    }

    #[test]
    fn refusals_have_advice() {
        assert_eq!(
            ActivationError::NotSet { variable: "LISTEN_PID" }.to_string(),
            "no sockets were passed: LISTEN_PID is not set \
             (run under systemd or systemd-socket-activate)"
        );
        assert_eq!(
            ActivationError::NameCount { names: 1, count: 2 }.to_string(),
            "the sockets have no names: LISTEN_FDNAMES holds 1, but 2 sockets were passed \
             (choose by index)"
        );
        assert_eq!(
            ActivationError::NoSuchName { name: b"we".to_vec(), names: b"web:\x1b".to_vec() }
                .to_string(),
            "no socket is named `we` (LISTEN_FDNAMES is `web:\\u{1b}`)"
        );
    }
}
