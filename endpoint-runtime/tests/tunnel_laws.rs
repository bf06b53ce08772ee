//! Tests of the SOCKS5 and CONNECT state machines: conversations that are split at every byte.
//!
//! Random input must have the same result however it is split.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use endpoint_runtime::proto::tunnel::{
    Credentials, CredentialsError, HttpConnect, MAX_HEAD, Order, Socks5, Target, Tunnel,
    TunnelError,
};
use proptest::prelude::*;

/// Data of the target after the proxy's answer. It looks like an answer of either protocol.
const DATA: &[u8] = b"\x05\x00HTTP/1.1 200\r\n\r\n";

fn named() -> Target {
    Target::named("example.com", 443).unwrap()
}

fn credentials() -> Credentials {
    Credentials::parse(b"user:pa:ss").unwrap()
}

fn socks5(credentials: Option<Credentials>) -> Tunnel {
    Socks5::new(named(), credentials).unwrap().into()
}

fn http(credentials: Option<Credentials>) -> Tunnel {
    HttpConnect::new(named(), credentials).into()
}

/// The result of driving a tunnel with some input.
#[derive(Debug, PartialEq)]
struct Outcome {
    /// The messages to the proxy.
    sent: Vec<Vec<u8>>,
    /// How many bytes of the input were taken.
    taken: usize,
    /// Whether the tunnel is open or failed; `None` if it needs more input.
    end: Option<Result<(), TunnelError>>,
}

/// Drives a tunnel like a connection whose input arrives in pieces, which end at `cuts`.
///
/// A read returns the rest of a piece, and at most the requested length.
fn drive(mut tunnel: Tunnel, input: &[u8], cuts: &[usize]) -> Outcome {
    let mut outcome = Outcome { sent: Vec::new(), taken: 0, end: None };
    loop {
        match tunnel.order() {
            Order::Send(message) => outcome.sent.push(message),
            Order::Open => {
                outcome.end = Some(Ok(()));
                return outcome;
            }
            Order::Read { at_most } => {
                assert!(at_most > 0);
                let piece_end = cuts.iter().copied().find(|cut| *cut > outcome.taken);
                let end = piece_end.unwrap_or(input.len()).min(outcome.taken + at_most);
                let piece = &input[outcome.taken..end.min(input.len())];
                if piece.is_empty() {
                    return outcome;
                }
                match tunnel.answer(piece) {
                    Ok(taken) => assert_eq!(taken, piece.len(), "no more was asked for"),
                    Err(error) => {
                        // The number of bytes before the error depends on the splits.
                        return Outcome { taken: 0, end: Some(Err(error)), ..outcome };
                    }
                }
                outcome.taken += piece.len();
            }
        }
    }
}

/// Drives a tunnel with all bytes at once, and passes those again that it does not take.
fn drive_eagerly(mut tunnel: Tunnel, input: &[u8]) -> Outcome {
    let mut outcome = Outcome { sent: Vec::new(), taken: 0, end: None };
    loop {
        match tunnel.order() {
            Order::Send(message) => outcome.sent.push(message),
            Order::Open => {
                outcome.end = Some(Ok(()));
                return outcome;
            }
            Order::Read { .. } if outcome.taken == input.len() => return outcome,
            Order::Read { .. } => match tunnel.answer(&input[outcome.taken..]) {
                Ok(taken) => outcome.taken += taken,
                Err(error) => {
                    outcome.end = Some(Err(error));
                    return outcome;
                }
            },
        }
    }
}

/// The result of a conversation; checks that it is the same for every split of the input.
#[track_caller]
fn outcome(tunnel: &Tunnel, input: &[u8]) -> Outcome {
    let whole = drive(tunnel.clone(), input, &[]);
    for cut in 1..input.len() {
        assert_eq!(drive(tunnel.clone(), input, &[cut]), whole, "cut at {cut}");
    }
    let every: Vec<_> = (1..input.len()).collect();
    assert_eq!(drive(tunnel.clone(), input, &every), whole, "byte by byte");
    let eager = drive_eagerly(tunnel.clone(), input);
    assert_eq!((&eager.sent, &eager.end), (&whole.sent, &whole.end), "all at once");
    whole
}

/// Checks that the answer opens the tunnel, after these messages, and that no part of it does.
#[track_caller]
fn opens(tunnel: &Tunnel, answer: &[u8], sent: &[&[u8]]) {
    let input = [answer, DATA].concat();
    let sent = sent.iter().map(|message| message.to_vec()).collect();
    let expected = Outcome { sent, taken: answer.len(), end: Some(Ok(())) };
    assert_eq!(outcome(tunnel, &input), expected);
    for length in 0..answer.len() {
        let part = outcome(tunnel, &answer[..length]);
        assert_eq!((part.taken, part.end), (length, None), "a beginning wants more");
    }
}

/// The error of a tunnel after this answer of the proxy.
#[track_caller]
fn fails(tunnel: &Tunnel, answer: &[u8]) -> TunnelError {
    outcome(tunnel, answer).end.expect("it ends").unwrap_err()
}

