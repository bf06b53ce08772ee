//! A serial console that reads one description per line, and prints what the device does.
//!
//! The device has IPv4 with a backlog of at most four, no resolver and no files. The console
//! does no I/O of its own: the caller passes single bytes in, and answers go to a `fmt::Write`.
//!
//! ```text
//! listen tcp:80
//! ok: listen on port 80 of 0.0.0.0, with a backlog of 4
//! listen unix:/run/app.sock
//! error: `unix` is not served here
//! connect tcp:192.0.2.1:http
//! error: expected an integer for `port`, but found `http` (bytes 14..18)
//! ```
#![cfg_attr(not(test), no_std)]

use core::fmt::{self, Write};
use core::net::{Ipv4Addr, SocketAddrV4};

use strports_syntax::{ClientEndpoint, Parameters, ParseError, ServerEndpoint, Text};

/// The maximum backlog of this device.
const SOCKETS: i32 = 4;

/// Collects a line of at most `N` bytes.
pub struct Console<const N: usize> {
    line: [u8; N],
    /// The length of the line; more than `N` if it does not fit.
    len: usize,
}

impl<const N: usize> Console<N> {
    /// Creates a console with an empty line.
    #[must_use]
    pub const fn new() -> Self {
        Self { line: [0; N], len: 0 }
    }

    /// Takes one byte. At the end of a line, writes the answer to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn take(&mut self, byte: u8, out: &mut impl Write) -> fmt::Result {
        if !matches!(byte, b'\r' | b'\n') {
            if let Some(place) = self.line.get_mut(self.len) {
                *place = byte;
            }
            self.len = (self.len + 1).min(N + 1);
            return Ok(());
        }
        let len = core::mem::take(&mut self.len);
        match self.line.get(..len) {
            // Terminals may end lines with CR LF, which gives an empty line.
            Some([]) => Ok(()),
            Some(line) => match decide(line) {
                Ok(decision) => writeln!(out, "ok: {decision}"),
                Err(refusal) => writeln!(out, "error: {refusal}"),
            },
            None => writeln!(out, "error: the line is longer than {N} bytes"),
        }
    }
}

impl<const N: usize> Default for Console<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// The action that a line requests.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Listen on this address.
    Listen {
        /// The local address; 0.0.0.0 means every address.
        address: SocketAddrV4,
        /// The number of connections that may wait to be accepted.
        backlog: i32,
    },
    /// Connect to this address.
    Connect(SocketAddrV4),
}

