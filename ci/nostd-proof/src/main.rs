#![no_std]
#![no_main]
//! Parses descriptions without `std`, a C library or an allocator.
//!
//! It links only if `strports-syntax` needs none of them. Its exit status is 0 if all answers are
//! correct, otherwise the number of the first wrong one.
//!
//! This crate is not published. It needs `unsafe` for the entry point, the memory functions and the
//! system call that libc would provide; all of that is in `bare.rs`.

mod bare;

use strports_syntax::{
    Argument, ClientEndpoint, Code, Description, ParseError, ServerEndpoint, Span, TokenKind,
    tokens,
};

/// A test that returns whether the parser's answer is correct.
type Proof = fn() -> Result<bool, ParseError>;

const PROOFS: &[Proof] = &[
    || {
        use TokenKind::{Colon, Equals, Text, TrailingBackslash};
        let kinds = [Text, Colon, Text, Equals, Text, TrailingBackslash];
        Ok(tokens(br"tcp:a\:b=c\").map(|token| token.kind).eq(kinds))
    },
    || {
        let description = Description::parse(r"what:1:path=C\:/x")?;
        let Some(Argument { key: Some(key), value, span, .. }) = description.arguments().nth(1)
        else {
            return Ok(false);
        };
        Ok(description.type_name() == "what"
            && key == "path"
            && value == "C:/x"
            && span == Span::new(7, 17))
    },
    || {
        let ServerEndpoint::Tcp(tcp) = ServerEndpoint::parse("tcp:8080")? else {
            return Ok(false);
        };
        Ok(tcp.port.value() == 8080 && tcp.interface.is_empty() && tcp.backlog.value() == 50)
    },
    || {
        let ServerEndpoint::Unix(unix) = ServerEndpoint::parse("unix:/run/a:mode=660")? else {
            return Ok(false);
        };
        Ok(unix.address == "/run/a" && unix.mode.bits() == 0o660 && unix.lockfile.is_on())
    },
    || {
        let ClientEndpoint::Tls(tls) = ClientEndpoint::parse("tls:example.com:443:timeout=5")?
        else {
            return Ok(false);
        };
        Ok(*tls.host.text() == "example.com" && tls.timeout.value() == 5)
    },
    || {
        let Err(error) = ServerEndpoint::parse("tcp:x1") else { return Ok(false) };
        let said = bare::is_printed(&error, "expected an integer for `port`, but found `x1`");
        Ok(said && error.code() == Code::NotAnInteger && error.span() == Span::new(4, 6))
    },
    || {
        let endpoint = ServerEndpoint::parse(r"interface=\:\:1:tcp:0080")?;
        Ok(bare::is_printed(&endpoint, r"tcp:80:interface=\:\:1"))
    },
    nesting,
];

/// Without an allocator, nesting is an error with its own message.
#[cfg(not(feature = "alloc"))]
#[expect(clippy::unnecessary_wraps, reason = "it is a `Proof` like the others")]
fn nesting() -> Result<bool, ParseError> {
    let Err(error) = ServerEndpoint::parse("haproxy:tcp:80") else { return Ok(false) };
    Ok(error.code() == Code::NestedTooDeep)
}

/// With an allocator, descriptions nest.
#[cfg(feature = "alloc")]
fn nesting() -> Result<bool, ParseError> {
    use strports_syntax::{Role, check};
    let ServerEndpoint::Haproxy(haproxy) = ServerEndpoint::parse("haproxy:tcp:80")? else {
        return Ok(false);
    };
    let ServerEndpoint::Tcp(tcp) = *haproxy.endpoint else { return Ok(false) };
    let found = check("tls:h:443:trustroots=/x", Role::Client).errors().count();
    Ok(tcp.port.value() == 80 && found == 1)
}

/// Runs all proofs; returns the exit status.
fn run() -> u8 {
    let wrong = PROOFS.iter().position(|proof| !matches!(proof(), Ok(true)));
    wrong.map_or(0, |index| u8::try_from(index + 1).unwrap_or(u8::MAX))
}