#[test]
fn socks5_sends_the_messages_of_the_rfc() {
    let request = b"\x05\x01\x00\x03\x0bexample.com\x01\xbb";
    let greeting = b"\x05\x01\x00";
    for reply in [
        &b"\x05\x00\x00\x01\x7f\x00\x00\x01\x10\x00"[..],
        b"\x05\x00\x00\x03\x01h\x10\x00",
        b"\x05\x00\x00\x03\x00\x10\x00",
        b"\x05\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x10\x00",
    ] {
        opens(&socks5(None), &[b"\x05\x00", reply].concat(), &[greeting, request]);
    }
    let long = [b"\x05\x00\x05\x00\x00\x03\xff".as_slice(), &[b'h'; 255], b"\x10\x00"].concat();
    opens(&socks5(None), &long, &[greeting, request]);

    let with = socks5(Some(credentials()));
    let reply = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00";
    let (greeting, authentication) = (b"\x05\x02\x00\x02", b"\x01\x04user\x05pa:ss");
    opens(&with, &[b"\x05\x00", &reply[..]].concat(), &[greeting, request]);
    for verdict in [b"\x01\x00", b"\x05\x00"] {
        let answer = [b"\x05\x02", &verdict[..], reply].concat();
        opens(&with, &answer, &[greeting, authentication, request]);
    }
}

#[test]
fn socks5_sends_addresses_as_they_are() {
    let request = |address: &str| {
        let target = Target::new(address.parse().unwrap(), 80);
        drive(Socks5::new(target, None).unwrap().into(), b"\x05\x00", &[]).sent.pop().unwrap()
    };
    assert_eq!(request("192.0.2.1"), b"\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50");
    let six = b"\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x50";
    assert_eq!(request("2001:db8::1"), six);
}

#[test]
fn socks5_names_each_refusal() {
    let (bare, with) = (socks5(None), socks5(Some(credentials())));
    assert_eq!(fails(&bare, b"\x05\xff"), TunnelError::NoCredentials);
    assert_eq!(fails(&bare, b"\x05\x02"), TunnelError::NoCredentials);
    assert_eq!(fails(&with, b"\x05\xff"), TunnelError::NoMethod);
    assert_eq!(fails(&with, b"\x05\x01"), TunnelError::UnknownMethod { found: 1 });
    assert_eq!(fails(&with, b"\x05\x02\x01\x01"), TunnelError::Credentials);
    assert_eq!(fails(&bare, b"HTTP/1.1 400"), TunnelError::NotSocks5 { found: b'H' });
    assert_eq!(fails(&bare, b"\x05\x00\x05\x05\x00"), TunnelError::Refused { code: 5 });
    assert_eq!(fails(&bare, b"\x05\x00\x04\x5a"), TunnelError::NotSocks5 { found: 4 });
    assert_eq!(fails(&bare, b"\x05\x00\x05\x00\x00\x02"), TunnelError::UnknownAddress { found: 2 });
    let said = |code| TunnelError::Refused { code }.to_string();
    assert_eq!(said(2), "the proxy answered: its rules do not allow the connection");
    assert_eq!(said(9), "the proxy answered: failure 9");
}

#[test]
fn socks5_has_an_octet_for_the_length_of_a_credential() {
    let new = |line: &str| Socks5::new(named(), Some(Credentials::parse(line.as_bytes()).unwrap()));
    let long = "x".repeat(255);
    assert!(new(&format!("{long}:{long}")).is_ok());
    let error = |what, found| Some(CredentialsError::LengthForSocks5 { what, found });
    assert_eq!(new(&format!("{long}x:p")).err(), error("a user name", 256));
    assert_eq!(new(&format!("u:{long}x")).err(), error("a password", 256));
    assert_eq!(new("u:").err(), error("a password", 0));
}

#[test]
fn http_sends_the_messages_of_the_rfc() {
    let request = b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n";
    for answer in [
        &b"HTTP/1.1 200 Connection established\r\n\r\n"[..],
        b"HTTP/1.0 200\r\n\r\n",
        b"HTTP/1.1 299 \r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\nVia: a\n\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    ] {
        opens(&http(None), answer, &[request]);
    }
    let request = b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\
        Proxy-Authorization: Basic dXNlcjpwYTpzcw==\r\n\r\n";
    opens(&http(Some(credentials())), b"HTTP/1.1 200 OK\r\n\r\n", &[request]);
    let target = Target::new("::1".parse().unwrap(), 80);
    let sent = drive(HttpConnect::new(target, None).into(), b"", &[]).sent;
    assert_eq!(sent[0], b"CONNECT [::1]:80 HTTP/1.1\r\nHost: [::1]:80\r\n\r\n");
}

