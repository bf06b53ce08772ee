//! Conversations with SOCKS5 and HTTP proxies equal those of the model, however bytes are split.

use endpoint_runtime::proto::tunnel::{
    Credentials, HttpConnect, MAX_HEAD, Order, Socks5, Target, Tunnel,
};

use crate::model::tunnel::{self, Conversation};

/// Checks the law. The first byte chooses the protocol, the target, and whether there are
/// credentials; the others are what the proxy sends.
pub fn holds(input: &[u8]) {
    let Some((choice, answers)) = input.split_first() else { return };
    // The credentials are made of the same bytes, so that the fuzzer also tries hostile ones.
    let line = answers.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let read = Credentials::parse(line);
    let plain = line.strip_suffix(b"\r").unwrap_or(line);
    let is_one_line = !plain.iter().any(u8::is_ascii_control);
    let has_user = plain.iter().position(|byte| *byte == b':').is_some_and(|colon| colon > 0);
    assert_eq!(read.is_ok(), is_one_line && has_user, "{}", line.escape_ascii());
    if let Ok(credentials) = &read {
        let rejoined = [credentials.user(), b":", credentials.password()].concat();
        assert_eq!(rejoined, plain);
    }
    let credentials = read.or_else(|_| Credentials::parse(b"fred:pa:ss"));
    let credentials = credentials.ok().filter(|_| choice & 2 != 0);
    let target = match choice >> 2 & 3 {
        0 => Target::new([192, 0, 2, 7].into(), 8080),
        1 => Target::new("2001:db8::7".parse().expect("an address"), 1),
        2 => Target::named("example.com", 443).expect("a name"),
        _ => Target::named("a_b.c-9.", 443).expect("a name"),
    };
    let tunnel = || -> Option<Tunnel> {
        Some(match choice & 1 {
            0 => Socks5::new(target.clone(), credentials.clone()).ok()?.into(),
            _ => HttpConnect::new(target.clone(), credentials.clone()).into(),
        })
    };
    let mut lengths = credentials.iter().flat_map(|it| [it.user().len(), it.password().len()]);
    let fits = choice & 1 == 1 || lengths.all(|length| (1..=255).contains(&length));
    let whole = tunnel();
    assert_eq!(whole.is_some(), fits, "{credentials:?}");
    let Some(whole) = whole else { return };
    let expected = match choice & 1 {
        0 => tunnel::socks5(&target, credentials.as_ref(), answers),
        _ => tunnel::http_connect(&target, credentials.as_ref(), answers),
    };
    assert_eq!(drive(whole, answers, usize::MAX), expected);
    let pieces = tunnel().expect("the same arguments as before");
    assert_eq!(drive(pieces, answers, 1), expected);
}

/// Returns answers of proxies of every shape, followed by bytes of the target.
pub fn samples() -> Vec<Vec<u8>> {
    let mut answers: Vec<(u8, Vec<u8>)> = Vec::new();
    let replies: [&[u8]; 4] = [
        b"\x05\0\0\x01\xc0\0\x02\x01\x1f\x90",
        b"\x05\0\0\x03\x0bexample.org\0\x50",
        b"\x05\0\0\x03\0\0\x50",
        b"\x05\0\0\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb",
    ];
    let greetings: [&[u8]; 4] = [b"\x05\0", b"\x05\x02\x01\0", b"\x05\x02\x05\0", b"\x05\xff"];
    for greeting in greetings {
        answers.extend(replies.map(|reply| (0, [greeting, reply, b"the target's"].concat())));
    }
    for code in 0..=10 {
        answers.push((0, [b"\x05\0\x05", &[code, 0, 1][..], &[7; 9]].concat()));
    }
    for status in
        ["100", "101", "199", "200", "204", "299", "300", "401", "403", "407", "500", "999"]
    {
        for fields in ["", "Via: x\r\n", "Content-Length: 5\r\nA: \r\r\n", "\x20folded\n"] {
            let text =
                format!("HTTP/1.1 {status} Reason\r\n{fields}\r\nHTTP/1.0 200\n\nthe target's");
            answers.push((1, text.into_bytes()));
        }
    }
    for line in ["HTTP/1.1 200", "HTTP/1.x 200", "HTTP/1.1 099 x", "HTTP/2 200", "HTTP/1.1 2000"] {
        answers.push((1, format!("{line}\r\n\r\n").into_bytes()));
    }
    for line in ["fred:", ":secret", "fred:secret\r", "fred:a:b", "fred", "a:bc", "ab:c", "a\tb:c"]
    {
        answers.extend([0, 1].map(|protocol| (protocol, format!("{line}\n").into_bytes())));
    }
    // Answers with lengths at the limit of the head, below it and above it.
    for length in [MAX_HEAD - 1, MAX_HEAD, MAX_HEAD + 1, 2 * MAX_HEAD] {
        let mut text = b"HTTP/1.1 200 OK\r\nA: ".to_vec();
        text.resize(length - 4, b'a');
        text.extend(b"\r\n\r\nthe target's");
        answers.push((1, text));
        answers.push((1, [b"HTTP/1.1 ".to_vec(), vec![b'2'; length]].concat()));
    }
    let choices = (0..4).flat_map(|target| [4 * target, 4 * target + 2]);
    let choices: Vec<u8> = choices.collect();
    answers
        .iter()
        .flat_map(|(protocol, bytes)| {
            choices.iter().map(move |choice| [&[protocol | choice][..], bytes].concat())
        })
        .collect()
}

/// Runs a tunnel on the bytes of a proxy. Each read returns at most `piece` bytes.
fn drive(mut tunnel: Tunnel, answers: &[u8], piece: usize) -> Conversation {
    let (mut at, mut sent) = (0, Vec::new());
    for _ in 0..=2 * answers.len() + 8 {
        match tunnel.order() {
            Order::Open => return Conversation { sent, end: Ok(Some(at)) },
            Order::Read { at_most } => {
                assert!(at_most > 0, "a read of nothing never ends");
                let rest = &answers[at..];
                let bytes = &rest[..rest.len().min(at_most).min(piece)];
                if bytes.is_empty() {
                    return Conversation { sent, end: Ok(None) };
                }
                match tunnel.answer(bytes) {
                    Ok(read) => {
                        assert_eq!(read, bytes.len(), "no more is read than belongs to the answer");
                        at += read;
                    }
                    Err(error) => {
                        let message = error.to_string();
                        assert!(!message.contains(char::is_control), "not escaped: {message:?}");
                        return Conversation { sent, end: Err(error) };
                    }
                }
            }
            Order::Send(message) => sent.push(message),
        }
    }
    panic!("the machine makes no progress");
}
