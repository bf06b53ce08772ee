//! Laws of the metrics server: any bytes get one valid HTTP answer, or more bytes are needed.

use strports::fuzzing::{MAX_METRICS_HEAD, metrics_answer};

/// Checks the law: `request` is what a client has sent.
pub fn holds(request: &[u8]) {
    let answer = metrics_answer(request);
    // The server tries to answer after each read, and so sends the first answer that there is.
    let first = (1..=request.len()).find_map(|end| metrics_answer(&request[..end]));
    assert_eq!(first.is_some(), answer.is_some(), "the answer depends on how bytes arrive");
    let Some(answer) = first.or(answer) else {
        assert!(request.len() < MAX_METRICS_HEAD, "a head without end is read for ever");
        return;
    };
    let text = String::from_utf8(answer).expect("the answer is text");
    let (head, body) = text.split_once("\r\n\r\n").expect("the head ends");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|it| it.strip_prefix("HTTP/1.1 ")).expect("a status line");
    let code: u16 = status[..3].parse().expect("three digits");
    assert!(matches!(code, 200 | 400 | 404 | 405 | 431 | 503 | 505), "{status}");
    let mut length = None;
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header field");
        if name == "Content-Length" {
            assert_eq!(length.replace(value.parse::<usize>().expect("a number")), None);
        }
    }
    // As RFC 9112, section 2.2 allows, empty lines before the request are ignored.
    let begin = request.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(0);
    let is_head = request[begin..].starts_with(b"HEAD ") && !matches!(code, 400 | 431 | 505);
    let length = length.expect("a length");
    assert_eq!(body.len(), if is_head { 0 } else { length }, "{text}");
    expected(request, code);
}

/// Compares the status code with that of a simple implementation, for simple requests only.
fn expected(request: &[u8], code: u16) {
    let Ok(text) = std::str::from_utf8(request) else { return };
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return };
    let mut lines = head.split("\r\n");
    let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [method, target, version] = words[..] else { return };
    let is_plain =
        |it: &str| it.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/?=:.".contains(&byte));
    if !["GET", "HEAD", "POST"].contains(&method) || !is_plain(target) || target.is_empty() {
        return;
    }
    if version != "HTTP/1.1" && version != "HTTP/1.0" {
        return;
    }
    let (mut hosts, mut fields) = (0, 0);
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else { return };
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-/*; ,=.".contains(&byte);
        if name.is_empty()
            || !name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
            || !value.bytes().all(fits)
        {
            return;
        }
        fields += 1;
        hosts += usize::from(name.eq_ignore_ascii_case("host"));
    }
    // Near the server's limits, the simple implementation does not say which status is sent.
    if fields > 60 || head.len() + 4 > MAX_METRICS_HEAD {
        return;
    }
    let behind_host = target
        .split_once("://")
        .map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let path = behind_host.split('?').next().unwrap_or_default();
    let expected = match path {
        _ if hosts > 1 || (hosts == 0 && version == "HTTP/1.1") => 400,
        _ if method == "POST" => 405,
        "/metrics" => 200,
        "/ready" => 503,
        _ => 404,
    };
    assert_eq!(code, expected, "{text:?}");
}

/// Returns requests of every shape, valid and invalid.
pub fn samples() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for method in ["GET", "HEAD", "POST", "get"] {
        for target in
            ["/metrics", "/metrics?x", "/ready", "/", "http://h/metrics", "http://h", "*", "//"]
        {
            for version in ["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/1.1 "] {
                for fields in [
                    "Host: h",
                    "host: h\r\nHOST: h",
                    "Host: h\r\nAccept: text/plain;version=0.0.4, text/html",
                    "Host: h\r\nAccept: application/openmetrics-text",
                    "A: b",
                ] {
                    all.push(
                        format!("{method} {target} {version}\r\n{fields}\r\n\r\nrest").into_bytes(),
                    );
                }
            }
        }
    }
    for count in [62, 63, 64, 65] {
        all.push(
            format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "a: b\r\n".repeat(count)).into_bytes(),
        );
    }
    for length in [MAX_METRICS_HEAD - 60, MAX_METRICS_HEAD, MAX_METRICS_HEAD + 60] {
        all.push(format!("GET /{} HTTP/1.1\r\nHost: h\r\n\r\n", "x".repeat(length)).into_bytes());
    }
    all
}
