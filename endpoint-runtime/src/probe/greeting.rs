//! Identifies the protocol of a server by the first bytes that it sends.

/// The first bytes that servers of a protocol send, with the name of the protocol.
///
/// If one entry is a prefix of another, the longer one comes first.
const BEGINNINGS: [(&[u8], &str); 13] = [
    (b"HTTP/", "HTTP"),
    (b"SSH-", "SSH"),
    (b"* OK", "IMAP"),
    (b"* PREAUTH", "IMAP"),
    (b"+OK", "POP3"),
    (b"RFB ", "VNC"),
    (b"-NOAUTH", "Redis"),
    (b"-ERR", "Redis"),
    (b"-DENIED", "Redis"),
    (b"@RSYNCD:", "rsync"),
    (b"AMQP", "AMQP"),
    (b"NOTICE AUTH", "IRC"),
    (b"<?xml", "XMPP"),
];

/// Words in greetings with a three-digit code (RFC 5321, RFC 959), and the protocol they imply.
///
/// The code alone does not decide: `220` begins both SMTP and FTP.
const REPLIES: [(&[u8], &str); 5] = [
    (b"SMTP", "SMTP"),
    (b"FTP", "FTP"),
    (b"NNTP", "NNTP"),
    (b"InterNetNews", "NNTP"),
    (b"mail", "SMTP"),
];

/// The name of the protocol whose servers begin with these bytes; `None` if it is unknown.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::probe::protocol_of;
///
/// assert_eq!(protocol_of(b"SSH-2.0-OpenSSH_9.2p1\r\n"), Some("SSH"));
/// assert_eq!(protocol_of(b"220 mx.example.com ESMTP\r\n"), Some("SMTP"));
/// assert_eq!(protocol_of(b"hello"), None);
/// ```
pub fn protocol_of(first: &[u8]) -> Option<&'static str> {
    let begins = BEGINNINGS.iter().find(|(beginning, _)| first.starts_with(beginning));
    if let Some((_, name)) = begins {
        return Some(name);
    }
    // A TLS record: an alert or a handshake message, with major version 3.
    if let [21 | 22, 3, 0..=4, ..] = first {
        return Some("TLS");
    }
    // A MySQL packet: the length in three bytes, the number 0, and protocol version 10.
    if let [_, _, 0, 0, 10, ..] = first {
        return Some("MySQL");
    }
    // IAC WILL, WONT, DO or DONT (RFC 854).
    if let [255, 251..=254, ..] = first {
        return Some("telnet");
    }
    // An HTML page from a server that speaks HTTP/0.9, or from a proxy.
    let start = first.trim_ascii_start();
    if start.len() >= 5 && start[..5].eq_ignore_ascii_case(b"<html") {
        return Some("HTTP");
    }
    reply(first)
}

/// The protocol of a greeting such as `220 mx.example.com ESMTP`, by the words in it.
fn reply(first: &[u8]) -> Option<&'static str> {
    let [b'2' | b'4' | b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', text @ ..] = first else {
        return None;
    };
    let has = |word: &[u8]| text.windows(word.len()).any(|it| it.eq_ignore_ascii_case(word));
    REPLIES.iter().find(|(word, _)| has(word)).map(|(_, name)| *name)
}

/// The keyword that starts TLS after the greeting of a protocol, if there is one.
pub(super) fn upgrade_of(protocol: &str) -> Option<&'static str> {
    match protocol {
        "SMTP" | "IMAP" | "NNTP" => Some("STARTTLS"),
        "POP3" => Some("STLS"),
        "FTP" => Some("AUTH TLS"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_are_recognized() {
        for (first, protocol) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], Some("HTTP")),
            (b"\n<HTML><head>", Some("HTTP")),
            (b"220 ftp.example.com FTP server ready", Some("FTP")),
            (b"220 ProFTPD Server", Some("FTP")),
            (b"554 mail.example.com", Some("SMTP")),
            (b"200 news.example.com InterNetNews", Some("NNTP")),
            (b"* OK [CAPABILITY IMAP4rev1]", Some("IMAP")),
            (b"+OK POP3 ready", Some("POP3")),
            (b"\x4a\0\0\0\x0a8.0.36\0", Some("MySQL")),
            (b"\xff\xfd\x18", Some("telnet")),
            (b"\x15\x03\x03\0\x02\x02\x28", Some("TLS")),
            (b"220", None),
            (b"220 ready", None),
            (b"", None),
        ] {
            assert_eq!(protocol_of(first), protocol, "{}", first.escape_ascii());
        }
    }
}
