//! Answers of SOCKS5 and HTTP proxies: splitting the bytes changes nothing, and reads are bounded.

use endpoint_runtime::proto::tunnel::{
    Credentials, HttpConnect, MAX_HEAD, Order, Socks5, Target, Tunnel,
};

/// The end of a conversation with a proxy.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The tunnel is open after this many bytes of answers.
    Open(usize),
    /// The client refuses the answer; the message of the error.
    Refused(String),
    /// The client needs more bytes.
    NeedsMore,
}

/// Checks the law; the first byte chooses the protocol and whether there are credentials.
pub fn holds(input: &[u8]) {
    let Some((choice, answers)) = input.split_first() else { return };
    // The credentials come from the same bytes, so that the fuzzer also tries hostile lines.
    let line = answers.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let read = Credentials::parse(line);
    if let Ok(credentials) = &read {
        let rejoined = [credentials.user(), b":", credentials.password()].concat();
        assert_eq!(rejoined, line.strip_suffix(b"\r").unwrap_or(line));
    }
    let credentials = read.ok().filter(|_| choice & 2 != 0);
    let tunnel = || -> Option<Tunnel> {
        let target = Target::named("example.com", 443)?;
        Some(match choice & 1 {
            0 => Socks5::new(target, credentials.clone()).ok()?.into(),
            _ => HttpConnect::new(target, credentials.clone()).into(),
        })
    };
    let (Some(whole), Some(pieces)) = (tunnel(), tunnel()) else { return };
    assert_eq!(drive(whole, answers, usize::MAX), drive(pieces, answers, 1));
}

/// Runs the tunnel; each read returns at most `piece` bytes.
fn drive(mut tunnel: Tunnel, answers: &[u8], piece: usize) -> End {
    let mut at = 0;
    for _ in 0..=2 * answers.len() + 8 {
        match tunnel.order() {
            Order::Open => return End::Open(at),
            Order::Read { at_most } => {
                assert!(at_most > 0, "a read of nothing never ends");
                let rest = &answers[at..];
                let bytes = &rest[..rest.len().min(at_most).min(piece)];
                if bytes.is_empty() {
                    return End::NeedsMore;
                }
                match tunnel.answer(bytes) {
                    Ok(read) => {
                        assert_eq!(read, bytes.len(), "no more is read than belongs to the answer");
                        at += read;
                    }
                    Err(error) => {
                        let message = error.to_string();
                        assert!(!message.contains(char::is_control), "not escaped: {message:?}");
                        return End::Refused(message);
                    }
                }
                assert!(at <= MAX_HEAD + 1024, "an answer without end is read for ever");
            }
            Order::Send(_) => {}
        }
    }
    panic!("the machine makes no progress");
}
