//! A minimal HTTP/1.1 server for metrics scrapers: one request per connection.
//!
//! The head of a request (request line and headers) has at most [`MAX_HEAD`] bytes. The body is not
//! read.

use httparse::{EMPTY_HEADER, Request, Status};
use smol::io::{AsyncReadExt, AsyncWriteExt};

use crate::runtime::Connection;

const MAX_HEAD: usize = 8 * 1024;
const MAX_HEADERS: usize = 64;
/// The maximum number of request bytes that the server reads and discards after its answer. Unread
/// bytes would make the kernel reset the connection and lose the answer.
const MAX_REST: usize = 64 * 1024;

const UNCACHED: &str = "Cache-Control: no-store\r\n";
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// What the HTTP paths `/metrics` and `/ready` answer.
pub(in crate::cli::serve) trait Endpoints: Send + Sync {
    /// The body of `/metrics`, in the OpenMetrics text format.
    fn metrics(&self) -> String;
    /// The answer of `/ready`: whether the relay accepts connections.
    fn is_ready(&self) -> bool;
}

/// Reads the head of a request and returns the complete HTTP answer. `None` if the client closes
/// the connection before the head is complete.
pub(super) async fn read_request(
    connection: &mut Connection,
    content: &dyn Endpoints,
) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    loop {
        let mut buffer = [0; 1024];
        let read = connection.read(&mut buffer).await?;
        if read == 0 {
            return Ok(None);
        }
        head.extend_from_slice(&buffer[..read]);
        if let Some(answer) = answer(&head, content) {
            return Ok(Some(answer));
        }
    }
}

/// Sends the answer, and closes the write side.
pub(super) async fn send_answer(connection: &mut Connection, answer: &[u8]) -> std::io::Result<()> {
    connection.write_all(answer).await?;
    connection.close().await
}

/// Reads and discards until the client closes its write side, up to [`MAX_REST`] bytes.
///
/// Closing a socket with unread bytes sends a TCP reset, which can discard the answer on its way.
pub(super) async fn linger(connection: Connection) -> std::io::Result<()> {
    let mut rest = connection.take(MAX_REST as u64);
    while rest.read(&mut [0; 1024]).await? > 0 {}
    Ok(())
}

/// Returns the answer to a request, or `None` while its head is incomplete.
fn answer(head: &[u8], content: &dyn Endpoints) -> Option<Vec<u8>> {
    let mut headers = [EMPTY_HEADER; MAX_HEADERS];
    let mut request = Request::new(&mut headers);
    match request.parse(head) {
        Ok(Status::Complete(_)) => Some(answer_to(&request, content)),
        Ok(Status::Partial) if head.len() < MAX_HEAD => None,
        Ok(Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            Some(refusal("431 Request Header Fields Too Large", "the request is too long"))
        }
        Err(httparse::Error::Version) => {
            Some(refusal("505 HTTP Version Not Supported", "this is HTTP/1.1"))
        }
        Err(_) => Some(refusal("400 Bad Request", "this is not a request")),
    }
}

fn answer_to(request: &Request<'_, '_>, content: &dyn Endpoints) -> Vec<u8> {
    let method = request.method.unwrap_or_default();
    let hosts = request.headers.iter().filter(|it| it.name.eq_ignore_ascii_case("host")).count();
    if hosts > 1 || (hosts == 0 && request.version == Some(1)) {
        return refusal("400 Bad Request", "expected one `Host`");
    }
    let (status, header, kind, body) = match path(request.path.unwrap_or_default()) {
        _ if !matches!(method, "GET" | "HEAD") => {
            let status = "405 Method Not Allowed";
            (status, "Allow: GET, HEAD\r\n", PLAIN, "expected GET or HEAD\n".to_owned())
        }
        "/metrics" => ("200 OK", "Vary: Accept\r\n", content_type(request), content.metrics()),
        "/ready" if content.is_ready() => ("200 OK", UNCACHED, PLAIN, "ready\n".to_owned()),
        "/ready" => ("503 Service Unavailable", UNCACHED, PLAIN, "draining\n".to_owned()),
        _ => ("404 Not Found", "", PLAIN, "expected /metrics or /ready\n".to_owned()),
    };
    response(status, header, kind, &body, method != "HEAD")
}

/// The path of a request target without the query. The target is a path or an absolute URL.
fn path(target: &str) -> &str {
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => target,
    };
    path.split('?').next().unwrap_or_default()
}

