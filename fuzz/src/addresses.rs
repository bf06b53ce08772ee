//! Laws of addresses, UNIX socket names and patterns for certificate names.
//!
//! Each is compared with a simple reading of the same bytes.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use endpoint_runtime::Address;
use endpoint_runtime::plan::{
    CertificateName, ClientPlan, ClientTransport, Host, NamePattern, UnixName,
};
use strports_syntax::ClientEndpoint;

/// Checks the law. The bytes are read as a socket address and as the name of a UNIX socket. The
/// text before the first NUL is a pattern, and the text after it a name to match.
pub fn holds(input: &[u8]) {
    socket_address(input);
    unix_name(input);
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (pattern, name) = text.split_once('\0').unwrap_or((text, ""));
    pattern_matches(pattern, name);
}

/// A client made from an address connects to that address. From an unspecified address, it connects
/// to this machine.
fn socket_address(input: &[u8]) {
    let mut bytes = [0; 24];
    bytes.iter_mut().zip(input).for_each(|(to, from)| *to = *from);
    let [a, b, c, d, high, low, v6 @ .., zone, choice] = bytes;
    let port = u16::from_be_bytes([high, low]);
    let v4 = SocketAddr::from((Ipv4Addr::new(a, b, c, d), port));
    let v6 = SocketAddrV6::new(Ipv6Addr::from(v6), port, 0, (zone % 4).into());
    let address = if choice & 1 == 0 { v4 } else { v6.into() };
    let host = match address {
        SocketAddr::V4(it) if it.ip().is_unspecified() => Host::Address([127, 0, 0, 1].into()),
        SocketAddr::V6(it) if it.ip().is_unspecified() => Host::Address(Ipv6Addr::LOCALHOST.into()),
        SocketAddr::V6(it) if it.scope_id() > 0 => {
            Host::Scoped { address: *it.ip(), zone: it.scope_id().to_string() }
        }
        _ => Host::Address(address.ip()),
    };
    let client = Address::Tcp(address).client_endpoint().expect("a port can be reached");
    let ClientTransport::Tcp(plan) = planned(&client) else { panic!("{client}") };
    assert_eq!((plan.host, plan.port), (host, port), "{client}");
    assert_eq!(Address::Tcp(address).to_string(), address.to_string());
}

/// The name of a UNIX socket has 1 to 107 bytes, and a path has no NUL.
fn unix_name(bytes: &[u8]) {
    let fits = (1..=107).contains(&bytes.len());
    let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
    for (name, is_abstract, fits) in [
        (UnixName::path(path), false, fits && !bytes.contains(&0)),
        (UnixName::abstract_name(bytes), true, fits),
    ] {
        assert_eq!(name.is_ok(), fits, "{name:?}");
        let Ok(name) = name else { continue };
        let lock = [bytes, b".lock"].concat();
        let lock_path = name.lock_path().map(|it| it.as_os_str().as_bytes().to_owned());
        assert_eq!(lock_path, (!is_abstract).then_some(lock));
        assert_eq!(name.as_path(), (!is_abstract).then_some(path));
        assert_eq!(name.as_abstract(), is_abstract.then_some(bytes));
        let client = Address::Unix(name.clone()).client_endpoint().expect("a name can be reached");
        let ClientTransport::Unix(plan) = planned(&client) else { panic!("{client}") };
        assert_eq!(plan.name, name, "{client}");
    }
}

/// Returns the transport of a client after its description was printed and parsed again.
fn planned(client: &ClientEndpoint<'_>) -> ClientTransport {
    let text = strports_syntax::canonical_bytes(client);
    let read = ClientEndpoint::parse(&text).expect("a canonical text");
    assert_eq!(read, *client);
    ClientPlan::try_from(&read).expect("it was an address").transport
}

