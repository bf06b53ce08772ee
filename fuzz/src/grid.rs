//! Generates descriptions of every type of Twisted: every parameter with every value of its grid,
//! and every number of positional arguments.
//!
//! The types and parameters are copied from Twisted's functions and not from the signature table,
//! so that an error in the table is noticed.

use strports_syntax::quote_string_argument;

/// A type of Twisted: its name, its parameters in positional order, and how many are required.
struct Type {
    name: &'static str,
    parameters: &'static [(&'static str, Grid)],
    required: usize,
}

/// Which grid of values a parameter is tried with.
#[derive(Clone, Copy, PartialEq)]
enum Grid {
    Integer,
    Host,
    Text,
    Domain,
    Method,
    /// A nested description, escaped as one argument.
    Description,
}

use Grid::{Description, Domain, Host, Integer, Method, Text};

const SERVERS: [Type; 7] = [
    Type {
        name: "tcp",
        parameters: &[("port", Integer), ("interface", Host), ("backlog", Integer)],
        required: 1,
    },
    Type {
        name: "tcp6",
        parameters: &[("port", Integer), ("backlog", Integer), ("interface", Host)],
        required: 1,
    },
    Type {
        name: "unix",
        parameters: &[
            ("address", Text),
            ("mode", Integer),
            ("backlog", Integer),
            ("lockfile", Integer),
        ],
        required: 1,
    },
    Type {
        name: "ssl",
        parameters: &[
            ("port", Integer),
            ("privateKey", Text),
            ("certKey", Text),
            ("sslmethod", Method),
            ("interface", Host),
            ("backlog", Integer),
            ("extraCertChain", Text),
            ("dhParameters", Text),
        ],
        required: 1,
    },
    Type {
        name: "tls",
        parameters: &[("path", Text), ("port", Integer), ("backlog", Integer), ("interface", Host)],
        required: 1,
    },
    Type {
        name: "systemd",
        parameters: &[("domain", Domain), ("index", Integer), ("name", Text)],
        required: 2,
    },
    Type { name: "stdio", parameters: &[], required: 0 },
];

const CLIENTS: [Type; 4] = [
    Type {
        name: "tcp",
        parameters: &[
            ("host", Host),
            ("port", Integer),
            ("timeout", Integer),
            ("bindAddress", Host),
        ],
        required: 2,
    },
    Type {
        name: "ssl",
        parameters: &[
            ("host", Host),
            ("port", Integer),
            ("timeout", Integer),
            ("bindAddress", Host),
            ("certKey", Text),
            ("privateKey", Text),
            ("caCertsDir", Text),
            ("hostname", Host),
        ],
        required: 2,
    },
    Type {
        name: "unix",
        parameters: &[
            ("path", Text),
            ("lockfile", Integer),
            ("timeout", Integer),
            ("checkPID", Integer),
        ],
        required: 1,
    },
    Type {
        name: "tls",
        parameters: &[
            ("host", Host),
            ("port", Integer),
            ("timeout", Integer),
            ("bindAddress", Host),
            ("certificate", Text),
            ("privateKey", Text),
            ("trustRoots", Text),
            ("endpoint", Description),
        ],
        required: 2,
    },
];

/// Returns the descriptions of all types of Twisted.
pub fn descriptions() -> Vec<String> {
    let mut all = Vec::new();
    for one in SERVERS.iter().chain(&CLIENTS) {
        for name in [one.name, &one.name.to_uppercase(), &one.name[1..]] {
            all.extend(one.positional(name));
        }
        let keywords = one.keywords();
        // `haproxy:` joins its arguments to a description, which changes how they are quoted.
        all.extend(keywords.iter().map(|it| format!("haproxy:{it}")));
        all.extend(keywords);
    }
    all
}