/// Returns the content type: OpenMetrics, unless the client accepts only the older Prometheus
/// format. The body is valid in both formats.
fn content_type(request: &Request<'_, '_>) -> &'static str {
    let accepts = |kinds: &[&str]| {
        let accept = request.headers.iter().filter(|it| it.name.eq_ignore_ascii_case("accept"));
        let mut accepted = accept
            .flat_map(|it| it.value.split(|byte| *byte == b','))
            .filter_map(|range| std::str::from_utf8(range).ok())
            .map(|range| range.split(';').next().unwrap_or_default().trim());
        accepted.any(|range| kinds.iter().any(|kind| range.eq_ignore_ascii_case(kind)))
    };
    let is_newer = accepts(&["application/openmetrics-text", "application/*", "*/*"]);
    if !is_newer && accepts(&["text/plain", "text/*"]) { PROMETHEUS } else { OPENMETRICS }
}

fn refusal(status: &str, why: &str) -> Vec<u8> {
    response(status, "", PLAIN, &format!("{why}\n"), true)
}

fn response(status: &str, header: &str, kind: &str, body: &str, with_body: bool) -> Vec<u8> {
    let length = body.len();
    let body = if with_body { body } else { "" };
    format!(
        "HTTP/1.1 {status}\r\n{header}Content-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The number of bytes at which a head that is not complete yet is refused.
#[cfg(feature = "__fuzz")]
pub const MAX_METRICS_HEAD: usize = MAX_HEAD;

/// The answer to the head of a request, or `None` if it is incomplete; for the fuzzer.
#[cfg(feature = "__fuzz")]
pub fn metrics_answer(head: &[u8]) -> Option<Vec<u8>> {
    answer(head, &Draining)
}

/// Answers as a relay that drains and has one metric.
#[cfg(any(test, feature = "__fuzz"))]
struct Draining;

#[cfg(any(test, feature = "__fuzz"))]
impl Endpoints for Draining {
    fn metrics(&self) -> String {
        "metric 1\n# EOF\n".into()
    }

    fn is_ready(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(head: &str) -> Option<String> {
        let answer = answer(head.as_bytes(), &Draining)?;
        Some(String::from_utf8(answer).unwrap())
    }

    #[track_caller]
    fn is_answered(head: &str, status: &str) -> String {
        let answer = answered(head).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
        answer
    }

    const REQUEST: &str = "GET /metrics HTTP/1.1\r\nHost: here\r\nAccept: */*\r\n\r\n";

    #[test]
    fn a_request_may_come_in_pieces() {
        for end in 0..REQUEST.len() {
            assert_eq!(answered(&REQUEST[..end]), None);
        }
        assert_eq!(
            is_answered(REQUEST, "200 OK"),
            "HTTP/1.1 200 OK\r\nVary: Accept\r\n\
             Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n\
             Content-Length: 15\r\nConnection: close\r\n\r\nmetric 1\n# EOF\n"
        );
    }

    #[test]
    fn head_is_answered_without_a_body() {
        let answer = is_answered("HEAD /metrics?x HTTP/1.0\r\n\r\n", "200 OK");
        assert!(answer.contains("Content-Length: 15\r\n") && answer.ends_with("\r\n\r\n"));
        let answer = is_answered("HEAD / HTTP/1.0\r\n\r\n", "404 Not Found");
        assert!(answer.ends_with("\r\n\r\n"));
    }

    #[test]
    fn the_newest_accepted_content_type_is_sent() {
        let kind = |accept: &str| {
            let head = format!("GET http://here/metrics HTTP/1.1\r\nHost: here\r\n{accept}\r\n");
            is_answered(&head, "200 OK").contains(OPENMETRICS)
        };
        assert!(kind(""));
        assert!(kind("accept: text/plain;q=0.5, application/openmetrics-text; version=1.0.0\r\n"));
        assert!(kind("Accept: text/html\r\n"));
        assert!(!kind("Accept: text/plain; version=0.0.4\r\n"));
    }

    #[test]
    fn other_requests_get_a_status() {
        is_answered("GET / HTTP/1.1\r\nHost: here\r\n\r\n", "404 Not Found");
        is_answered("GET /ready HTTP/1.1\r\nHost: here\r\n\r\n", "503 Service Unavailable");
        is_answered("GET /metrics HTTP/1.1\r\n\r\n", "400 Bad Request");
        is_answered("\x16\x03\x01 hello", "400 Bad Request");
        is_answered("GET /metrics HTTP/2.0\r\n", "505 HTTP Version Not Supported");
        let answer =
            is_answered("POST /metrics HTTP/1.1\r\nHost: here\r\n\r\n", "405 Method Not Allowed");
        assert!(answer.contains("\r\nAllow: GET, HEAD\r\n"));
        let long = format!("GET /{} HTTP/1.1", "x".repeat(MAX_HEAD));
        is_answered(&long, "431 Request Header Fields Too Large");
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(MAX_HEADERS + 1));
        is_answered(&many, "431 Request Header Fields Too Large");
    }
}
