//! The parser in firmware: only `core`, and all buffers are owned by the caller.
//!
//! ```text
//! cargo run -p strports-syntax --no-default-features --example no_alloc -- tcp:8080
//! ```
//!
//! `firmware` reads a setting and configures a network stack with two sockets. It needs neither an
//! allocator nor `std`. Only `main` uses `std`, for arguments and printing.

mod firmware {
    use core::fmt::{self, Write};

    use strports_syntax::{
        Description, ParseError, ServerEndpoint, Text, TokenKind, UnixServer, tokens,
    };

    /// The sockets that the device supports.
    #[derive(Debug, PartialEq)]
    pub(crate) enum Socket<'a> {
        Tcp { port: u16, loopback: bool },
        Unix { path: Text<'a> },
    }

    /// Why a setting cannot be used.
    #[derive(Debug)]
    pub(crate) enum Refused {
        /// It is not a description. The error contains the expectation and the place.
        Wrong(ParseError),
        /// It is a description of something that the device does not support.
        NotHere,
    }

    /// Reads the setting `listen`. The result borrows from it.
    pub(crate) fn socket(setting: &str) -> Result<Socket<'_>, Refused> {
        match ServerEndpoint::parse(setting).map_err(Refused::Wrong)? {
            ServerEndpoint::Tcp(tcp) => {
                Ok(Socket::Tcp { port: tcp.port.value(), loopback: tcp.interface == "127.0.0.1" })
            }
            ServerEndpoint::Unix(UnixServer { address, .. }) => Ok(Socket::Unix { path: address }),
            _ => Err(Refused::NotHere),
        }
    }

    /// Writes each argument of any type on a line, for the serial console.
    pub(crate) fn list(setting: &str, out: &mut dyn Write) -> fmt::Result {
        let Ok(description) = Description::parse(setting) else {
            return writeln!(out, "no description");
        };
        writeln!(out, "type {}", description.type_name())?;
        for argument in description.arguments() {
            match &argument.key {
                Some(key) => writeln!(out, "{} {key} is {}", argument.span, argument.value)?,
                None => writeln!(out, "{} {}", argument.span, argument.value)?,
            }
        }
        Ok(())
    }

    /// Underlines the tokens, for a display with a fixed-width font.
    pub(crate) fn underline(setting: &str, out: &mut dyn Write) -> fmt::Result {
        for token in tokens(setting.as_bytes()) {
            let mark = match token.kind {
                TokenKind::Text => '~',
                TokenKind::Colon | TokenKind::Equals => '^',
                TokenKind::TrailingBackslash => '!',
            };
            (0..token.span.len()).try_for_each(|_| out.write_char(mark))?;
        }
        out.write_char('\n')
    }

    /// A line of at most `N` bytes, instead of a `String`.
    pub(crate) struct Line<const N: usize> {
        bytes: [u8; N],
        len: usize,
    }

    impl<const N: usize> Line<N> {
        pub(crate) const fn new() -> Self {
            Self { bytes: [0; N], len: 0 }
        }

        pub(crate) fn as_str(&self) -> &str {
            core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
        }
    }

    impl<const N: usize> Write for Line<N> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = self.bytes.get_mut(self.len..self.len + text.len()).ok_or(fmt::Error)?;
            room.copy_from_slice(text.as_bytes());
            self.len += text.len();
            Ok(())
        }
    }
}

use std::fmt::Write as _;

use firmware::{Line, Refused};

fn main() {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let samples = ["tcp:8080", "unix:/run/a:mode=660", r"tcp:8080:interface=\:\:1", "tcp:http"];
    let samples = samples.map(String::from).to_vec();
    for setting in if given.is_empty() { samples } else { given } {
        let mut marks = Line::<256>::new();
        let mut lines = Line::<512>::new();
        let fits = firmware::underline(&setting, &mut marks)
            .and_then(|()| firmware::list(&setting, &mut lines));
        print!("{setting}\n{}{}", marks.as_str(), lines.as_str());
        if fits.is_err() {
            println!("the rest does not fit");
        }
        match firmware::socket(&setting) {
            Ok(socket) => println!("-> {socket:?}\n"),
            Err(Refused::NotHere) => println!("-> not in this device\n"),
            Err(Refused::Wrong(error)) => {
                let mut message = Line::<128>::new();
                // A message that is too long for the display is cut.
                let _ = write!(message, "{error}");
                println!("-> at {}: {}\n", error.span(), message.as_str());
            }
        }
    }
}
