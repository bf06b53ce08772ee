//! What the benchmarks read: descriptions that people have written.

use std::fs;
use std::path::Path;

/// What is needed of a vector.
#[derive(serde::Deserialize)]
struct Vector {
    id: String,
    input: String,
    ok: Option<serde_json::Value>,
}

/// The server descriptions of the specification that were found in use and that Twisted accepts.
///
/// # Panics
///
/// Where `spec/vectors` cannot be read, or is not what its README says.
pub fn servers() -> Vec<String> {
    in_use("server.json")
}

/// As [`servers`], for clients.
///
/// # Panics
///
/// As [`servers`].
pub fn clients() -> Vec<String> {
    in_use("client.json")
}

#[expect(clippy::expect_used, reason = "without its inputs no benchmark means anything")]
fn in_use(file: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors").join(file);
    let text = fs::read_to_string(path).expect("the vectors are there");
    let vectors: Vec<Vector> = serde_json::from_str(&text).expect("the vectors are as described");
    let wanted = |vector: &Vector| vector.ok.is_some() && vector.id.contains("/wild-");
    vectors.into_iter().filter(wanted).map(|vector| vector.input).collect()
}

/// URLs as long and as varied as the descriptions, for the parser that people know.
pub const URLS: [&str; 20] = [
    "http://127.0.0.1:8080",
    "https://example.com:443/",
    "http://[::1]:8080/",
    "https://example.com/a/b?c=d",
    "unix:///run/app.sock?mode=660",
    "tcp://0.0.0.0:9989",
    "ssl://example.com:443?privateKey=key.pem&certKey=crt.pem",
    "postgres://user:password@db.example.com:5432/name",
    "http://localhost:8000",
    "https://tor.example.org:9051/?timeout=30",
    "amqp://broker:5672/%2fvhost",
    "http://[2001:db8::1]:80",
    "file:///etc/ssl/server.pem",
    "redis://10.0.0.1:6379/0",
    "https://xn--bcher-kva.example/",
    "ws://example.com:80/socket",
    "tcp://192.0.2.1:22?bindAddress=192.0.2.2",
    "https://a.very.long.host.name.example.com:8443/path/to/some/thing",
    "mailto:someone@example.com",
    "systemd://INET?index=0",
];
