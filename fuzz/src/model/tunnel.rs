//! Conversations with SOCKS5 and HTTP proxies, as RFC 1928, 1929, 7617, 9110 and 9112 specify them.
//!
//! The real machines read no more bytes than they need. These functions have all bytes of the
//! proxy, and take one after another.

use std::net::IpAddr;

use endpoint_runtime::proto::tunnel::{Credentials, MAX_HEAD, Target, TargetHost, TunnelError};

/// The messages that a client sends to a proxy, and how the conversation ends.
#[derive(Debug, PartialEq, Eq)]
pub struct Conversation {
    /// The messages that the client sends, in order.
    pub sent: Vec<Vec<u8>>,
    /// How many bytes the proxy sends before those of the target. `None` if the client needs more.
    pub end: Result<Option<usize>, TunnelError>,
}

/// Why reading an answer stops early: an error, or `None` if bytes are missing.
type Stop = Option<TunnelError>;

/// Returns the conversation with a SOCKS5 proxy that sends `answers`.
pub fn socks5(target: &Target, credentials: Option<&Credentials>, answers: &[u8]) -> Conversation {
    let mut sent = Vec::new();
    let end =
        ended(socks5_answers(target, credentials, Answers { bytes: answers, at: 0 }, &mut sent));
    Conversation { sent, end }
}

/// Returns the conversation with an HTTP proxy that sends `answers`.
pub fn http_connect(
    target: &Target,
    credentials: Option<&Credentials>,
    answers: &[u8],
) -> Conversation {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n").into_bytes();
    if let Some(it) = credentials {
        let both = [it.user(), b":", it.password()].concat();
        request.extend(format!("Proxy-Authorization: Basic {}\r\n", base64(&both)).into_bytes());
    }
    request.extend(b"\r\n");
    let end = ended(http_answers(credentials.is_some(), Answers { bytes: answers, at: 0 }));
    Conversation { sent: vec![request], end }
}

fn ended(end: Result<usize, Stop>) -> Result<Option<usize>, TunnelError> {
    match end {
        Ok(length) => Ok(Some(length)),
        Err(None) => Ok(None),
        Err(Some(error)) => Err(error),
    }
}

/// The bytes that a proxy sends, and how many of them were read.
struct Answers<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Answers<'_> {
    fn byte(&mut self) -> Result<u8, Stop> {
        let byte = self.bytes.get(self.at).copied().ok_or(None)?;
        self.at += 1;
        Ok(byte)
    }

    fn skip(&mut self, count: usize) -> Result<(), Stop> {
        (0..count).try_for_each(|_| self.byte().map(drop))
    }
}

fn socks5_answers(
    target: &Target,
    credentials: Option<&Credentials>,
    mut answers: Answers<'_>,
    sent: &mut Vec<Vec<u8>>,
) -> Result<usize, Stop> {
    let version = |found: u8| {
        if found == 5 { Ok(()) } else { Err(Some(TunnelError::NotSocks5 { found })) }
    };
    sent.push(if credentials.is_some() { vec![5, 2, 0, 2] } else { vec![5, 1, 0] });
    version(answers.byte()?)?;
    match (answers.byte()?, credentials) {
        (0, _) => {}
        (2, Some(it)) => {
            let mut message = vec![1];
            for text in [it.user(), it.password()] {
                message.push(u8::try_from(text.len()).expect("the client refuses longer ones"));
                message.extend(text);
            }
            sent.push(message);
            // RFC 1929 requires version 1 here. Some proxies send 5, so any version is accepted.
            answers.byte()?;
            if answers.byte()? != 0 {
                return Err(Some(TunnelError::Credentials));
            }
        }
        (2 | 0xff, None) => return Err(Some(TunnelError::NoCredentials)),
        (0xff, Some(_)) => return Err(Some(TunnelError::NoMethod)),
        (found, _) => return Err(Some(TunnelError::UnknownMethod { found })),
    }
    let address = match target.host() {
        TargetHost::Address(IpAddr::V4(it)) => [&[1][..], &it.octets()].concat(),
        TargetHost::Address(IpAddr::V6(it)) => [&[4][..], &it.octets()].concat(),
        TargetHost::Name(it) => {
            [&[3, u8::try_from(it.len()).expect("names are short")], it.as_bytes()].concat()
        }
    };
    sent.push([&[5, 1, 0][..], &address, &target.port().to_be_bytes()].concat());
    version(answers.byte()?)?;
    match answers.byte()? {
        0 => {}
        code => return Err(Some(TunnelError::Refused { code })),
    }
    answers.skip(1)?;
    let address = match answers.byte()? {
        1 => 4,
        4 => 16,
        3 => usize::from(answers.byte()?),
        found => return Err(Some(TunnelError::UnknownAddress { found })),
    };
    answers.skip(address + 2)?;
    Ok(answers.at)
}

fn http_answers(has_credentials: bool, mut answers: Answers<'_>) -> Result<usize, Stop> {
    loop {
        let status = status_line(has_credentials, &mut answers)?;
        // The header ends at an empty line; a line of carriage returns counts as empty.
        while line(&mut answers)?.iter().any(|byte| *byte != b'\r') {}
        if status >= 200 {
            return Ok(answers.at);
        }
    }
}

/// Reads up to the next line feed, and returns the bytes before it.
fn line(answers: &mut Answers<'_>) -> Result<Vec<u8>, Stop> {
    let mut line = Vec::new();
    loop {
        match head_byte(answers)? {
            b'\n' => return Ok(line),
            byte => line.push(byte),
        }
    }
}

/// Reads a byte of an HTTP answer; an error if the answer's head is too long.
fn head_byte(answers: &mut Answers<'_>) -> Result<u8, Stop> {
    let byte = answers.byte()?;
    if answers.at > MAX_HEAD { Err(Some(TunnelError::HeadTooLong)) } else { Ok(byte) }
}

fn status_line(has_credentials: bool, answers: &mut Answers<'_>) -> Result<u16, Stop> {
    let mut line = Vec::new();
    loop {
        let byte = head_byte(answers)?;
        if byte == b'\n' {
            break;
        }
        line.push(byte);
        if line.len() <= 7 && !b"HTTP/1.".starts_with(&line) {
            return Err(Some(TunnelError::NotHttp { at: line.len(), found: byte }));
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    let start = |text: &[u8]| text[..text.len().min(100)].to_vec();
    let no_status = || Some(TunnelError::NoStatus { found: start(&line) });
    let (code, reason) = match line.get(7..) {
        Some([version, b' ', a, b, c, reason @ ..])
            if [version, a, b, c].iter().all(|it| it.is_ascii_digit()) =>
        {
            (100 * u16::from(a - b'0') + 10 * u16::from(b - b'0') + u16::from(c - b'0'), reason)
        }
        _ => return Err(no_status()),
    };
    let reason = match reason {
        [] => reason,
        [b' ', reason @ ..] => reason,
        _ => return Err(no_status()),
    };
    match code {
        ..=99 => Err(no_status()),
        401 | 407 if has_credentials => Err(Some(TunnelError::Credentials)),
        401 | 407 => Err(Some(TunnelError::NoCredentials)),
        // 101 switches to another protocol, which the client did not request, so it is an error.
        101 | 300.. => Err(Some(TunnelError::Status { status: code, reason: start(reason) })),
        _ => Ok(code),
    }
}

/// Encodes bytes in Base64, as RFC 4648, section 4 specifies it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for place in 0..4 {
            let six = usize::try_from(bits >> (18 - 6 * place) & 63).expect("six bits");
            text.push(if place <= group.len() { char::from(ALPHABET[six]) } else { '=' });
        }
    }
    text
}