#[test]
fn http_names_each_refusal() {
    for wanted in [&b"HTTP/1.1 407 Proxy Authentication Required\r\n"[..], b"HTTP/1.1 401\r\n"] {
        assert_eq!(fails(&http(None), wanted), TunnelError::NoCredentials);
        assert_eq!(fails(&http(Some(credentials())), wanted), TunnelError::Credentials);
    }
    for (line, status, reason) in [
        ("HTTP/1.1 403 Filtered\r\n", 403, "Filtered"),
        ("HTTP/1.1 101 Switching Protocols\n", 101, "Switching Protocols"),
        ("HTTP/1.0 302\r\n", 302, ""),
        ("HTTP/1.1 999 \r\n", 999, ""),
    ] {
        let expected = TunnelError::Status { status, reason: reason.into() };
        assert_eq!(fails(&http(None), line.as_bytes()), expected);
    }
    assert_eq!(fails(&http(None), b"\x05\xff"), TunnelError::NotHttp { at: 1, found: 5 });
    assert_eq!(fails(&http(None), b"HTTP/2 200\r\n"), TunnelError::NotHttp { at: 6, found: b'2' });
    for line in [
        "HTTP/1.1 20\r\n",
        "HTTP/1.1 2000\r\n",
        "HTTP/1.x 200\r\n",
        "HTTP/1.1  200\r\n",
        "HTTP/1.\r\n",
        "HTTP/1.1 -20\r\n",
        "HTTP/1.1 099\r\n",
    ] {
        let found = line.trim_end().into();
        assert_eq!(fails(&http(None), line.as_bytes()), TunnelError::NoStatus { found });
    }
    let reason = TunnelError::Status { status: 403, reason: b"\x1b[2J`".into() }.to_string();
    assert!(!reason.contains('\x1b'), "{reason}");
}

#[test]
fn an_answer_of_http_is_bounded() {
    let head = |length: usize| {
        let (start, end) = (&b"HTTP/1.1 200 OK\r\nX: "[..], &b"\r\n\r\n"[..]);
        [start, &vec![b'x'; length - start.len() - end.len()], end].concat()
    };
    let outcome = |input: &[u8]| drive(http(None), input, &[]).end;
    assert_eq!(outcome(&head(MAX_HEAD)), Some(Ok(())));
    assert_eq!(outcome(&head(MAX_HEAD + 1)), Some(Err(TunnelError::HeadTooLong)));
    let waiting = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(MAX_HEAD);
    assert_eq!(outcome(&waiting), Some(Err(TunnelError::HeadTooLong)));
    let line = [b"HTTP/1.1 200 ", &vec![b'x'; MAX_HEAD][..]].concat();
    assert_eq!(outcome(&line), Some(Err(TunnelError::HeadTooLong)));
}

#[test]
fn a_target_is_safe_to_send() {
    for name in ["", "a b", "a\r\nb", "a:1", "a/b", "a@b", "b\u{fc}cher", "a\0"] {
        assert_eq!(Target::named(name, 80), None, "{name:?}");
    }
    assert!(Target::named(&"x".repeat(255), 80).is_some());
    assert!(Target::named(&"x".repeat(256), 80).is_none());
}

#[test]
fn no_debug_shows_credentials() {
    for mut tunnel in [socks5(Some(credentials())), http(Some(credentials()))] {
        let order = tunnel.order();
        for shown in [format!("{tunnel:?}"), format!("{order:?}")] {
            assert!(!shown.contains("pa:ss") && !shown.contains("112"), "{shown}");
        }
    }
}

/// Random sequences of pieces of valid answers, to reach late states of a conversation.
fn almost_answers() -> impl Strategy<Value = Vec<u8>> {
    let pieces: &[&[u8]] = &[
        b"\x05\x00",
        b"\x05\x02",
        b"\x01\x00",
        b"\x05\x00\x00\x01",
        b"\x05\x00\x00\x03\x04",
        b"\x05\x00\x00\x04",
        b"HTTP/1.1 200",
        b"HTTP/1.1 100 Continue\r\n",
        b" OK",
        b"\r\n",
        b"\n",
        b"\r",
        b"X: y",
        b"\x00",
        b"\xff",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|it| it.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn splits_change_nothing(
        input in prop_oneof![almost_answers(), prop::collection::vec(any::<u8>(), 0..40)],
        cuts in prop::collection::btree_set(0_usize..60, 0..8),
        with_credentials in any::<bool>(),
    ) {
        let cuts: Vec<_> = cuts.into_iter().collect();
        let credentials = || with_credentials.then(credentials);
        for tunnel in [socks5(credentials()), http(credentials())] {
            let whole = drive(tunnel.clone(), &input, &[]);
            prop_assert_eq!(&drive(tunnel.clone(), &input, &cuts), &whole);
            let eager = drive_eagerly(tunnel.clone(), &input);
            prop_assert_eq!((&eager.sent, &eager.end), (&whole.sent, &whole.end));
            // After the end, no bytes are taken.
            if whole.end == Some(Ok(())) {
                prop_assert_eq!(eager.taken, whole.taken);
            }
        }
    }
}
