//! Drives TLS handshakes, and describes why one has failed.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;

use rustls::Error;

use super::noted::{Noted, take_notes};
use super::recorded::Recorded;
use super::rustls_error::tls_problem;
use crate::address::Address;
use crate::error::{Operation, PeerProblem, Problem, TlsProblem};
use crate::net::LayerError;

/// Waits for the handshake with `side`; `on_notes` receives the notes of verifiers after each poll.
///
/// After a failure of TLS, the error contains the connection: the peer needs time to read the
/// alert.
pub(super) async fn drive_handshake<T>(
    side: Address,
    handshake: impl Future<Output = Result<T, (io::Error, Recorded)>>,
    on_notes: impl Fn(&Noted),
) -> Result<T, LayerError> {
    let mut handshake = pin!(handshake);
    let done = poll_fn(|cx| {
        drop(take_notes());
        let polled = handshake.as_mut().poll(cx);
        let noted = take_notes();
        on_notes(&noted);
        polled.map_err(|failed| (failed, noted.refusal))
    });
    done.await.map_err(|((error, below), refused)| {
        let is_silent = below.first().is_empty() && is_end(&error);
        let failed = match refused.or_else(|| described(&error, below.first())) {
            Some(problem) => LayerError {
                problem: PeerProblem::Tls { side, problem }.into(),
                lingering: Some(Box::new(below.into_connection())),
                is_silent,
            },
            None => Problem::stream(side, Operation::SetUp, error).into(),
        };
        LayerError { is_silent, ..failed }
    })
}

/// Whether the error means that the peer has closed or reset the connection.
fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

/// The TLS problem that caused an error of a handshake; `None` if the connection below has failed.
///
/// `first` are the first bytes of the peer, which show whether it uses TLS.
fn described(error: &io::Error, first: &[u8]) -> Option<TlsProblem> {
    let ended = error.kind() == io::ErrorKind::UnexpectedEof;
    let rustls = of_rustls(error);
    if rustls.is_none() && !ended {
        return None;
    }
    if first.first().is_some_and(|byte| !is_content_type(*byte)) {
        return Some(TlsProblem::NotTls { found: first.to_vec() });
    }
    Some(rustls.map_or(TlsProblem::Ended { silent: first.is_empty() }, tls_problem))
}

/// Whether a byte is the type of a record: `change_cipher_spec`, `alert`, `handshake` or
/// `application_data` (RFC 8446, section 5.1).
fn is_content_type(byte: u8) -> bool {
    (20..=23).contains(&byte)
}

/// Converts an error of a stream after the handshake to one with a readable message.
pub(super) fn stream_error(error: io::Error) -> io::Error {
    match of_rustls(&error) {
        Some(it) => tls_problem(it).into(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => TlsProblem::Truncated.into(),
        None => error,
    }
}

/// The error of rustls in an I/O error; `None` if it has another cause.
fn of_rustls(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_is_not_a_tls_record_is_shown() {
        let broken =
            io::Error::other(Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType));
        assert_eq!(
            described(&broken, b"GET / HTTP/1.1\r\n").unwrap().to_string(),
            r"it does not speak TLS, but sent `GET / HTTP/1.1\r\n`"
        );
        let ended = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert_eq!(
            described(&ended, b"PROXY TCP4").unwrap().to_string(),
            "it does not speak TLS, but sent `PROXY TCP4` \
             (to read a PROXY header before TLS, add `endpoint=haproxy\\:…`)"
        );
        assert_eq!(described(&ended, b""), Some(TlsProblem::Ended { silent: true }));
        assert_eq!(described(&ended, b"\x16\x03"), Some(TlsProblem::Ended { silent: false }));
        assert_eq!(described(&io::ErrorKind::ConnectionReset.into(), b""), None);
    }
}
