//! The inputs of the benchmarks, which are equal in every run.

use std::fs;
use std::path::Path;

use strports_syntax::{ClientEndpoint, Role, ServerEndpoint, Text};

/// The text of a description, and the role that it is parsed in.
#[derive(Clone, Debug)]
pub struct Input {
    pub role: Role,
    pub text: String,
}

/// The fields of a test vector of the specification that benchmarks need.
#[derive(serde::Deserialize)]
struct Vector {
    id: String,
    input: String,
    ok: Option<serde_json::Value>,
}

fn vectors(file: &str) -> Vec<Vector> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors").join(file);
    let text = fs::read_to_string(path).expect("the vectors are there");
    serde_json::from_str(&text).expect("the vectors are as described")
}

/// Returns the inputs of all test vectors of the specification, of every kind.
pub fn all_vectors() -> Vec<String> {
    let files = ["client", "coercion", "errors", "parse", "quote", "server", "tokenize"];
    files
        .iter()
        .flat_map(|file| vectors(&format!("{file}.json")))
        .map(|vector| vector.input)
        .collect()
}

/// Returns the test vectors that were found in real files. `ok` selects those that Twisted accepts;
/// otherwise those that it refuses.
fn in_use(role: Role, ok: bool) -> Vec<Input> {
    let file = if role == Role::Server { "server.json" } else { "client.json" };
    vectors(file)
        .into_iter()
        .filter(|vector| vector.ok.is_some() == ok && vector.id.contains("/wild-"))
        .map(|vector| Input { role, text: vector.input })
        .collect()
}

/// Returns descriptions from real files that both Twisted and this project accept.
fn accepted(role: Role) -> impl Iterator<Item = Input> {
    in_use(role, true).into_iter().filter(|input| match input.role {
        Role::Server => ServerEndpoint::parse(&input.text).is_ok(),
        Role::Client => ClientEndpoint::parse(&input.text).is_ok(),
    })
}

fn nests(input: &Input) -> bool {
    input.text.starts_with("haproxy:") || input.text.contains("endpoint=")
}

/// Returns 40 descriptions from real files: 24 servers and 16 clients, none nested.
pub fn realistic() -> Vec<Input> {
    let spread = |role, count| {
        let all: Vec<Input> = accepted(role).filter(|input| !nests(input)).collect();
        (0..count).map(move |index| all[index * all.len() / count].clone()).collect::<Vec<_>>()
    };
    let mut chosen = spread(Role::Server, 24);
    chosen.extend(spread(Role::Client, 16));
    chosen
}

/// Returns nested descriptions, which are parsed with allocations.
pub fn nested() -> Vec<Input> {
    accepted(Role::Server).chain(accepted(Role::Client)).filter(nests).collect()
}

/// Returns descriptions from real files that Twisted refuses.
pub fn refused() -> Vec<Input> {
    [in_use(Role::Server, false), in_use(Role::Client, false)].concat()
}

/// Returns the values with escapes in descriptions from real files.
pub fn escaped_values() -> Vec<Text<'static>> {
    [in_use(Role::Server, true), in_use(Role::Client, true)]
        .concat()
        .into_iter()
        .flat_map(|input| {
            let input: &'static str = input.text.leak();
            let description = strports_syntax::Description::parse(input).ok();
            description.into_iter().flat_map(|description| description.arguments())
        })
        .map(|argument| argument.value)
        .filter(Text::is_escaped)
        .collect()
}

/// The shape of an input of any size: unusual ones, which an attacker may send, and common ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Colons,
    Backslashes,
    /// A single long argument without any delimiter.
    Plain,
    /// A single long value after a keyword.
    Value,
    /// A single long argument in which every second character is escaped.
    Escaped,
    /// The descriptions of [`realistic`], repeated, with colons between them.
    Realistic,
    /// Random descriptions, with colons between them.
    Random,
}

impl Shape {
    pub const ALL: [Self; 7] = [
        Self::Colons,
        Self::Backslashes,
        Self::Plain,
        Self::Value,
        Self::Escaped,
        Self::Realistic,
        Self::Random,
    ];
    /// The shapes that an attacker may send.
    pub const HOSTILE: [Self; 5] =
        [Self::Colons, Self::Backslashes, Self::Plain, Self::Value, Self::Escaped];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Colons => "colons",
            Self::Backslashes => "backslashes",
            Self::Plain => "plain",
            Self::Value => "value",
            Self::Escaped => "escaped",
            Self::Realistic => "realistic",
            Self::Random => "random",
        }
    }

    /// Returns `prefix` followed by text of this shape, with `size` bytes in total.
    pub fn text(self, prefix: &str, size: usize) -> String {
        let mut text = String::with_capacity(size + 128);
        text.push_str(prefix);
        match self {
            Self::Colons => fill(&mut text, size, || ":".into()),
            Self::Backslashes => fill(&mut text, size, || r"\\".into()),
            Self::Plain => fill(&mut text, size, || "x".into()),
            Self::Value => {
                text.push_str("k=");
                fill(&mut text, size, || "v".into());
            }
            Self::Escaped => fill(&mut text, size, || r"a\:".into()),
            Self::Realistic => {
                let mut pieces = realistic().into_iter().cycle();
                fill(&mut text, size, || {
                    pieces.next().map(|piece| piece.text + ":").unwrap_or_default()
                });
            }
            Self::Random => {
                let mut random = Random::new();
                fill(&mut text, size, || random.description() + ":");
            }
        }
        // If the cut separates a backslash from the character that it escapes, the text would end
        // in a trailing backslash, so the backslash is replaced.
        text.truncate(size);
        if text.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1 {
            text.pop();
            text.push('x');
        }
        text
    }
}