/// A pattern matches names of one kind only (host names, URIs, …); `*` stands for any text without
/// a separator.
fn pattern_matches(pattern: &str, name: &str) {
    let found = NamePattern::new(pattern);
    let fits = !pattern.is_empty() && !pattern.contains(char::is_control);
    assert_eq!(found.is_ok(), fits, "{pattern:?}");
    let Ok(found) = found else { return };
    assert_eq!(found.as_str(), pattern);
    let (scheme, rest) = pattern.split_once(':').unwrap_or(("", pattern));
    let is_scheme = scheme.chars().enumerate().all(|(at, char)| {
        char.is_ascii_alphabetic() || at > 0 && (char.is_ascii_digit() || "+-.".contains(char))
    });
    let address: Option<std::net::IpAddr> = pattern.parse().ok();
    let is_uri = address.is_none() && !scheme.is_empty() && rest.len() < pattern.len() && is_scheme;
    let is_name = address.is_none() && !is_uri;
    let matches = |kind| found.matches(kind);
    let uri = is_uri && glob(pattern, name, '/');
    assert_eq!(matches(CertificateName::Uri(name)), uri, "{pattern:?} {name:?}");
    let dns = is_name && glob(&pattern.to_lowercase(), &name.to_lowercase(), '.');
    assert_eq!(matches(CertificateName::Dns(name)), dns, "{pattern:?} {name:?}");
    assert_eq!(matches(CertificateName::Common(name)), dns, "{pattern:?} {name:?}");
    for other in [name.parse().ok(), address, Some(Ipv4Addr::LOCALHOST.into())] {
        let Some(other): Option<std::net::IpAddr> = other else { continue };
        let same = address.is_some_and(|it| it.to_canonical() == other.to_canonical());
        assert_eq!(matches(CertificateName::Address(other)), same, "{pattern:?} {other}");
    }
}

/// Whether a pattern matches a name, by tracking which beginnings of the name match so far.
fn glob(pattern: &str, name: &str, separator: char) -> bool {
    let name: Vec<char> = name.chars().collect();
    // Whether the first `n` characters of the name match, for each `n`.
    let mut matched = vec![false; name.len() + 1];
    matched[0] = true;
    for expected in pattern.chars() {
        if expected == '*' {
            for (at, char) in name.iter().enumerate() {
                matched[at + 1] |= matched[at] && *char != separator;
            }
        } else {
            let next = matched.iter().zip(&name).map(|(so_far, char)| *so_far && *char == expected);
            matched = std::iter::once(false).chain(next).collect();
        }
    }
    matched[name.len()]
}

/// Returns addresses, names at the limits of their length, and patterns with names that almost
/// match.
pub fn samples() -> Vec<Vec<u8>> {
    const PATTERNS: [&str; 17] = [
        "",
        "*",
        "a",
        "*.a",
        "a.*",
        "*a*.b",
        "a*b*c",
        "**",
        "x:*",
        "x:/*/b",
        "x://a/*",
        "1x:a",
        "192.0.2.1",
        "::ffff:192.0.2.1",
        "\u{e9}*",
        "A.b",
        "a\n",
    ];
    const NAMES: [&str; 18] = [
        "",
        "a",
        "A.B",
        "b.a",
        "b.b.a",
        "a.",
        ".a",
        "xay.b",
        "abc",
        "aXbYbZc",
        "acb",
        "x:",
        "x:/a/b",
        "x:/a/a/b",
        "x://a/b",
        "192.0.2.1",
        "::1",
        "\u{c9}a",
    ];
    let pairs = PATTERNS.iter().flat_map(|pattern| {
        NAMES.iter().map(move |name| format!("{pattern}\0{name}").into_bytes())
    });
    let mut all: Vec<Vec<u8>> = pairs.collect();
    let names = [1, 2, 106, 107, 108, 109].map(|length| b"x".repeat(length));
    all.extend(names.iter().flat_map(|it| [it.clone(), [b"/=\\", &it[..]].concat()]));
    for choice in [0_u8, 1] {
        for (address, zone) in [(&[0; 6][..], 0), (&[0, 0, 0, 0, 0, 80], 1), (&[127, 0, 0, 1], 2)] {
            for v6 in [0_u8, 0xfe] {
                let mut bytes = [address, &[0; 24]].concat();
                bytes.truncate(24);
                (bytes[6], bytes[22], bytes[23]) = (v6, zone, choice);
                all.push(bytes);
            }
        }
    }
    all
}
