//! A serial console that takes descriptions, one a line, and says what the device does.
//!
//! The device has a network with IPv4, four sockets that wait, and neither names nor files. The
//! console knows no port or clock: bytes come in one by one, and answers go to a `fmt::Write`.
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

/// How many connections may wait on this device.
const SOCKETS: i32 = 4;

/// Collects a line of at most `N` bytes.
pub struct Console<const N: usize> {
    line: [u8; N],
    /// Of the line; more than `N` where it does not fit.
    len: usize,
}

impl<const N: usize> Console<N> {
    /// A console at the beginning of a line.
    #[must_use]
    pub const fn new() -> Self {
        Self { line: [0; N], len: 0 }
    }

    /// Takes one byte, and answers to `out` where it ends a line.
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
            // Terminals end lines with both.
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

/// What the device does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// It listens on this address.
    Listen {
        /// 0.0.0.0 is every address.
        address: SocketAddrV4,
        /// How many connections may wait.
        backlog: i32,
    },
    /// It connects to this address.
    Connect(SocketAddrV4),
}

/// Why the device does nothing.
#[derive(Debug)]
pub enum Refusal {
    /// The line begins with neither `listen` nor `connect`.
    Command,
    /// The description is wrong. The second value is where it begins in the line.
    Description(ParseError, usize),
    /// A type that needs files, or more memory.
    Type(&'static str),
    /// A host name, or an address that is not IPv4.
    Address,
}

/// Decides what a line asks for.
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

/// The address that a text is; without an allocator, escapes are removed into a buffer.
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

    /// What the console answers to `input`, with a line of 40 bytes at most.
    #[track_caller]
    fn answers(input: &[u8], expected: &str) {
        let (mut console, mut out) = (Console::<40>::new(), String::new());
        for byte in input {
            console.take(*byte, &mut out).unwrap();
        }
        assert_eq!(out, expected);
    }

    #[test]
    fn ok_listens_and_connects() {
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
    fn ok_lines_follow_one_another() {
        answers(
            b"\r\nstop\r\n\nlisten tcp:1\n",
            "error: expected `listen SERVER` or `connect CLIENT`\n\
             ok: listen on port 1 of 0.0.0.0, with a backlog of 4\n",
        );
    }

    #[test]
    fn err_a_wrong_description_has_its_place_in_the_line() {
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
    fn err_what_the_device_does_not_have() {
        answers(b"listen unix:/run/a\n", "error: `unix` is not served here\n");
        answers(b"connect tls:h:443\n", "error: `tls` is not served here\n");
        let names = "error: expected an IPv4 address (there are no names here)\n";
        answers(b"connect tcp:example.com:80\n", names);
        answers(b"listen tcp:80:interface=\\:\\:1\n", names);
    }

    #[test]
    fn err_a_line_that_is_too_long_is_forgotten() {
        let mut input = vec![b'x'; 1000];
        input.extend(b"\nlisten tcp:1\n");
        answers(
            &input,
            "error: the line is longer than 40 bytes\n\
             ok: listen on port 1 of 0.0.0.0, with a backlog of 4\n",
        );
    }
}