fn fill(text: &mut String, size: usize, mut piece: impl FnMut() -> String) {
    while text.len() < size {
        text.push_str(&piece());
    }
}

/// Returns random descriptions with realistic lengths, delimiters and escapes.
pub fn random(count: usize) -> Vec<String> {
    let mut random = Random::new();
    (0..count).map(|_| random.description()).collect()
}

/// The random number generator `SplitMix64` with a fixed seed, so that inputs are reproducible.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    #[expect(clippy::new_without_default, reason = "a default would hide the fixed seed")]
    pub const fn new() -> Self {
        Self(0x7374_7270_6f72_7473)
    }

    /// Returns a random number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // The upper 32 bits are much larger than `limit`, so the bias of the remainder is
        // negligible.
        let upper = (mixed ^ (mixed >> 31)) >> 32;
        usize::try_from(upper).unwrap_or_default() % limit
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Returns a random description: a type and up to five arguments. Three in five arguments have
    /// a key, one value in ten has escapes, and one description in 200 ends in a trailing
    /// backslash.
    pub fn description(&mut self) -> String {
        let types = ["tcp", "tcp6", "ssl", "tls", "unix", "systemd", "fd", "process", "stdio"];
        let mut text = String::from(self.pick(&types));
        for _ in 0..self.below(6) {
            text.push(':');
            if self.below(5) < 3 {
                self.letters(&mut text, 12, 0);
                text.push('=');
            }
            let escapes = if self.below(10) == 0 { 15 } else { 0 };
            self.letters(&mut text, 28, escapes);
        }
        if self.below(200) == 0 {
            text.push('\\');
        }
        text
    }

    fn letters(&mut self, text: &mut String, most: usize, escapes_in_hundred: usize) {
        const PLAIN: &[u8] = b"abcdefghijklmnopqrstuvwxyz/.-_0123456789";
        for _ in 0..self.below(most) {
            if self.below(100) < escapes_in_hundred {
                text.push_str(self.pick(&[r"\:", r"\\", r"\="]));
            } else {
                text.push(char::from(self.pick(PLAIN)));
            }
        }
    }
}

/// URIs that both `url` and `http::Uri` accept, as long and as varied as the descriptions.
pub const URIS: [&str; 20] = [
    "http://127.0.0.1:8080",
    "https://example.com:443/",
    "http://[::1]:8080/",
    "https://example.com/a/b?c=d",
    "unix://local/run/app.sock?mode=660",
    "tcp://0.0.0.0:9989",
    "ssl://example.com:443?privateKey=key.pem&certKey=crt.pem",
    "postgres://user:password@db.example.com:5432/name",
    "http://localhost:8000",
    "https://tor.example.org:9051/?timeout=30",
    "amqp://broker:5672/%2fvhost",
    "http://[2001:db8::1]:80",
    "tcp://www.example.com:80?bindAddress=192.0.2.100",
    "redis://10.0.0.1:6379/0",
    "https://xn--bcher-kva.example/",
    "ws://example.com:80/socket",
    "tcp://192.0.2.1:22?bindAddress=192.0.2.2",
    "https://a.very.long.host.name.example.com:8443/path/to",
    "ssl://0.0.0.0:8000?privateKey=/app/private.key&certKey=/app/certificate.crt",
    "systemd://INET?index=0",
];

/// D-Bus addresses that are about as long as the descriptions.
pub const BUSES: [&str; 12] = [
    "unix:path=/run/user/1000/bus",
    "unix:path=/var/run/dbus/system_bus_socket",
    "unix:abstract=/tmp/dbus-8vBcMRQd6H",
    "unix:path=/tmp/bus,guid=d56a7c2fa1b54f6e9c0e3b8a6a1b2c3d",
    "tcp:host=localhost,port=4142",
    "tcp:host=127.0.0.1,port=12434,family=ipv4",
    "tcp:host=example.com,port=1234",
    "unix:tmpdir=/tmp",
    "unix:dir=/tmp/dbus-test",
    "tcp:host=0.0.0.0,port=0,family=ipv4",
    "unix:path=/run/a",
    "tcp:host=www.example.com,port=8080,family=ipv6",
];
