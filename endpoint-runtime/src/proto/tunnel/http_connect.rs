//! Requests a tunnel from an HTTP proxy with the method CONNECT, over HTTP/1.1.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6>
//!
//! 1. The request contains the target, and the credentials with the scheme Basic (RFC 7617).
//! 2. An answer with status 2xx opens the tunnel after its header fields. These are ignored: a
//!    client must ignore "any Content-Length or Transfer-Encoding header fields".
//! 3. Answers with status 1xx are skipped, except 101, which was not requested. Any other answer is
//!    a refusal, and nothing more is read.
//!
//! ```abnf
//! answer      = status-line *( field EOL ) EOL
//! status-line = "HTTP/1." DIGIT SP 3DIGIT [ SP reason ] EOL
//! EOL         = CRLF / LF        ; RFC 9112, section 2.2
//! ```

use super::base64;
use super::credentials::Credentials;
use super::error::{MAX_HEAD, TunnelError};
use super::order::Order;
use super::target::Target;

/// The first bytes of an answer, before its status.
const START: &[u8] = b"HTTP/1.";
/// The offset of the status code in a status line, and the offset after it.
const STATUS: usize = START.len() + 2;
const STATUS_END: usize = STATUS + 3;

/// The length of the shortest answer in bytes: a status line and an empty line, each with LF.
const SHORTEST: usize = STATUS_END + 2;

/// The maximum number of bytes of a reason phrase or a malformed line that an error keeps.
const MAX_REASON: usize = 100;

const SWITCHING_PROTOCOLS: u16 = 101;
const PROXY_AUTHENTICATION_REQUIRED: u16 = 407;
/// A status for servers, but tinyproxy sends it for wrong credentials.
const UNAUTHORIZED: u16 = 401;

/// A state machine that requests a tunnel from an HTTP proxy.
///
/// See [`Tunnel`](super::Tunnel) for the driver's steps and an example.
#[derive(Clone, Debug)]
pub struct HttpConnect {
    target: Target,
    credentials: Option<Credentials>,
    state: State,
    /// The current answer, up to the end of its status line.
    line: Vec<u8>,
    /// The status code of the current answer; `None` until its status line is complete.
    status: Option<u16>,
    /// Whether the current header line is empty so far. An LF then ends the answer.
    is_empty_line: bool,
    /// How many bytes of answers were read so far, including those with status 1xx.
    read: usize,
}

/// What comes next: sending the request, reading an answer, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Request,
    Answer,
    Open,
}

impl HttpConnect {
    /// Creates a client that requests a connection to `target`.
    pub fn new(target: Target, credentials: Option<Credentials>) -> Self {
        let (state, line) = (State::Request, Vec::new());
        Self { target, credentials, state, line, status: None, is_empty_line: false, read: 0 }
    }

    /// Returns the next action of the driver.
    pub fn order(&mut self) -> Order {
        match self.state {
            State::Request => {
                self.state = State::Answer;
                Order::Send(self.request())
            }
            State::Answer => Order::Read { at_most: self.missing() },
            State::Open => Order::Open,
        }
    }

    /// Processes bytes from the proxy, and returns how many of them belong to its answer.
    ///
    /// # Errors
    ///
    /// Returns an error if the proxy refuses, requires other credentials, or uses another protocol.
    pub fn answer(&mut self, bytes: &[u8]) -> Result<usize, TunnelError> {
        for (at, byte) in bytes.iter().enumerate() {
            if self.state != State::Answer {
                return Ok(at);
            }
            self.take(*byte)?;
        }
        Ok(bytes.len())
    }

    /// How many bytes the answer lacks at least, so that no read takes bytes of the target.
    fn missing(&self) -> usize {
        match self.status {
            None => SHORTEST.saturating_sub(self.line.len()).max(2),
            Some(_) if self.is_empty_line => 1,
            Some(_) => 2,
        }
    }

    /// Processes one byte of an answer.
    fn take(&mut self, byte: u8) -> Result<(), TunnelError> {
        self.read += 1;
        if self.read > MAX_HEAD {
            return Err(TunnelError::HeadTooLong);
        }
        let Some(status) = self.status else { return self.take_of_status_line(byte) };
        match byte {
            b'\n' if self.is_empty_line => self.end(status),
            b'\n' => self.is_empty_line = true,
            // A CR may belong to the empty line that ends the answer; in a field it is ignored.
            b'\r' => {}
            _ => self.is_empty_line = false,
        }
        Ok(())
    }

    /// Processes one byte of the status line, and its status at the end of the line.
    fn take_of_status_line(&mut self, byte: u8) -> Result<(), TunnelError> {
        if byte != b'\n' {
            self.line.push(byte);
            let at = self.line.len();
            return match START.get(at - 1) {
                Some(expected) if *expected != byte => {
                    Err(TunnelError::NotHttp { at, found: byte })
                }
                _ => Ok(()),
            };
        }
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        let Some((status, reason)) = status(line) else {
            return Err(TunnelError::NoStatus { found: excerpt(line) });
        };
        match status {
            PROXY_AUTHENTICATION_REQUIRED | UNAUTHORIZED => {
                let has = self.credentials.is_some();
                return Err(if has {
                    TunnelError::Credentials
                } else {
                    TunnelError::NoCredentials
                });
            }
            SWITCHING_PROTOCOLS | 300.. => {
                return Err(TunnelError::Status { status, reason: excerpt(reason) });
            }
            _ => {}
        }
        self.line.clear();
        (self.status, self.is_empty_line) = (Some(status), true);
        Ok(())
    }

    /// Ends an answer that is no refusal: 2xx opens the tunnel, and 1xx is followed by another one.
    fn end(&mut self, status: u16) {
        self.status = None;
        if status >= 200 {
            self.state = State::Open;
        }
    }

    fn request(&self) -> Vec<u8> {
        let target = &self.target;
        let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
        if let Some(credentials) = &self.credentials {
            request.extend(b"Proxy-Authorization: Basic ");
            let both = [credentials.user(), b":", credentials.password()].concat();
            base64::append(&both, &mut request);
            request.extend(b"\r\n");
        }
        request.extend(b"\r\n");
        request
    }
}

/// The status code and the reason phrase of a status line; `None` if it is malformed.
///
/// The line begins with [`START`], which was checked byte by byte.
fn status(line: &[u8]) -> Option<(u16, &[u8])> {
    let (before, after) = line.split_at_checked(STATUS)?;
    let (digits, reason) = after.split_at_checked(STATUS_END - STATUS)?;
    let reason = match reason {
        [] => reason,
        [b' ', reason @ ..] => reason,
        _ => return None,
    };
    let is_start = matches!(before, [.., digit, b' '] if digit.is_ascii_digit());
    let status = digits.iter().try_fold(0, |status, digit| match digit {
        b'0'..=b'9' => Some(10 * status + u16::from(digit - b'0')),
        _ => None,
    });
    status.filter(|status| is_start && *status >= 100).map(|status| (status, reason))
}

fn excerpt(text: &[u8]) -> Vec<u8> {
    text.iter().copied().take(MAX_REASON).collect()
}