/// Descriptions, each with arguments for them that only strports supports.
const EXTENSIONS: &[(&[&str], &[&str])] = &[
    (
        &["tcp:1", "tcp6:1", "ssl:1:/k:/c", "tls:/a", "tcp:h:1", "tcp6:h:1", "ssl:h:1", "tls:h:1"],
        &[
            "reusePort=1",
            "v6only=1",
            "keepAlive=60",
            "keepAlive=60,10",
            "keepAlive=60,10,5",
            "keepAlive=0",
            "userTimeout=20",
            "device=eth0",
            "attemptDelay=0.5",
            "clientCAs=/b",
            "alpn=h2,http/1.1",
            "alpn=h2,",
            "sslmethod=TLSv1_2_METHOD",
            "sslmethod=TLSv1_3_METHOD",
            "extraCertChain=/chain",
            "interface=fe80\\:\\:1%lo",
            "bindAddress=127.0.0.1\\:80",
            "bindAddress=[\\:\\:1]\\:80",
            "bindAddress=[\\:\\:1]",
            "bindAddress=h\\:+1",
            "hostname=other",
            "privateKey=/k",
            "certKey=/c",
            "certificate=/c",
            "trustRoots=/r",
            "timeout=7",
            "backlog=7",
            "endpoint=unix\\:/s",
            "endpoint=unix\\:/s\\:lockfile=1",
            "endpoint=tcp\\:h\\:2\\:timeout=3",
        ],
    ),
    (
        &["unix:/a", "unix:/é"],
        &[
            "abstract=1",
            "abstract=0",
            "user=www",
            "group=33",
            "mode=660",
            "lockfile=0",
            "timeout=7",
        ],
    ),
    (
        &[
            "haproxy:tcp:1",
            "haproxy:unix:/a",
            "haproxy:stdio:",
            "haproxy:systemd:UNIX:index=0",
            "haproxy:systemd:INET:name=a",
            "haproxy:tls:/a",
            "haproxy:haproxy:fd:3",
            "haproxy:tcp:h:1",
            "haproxy:tls:h:1",
        ],
        &[
            "proxyTrusted=10.0.0.0/8,\\:\\:1",
            "proxyVersion=1",
            "proxyVersion=2",
            "proxyTlvs=ssl,alpn,ssl",
            "proxyTlvs=forward",
            "backlog=7",
        ],
    ),
    (&["fd:3", "fd:fileno=4", "systemd:INET:name=a\\:b", "stdio:"], &["fd=5"]),
    (
        &["process:/a", "process:/a:b:c", "process:executable=/a:b", "process:"],
        &[
            "args=b",
            "cwd=/d",
            "env=A=1",
            "env=A",
            "env=A=b=c",
            "env=",
            "env==1",
            "clearEnv=1",
            "clearEnv=0",
            "uid=7",
            "gid=8",
            "usePTY=1",
            "stderr=drop",
            "stderr=inherit",
        ],
    ),
    (
        &["socks5:h:1", "http-connect:h:1", "socks5:h:port=2"],
        &[
            "endpoint=tcp\\:p\\:1080",
            "endpoint=unix\\:/s",
            "endpoint=tls\\:p\\:2\\:endpoint=unix\\\\\\:/s",
            "credentials=/c",
        ],
    ),
];

/// Returns every description with each of its arguments, and with each two of them in both orders.
pub fn extensions() -> Vec<String> {
    let mut all = Vec::new();
    for (descriptions, arguments) in EXTENSIONS {
        for it in *descriptions {
            all.push((*it).to_owned());
            for one in *arguments {
                all.push(format!("{it}:{one}"));
                all.extend(arguments.iter().map(|other| format!("{it}:{one}:{other}")));
            }
        }
    }
    for length in [0, 1, 106, 107, 108] {
        let name = "x".repeat(length);
        for end in ["", ":abstract=1"] {
            all.extend(["", "/", "\0"].map(|start| format!("unix:{start}{name}{end}")));
        }
    }
    all
}

impl Type {
    /// Returns descriptions with every number of positional arguments, with and without one
    /// keyword.
    fn positional(&self, name: &str) -> Vec<String> {
        let mut all = Vec::new();
        for count in 0..=self.parameters.len() + 1 {
            let arguments = (0..count).map(|at| {
                let grid = self.parameters.get(at).map_or(Integer, |it| it.1);
                format!(":{}", quoted(usual(grid)))
            });
            let text = format!("{name}{}", arguments.collect::<Vec<_>>().concat());
            let of_python = ["self", "reactor", "factory", "unknown"];
            let keywords = self.parameters.iter().copied();
            for (keyword, grid) in keywords.chain(of_python.map(|it| (it, Integer))) {
                let argument = format!("{keyword}={}", quoted(usual(grid)));
                let other = format!("{keyword}={}", quoted(another(grid)));
                all.push(format!("{text}:{argument}"));
                all.push(format!("{text}:{argument}:{other}"));
                all.push(format!("{text}:{other}:{argument}"));
                all.push(format!("{name}:{argument}{}", &text[name.len()..]));
                all.push(format!("{text}:{}", argument.to_lowercase()));
            }
            all.push(text);
        }
        all
    }

    /// Returns descriptions with every value of every parameter, and with the required parameters.
    fn keywords(&self) -> Vec<String> {
        let mut all = Vec::new();
        for (name, grid) in self.parameters {
            let others = self.parameters[..self.required].iter().filter(|it| it.0 != *name);
            let others: Vec<String> =
                others.map(|it| format!(":{}={}", it.0, quoted(usual(it.1)))).collect();
            let start = format!("{}{}", self.name, others.concat());
            let values = values(*grid);
            all.extend(values.iter().map(|value| format!("{start}:{name}={}", quoted(value))));
        }
        all
    }
}