/// The reason why a line requests no action.
#[derive(Debug)]
pub enum Refusal {
    /// The line begins with neither `listen` nor `connect`.
    Command,
    /// The description is invalid. The second value is its offset in the line.
    Description(ParseError, usize),
    /// The type needs files or an allocator.
    Type(&'static str),
    /// The host is a name, or an address that is not IPv4.
    Address,
}

/// Parses a line.
///
/// # Errors
///
/// `stop` (no command), `listen tcp:http` (no description), `listen unix:/a` (a type that the
/// device does not have), `connect tcp:example.com:80` (a name).
pub fn decide(line: &[u8]) -> Result<Decision, Refusal> {
    if let Some(description) = line.strip_prefix(b"listen ") {
        let wrong = |error| Refusal::Description(error, line.len() - description.len());
        match ServerEndpoint::parse(description).map_err(wrong)? {
            ServerEndpoint::Tcp(tcp) => {
                let every = tcp.interface.is_empty().then_some(Ipv4Addr::UNSPECIFIED);
                let address = every.or_else(|| ipv4(&tcp.interface)).ok_or(Refusal::Address)?;
                Ok(Decision::Listen {
                    address: SocketAddrV4::new(address, tcp.port.value()),
                    backlog: tcp.backlog.value().clamp(1, SOCKETS),
                })
            }
            other => Err(Refusal::Type(other.signature().name)),
        }
    } else if let Some(description) = line.strip_prefix(b"connect ") {
        let wrong = |error| Refusal::Description(error, line.len() - description.len());
        match ClientEndpoint::parse(description).map_err(wrong)? {
            ClientEndpoint::Tcp(tcp) => {
                let address = ipv4(&tcp.host).ok_or(Refusal::Address)?;
                Ok(Decision::Connect(SocketAddrV4::new(address, tcp.port.value())))
            }
            other => Err(Refusal::Type(other.signature().name)),
        }
    } else {
        Err(Refusal::Command)
    }
}

/// Parses an IPv4 address; removes escapes in a buffer, because there is no allocator.
fn ipv4(text: &Text<'_>) -> Option<Ipv4Addr> {
    let mut buffer = [0; "255.255.255.255".len()];
    let mut len = 0;
    for byte in text.bytes() {
        *buffer.get_mut(len)? = byte;
        len += 1;
    }
    core::str::from_utf8(buffer.get(..len)?).ok()?.parse().ok()
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { address, backlog } => {
                let (port, address) = (address.port(), address.ip());
                write!(f, "listen on port {port} of {address}, with a backlog of {backlog}")
            }
            Self::Connect(address) => write!(f, "connect to {address}"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command => f.write_str("expected `listen SERVER` or `connect CLIENT`"),
            Self::Description(error, offset) => {
                let span = error.span();
                write!(f, "{error} (bytes {}..{})", span.start + offset, span.end + offset)
            }
            Self::Type(name) => write!(f, "`{name}` is not served here"),
            Self::Address => f.write_str("expected an IPv4 address (there are no names here)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares the console's output for `input`, with lines of at most 40 bytes.
    #[track_caller]
    fn answers(input: &[u8], expected: &str) {
        let (mut console, mut out) = (Console::<40>::new(), String::new());
        for byte in input {
            console.take(*byte, &mut out).unwrap();
        }
        assert_eq!(out, expected);
    }

    #[test]
    fn listen_and_connect_lines_are_parsed() {
        answers(b"listen tcp:80\n", "ok: listen on port 80 of 0.0.0.0, with a backlog of 4\n");
        answers(
            b"listen tcp:80:backlog=2\r\n",
            "ok: listen on port 80 of 0.0.0.0, with a backlog of 2\n",
        );
        answers(
            b"listen tcp:80:interface=10.0.0.1\r\n",
            "ok: listen on port 80 of 10.0.0.1, with a backlog of 4\n",
        );
        answers(b"connect tcp:192.0.2.1:8080\n", "ok: connect to 192.0.2.1:8080\n");
        answers(b"connect tcp:192.0\\.2.1:80\n", "ok: connect to 192.0.2.1:80\n");
    }

    #[test]
    fn several_lines_are_answered_in_order() {
        answers(
            b"\r\nstop\r\n\nlisten tcp:1\n",
            "error: expected `listen SERVER` or `connect CLIENT`\n\
             ok: listen on port 1 of 0.0.0.0, with a backlog of 4\n",
        );
    }

    #[test]
    fn errors_have_their_offset_in_the_line() {
        answers(
            b"connect tcp:192.0.2.1:http\n",
            "error: expected an integer for `port`, but found `http` (bytes 22..26)\n",
        );
        answers(
            b"listen tcp:\xff\n",
            "error: expected an integer for `port`, but found `\u{fffd}` (bytes 11..12)\n",
        );
    }

    #[test]
    fn unsupported_types_are_refused() {
        answers(b"listen unix:/run/a\n", "error: `unix` is not served here\n");
        answers(b"connect tls:h:443\n", "error: `tls` is not served here\n");
        let names = "error: expected an IPv4 address (there are no names here)\n";
        answers(b"connect tcp:example.com:80\n", names);
        answers(b"listen tcp:80:interface=\\:\\:1\n", names);
    }

    #[test]
    fn a_line_that_is_too_long_is_dropped() {
        let mut input = vec![b'x'; 1000];
        input.extend(b"\nlisten tcp:1\n");
        answers(
            &input,
            "error: the line is longer than 40 bytes\n\
             ok: listen on port 1 of 0.0.0.0, with a backlog of 4\n",
        );
    }
}