fn quoted(value: &str) -> String {
    quote_string_argument(value)
}

/// Returns a value that is valid for every parameter with this grid. `1` is a flag, a port, a time
/// and an index.
fn usual(grid: Grid) -> &'static str {
    match grid {
        Integer => "1",
        Host => "127.0.0.1",
        Text => "/a",
        Domain => "INET",
        Method => "TLS_METHOD",
        Description => "tcp:h:1",
    }
}

/// Returns a second value of the grid, so that tests show which of two values applies.
fn another(grid: Grid) -> &'static str {
    match grid {
        Integer => "0",
        Host => "127.0.0.2",
        Text => "/b",
        Domain => "INET6",
        Method => "TLSv1_2_METHOD",
        Description => "tcp:i:2",
    }
}

fn values(grid: Grid) -> Vec<String> {
    match grid {
        Integer => integers(),
        Host => hosts(),
        Text => owned(&["", "/", "a b", "é", "a:b", "a=b", "a\\b", "-1", "0", "\u{202f}"]),
        Domain => owned(&["INET", "INET6", "UNIX", "AF_INET", "inet", "INET7", "", " INET"]),
        Method => owned(&[
            "TLS_METHOD",
            "TLS_SERVER_METHOD",
            "SSLv23_METHOD",
            "TLSv1_2_METHOD",
            "tls_method",
            "TLSv1_3_METHOD",
            "SSLv2_METHOD",
            "Context",
            "",
        ]),
        Description => owned(&[
            "tcp:h:1",
            "tls:h:1:endpoint=unix\\:/a",
            "unix:/a:lockfile=1",
            "tcp:h",
            "systemd:INET:index=0",
            "",
            ":",
            "tcp:h:1:timeout=\\:",
        ]),
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}

/// Returns signs, prefixes and digits in every combination, white space of every kind, and limits.
fn integers() -> Vec<String> {
    let mut all = Vec::new();
    for sign in ["", "+", "-", "--", "+ ", "_"] {
        for prefix in ["", "0", "00", "_", "0o", "0O", "0o_", "0O_", "0x", "0b", "o", "0_", "_0o"] {
            for digits in
                ["", "0", "7", "8", "10", "1_0", "100_0", "1__0", "1_", "660", "1.0", "1e1"]
            {
                all.push(format!("{sign}{prefix}{digits}"));
            }
        }
    }
    let spaces = (0..0x3001).filter_map(char::from_u32).filter(|it| it.is_whitespace());
    for space in spaces.chain("\0\u{1c}\u{1d}\u{1e}\u{1f}\u{180e}\u{200b}\u{2060}\u{feff}".chars())
    {
        all.push(format!("{space}1{space}"));
        all.push(format!("1{space}1"));
        all.push(format!("-{space}1"));
    }
    for bound in
        [1, 1 << 9, 7777, 0o7777, 10_000, 1 << 16, 1 << 31, 1 << 32, 1 << 63, 1 << 64, 1 << 65]
    {
        for number in [bound - 4, bound - 3, bound - 2, bound - 1, bound, bound + 1_i128] {
            all.extend([number.to_string(), format!("-{number}"), format!("{number:o}")]);
        }
    }
    for length in [18, 19, 20, 21, 40, 4299, 4300, 4301] {
        all.extend([format!("{}1", "0".repeat(length - 1)), "7".repeat(length)]);
        all.push(format!("1{}", "_0".repeat(length - 1)));
    }
    all
}

/// Returns host names at the limits of IDNA, and addresses in all their spellings.
fn hosts() -> Vec<String> {
    let mut all = owned(&[
        "h",
        "h.",
        ".",
        "..",
        "a..b",
        ".a",
        "a-b",
        "-a",
        "a-",
        "ab--c",
        "a--b",
        "abc--d",
        "xn--",
        "xn--a",
        "a_b",
        "a b",
        "*.a",
        "A.B",
        "1",
        "1.2",
        "1.2.3",
        "1.2.3.4",
        "01.2.3.4",
        "1.2.3.256",
        "1.2.3.4.",
        "::",
        "::1",
        "::1%lo",
        "::%",
        "%lo",
        "1.2.3.4%lo",
        "::ffff:1.2.3.4",
        "1::2::3",
        "[::1]",
        "fe80::1%a:b",
        "g::1",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7",
        "é",
        "a/b",
        "a:b",
        "",
        " h",
        "h ",
        "\u{661}.2.3.4",
    ]);
    for length in [62, 63, 64] {
        all.extend([format!("{}.a", "a".repeat(length)), format!("{}.", "a".repeat(length))]);
    }
    for labels in [125, 126, 127] {
        let name = "a.".repeat(labels);
        all.extend([name.clone(), format!("{name}a"), format!("{name}aa"), format!("{name}a.")]);
    }
    all
}
