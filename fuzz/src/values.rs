//! Values of parameters that Twisted lacks are parsed as a simple reading of their forms parses
//! them.
//!
//! The model of Twisted has no answer for these values. Each is read again here, by splitting the
//! text and comparing numbers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use strports_syntax::signature::{RELEASES, Release, Releases};
use strports_syntax::value::{Delay, Host, HostKind, Network, Networks, ProxyTlv};
use strports_syntax::{ClientEndpoint, Parameters, ServerEndpoint, quote_string_argument};

use crate::model::python::int;

/// Checks the law: `input` is tried as the value of each parameter.
pub fn holds(input: &[u8]) {
    let Ok(value) = std::str::from_utf8(input) else { return };
    attempt_delay(value);
    keep_alive(value);
    proxy_trusted(value);
    proxy_tlvs(value);
    proxy_version(value);
    standard_error(value);
    integers(value);
    host(value);
    releases(value);
}

/// A range of Twisted releases selects the releases that Python's version specifiers would.
fn releases(value: &str) {
    let found = value.parse::<Releases>().ok();
    let all = found.map(|it| it.iter().collect::<Vec<_>>());
    assert_eq!(all, releases_within(value), "{value:?}");
    if let (Some(found), Some(all)) = (found, all) {
        assert_eq!(found.to_string(), in_words(&all));
    }
}

fn releases_within(value: &str) -> Option<Vec<Release>> {
    let mut left = RELEASES.to_vec();
    for condition in value.split(',').map(str::trim) {
        let version = condition.trim_start_matches(['<', '>', '=', '!', '~']);
        let operator = &condition[..condition.len() - version.len()];
        let version = version.trim_start();
        let (version, is_prefix) = match version.strip_suffix(".*") {
            Some(version) => (version, true),
            None => (version, false),
        };
        let part = |it: &str| number(it).and_then(|it| u8::try_from(it).ok());
        let numbers: Vec<u8> = version.split('.').map(part).collect::<Option<_>>()?;
        let at = |index: usize| numbers.get(index).copied().unwrap_or(0);
        let bound = Release::new(at(0), at(1), at(2));
        let begins = |it: &Release, count: usize| {
            [it.year, it.month, it.patch].iter().zip(&numbers).take(count).all(|(a, b)| a == b)
        };
        let is_short = numbers.len() == 1 && !is_prefix;
        match (operator, is_prefix) {
            _ if numbers.len() > 3 => return None,
            ("" | "==", true) => left.retain(|it| begins(it, numbers.len())),
            ("" | "==" | "!=" | "~=", false) if is_short => return None,
            ("" | "==", false) if !RELEASES.contains(&bound) => return None,
            ("" | "==", false) => left.retain(|it| *it == bound),
            ("!=", false) => left.retain(|it| *it != bound),
            ("~=", false) => left.retain(|it| *it >= bound && begins(it, numbers.len() - 1)),
            (">=", false) => left.retain(|it| *it >= bound),
            ("<=", false) => left.retain(|it| *it <= bound),
            (">", false) => left.retain(|it| *it > bound),
            ("<", false) => left.retain(|it| *it < bound),
            _ => return None,
        }
    }
    (!left.is_empty()).then_some(left)
}

/// Formats releases as a message lists them: the first and the last of each series.
fn in_words(releases: &[Release]) -> String {
    let place = |it: &Release| RELEASES.iter().position(|known| known == it);
    let follows = |a: &Release, b: &Release| place(a).map(|it| it + 1) == place(b);
    let series = releases.chunk_by(follows).map(|it| match it {
        [one] => one.to_string(),
        [one, other] => format!("{one} and {other}"),
        all => format!("{} to {}", all[0], all[all.len() - 1]),
    });
    let series: Vec<String> = series.collect();
    match series.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// Integers are accepted within their limits, with their values.
fn integers(value: &str) {
    const SERVERS: [(&str, &str, i128, i128); 5] = [
        ("tcp", "port", 0, 65_535),
        ("tcp:1", "backlog", -2_147_483_648, 2_147_483_647),
        ("tcp:1", "userTimeout", 1, u64::MAX as i128),
        ("fd", "fd", 0, 2_147_483_647),
        ("systemd:INET", "index", 0, 2_147_483_647),
    ];
    // The maximum of 32 bits, -1 in C, stands for no id, so it is refused.
    const CLIENTS: [(&str, &str, i128, i128); 5] = [
        ("tcp:h", "port", 0, 65_535),
        ("tcp:h:1", "timeout", 1, u64::MAX as i128),
        ("process:/a", "uid", 0, 4_294_967_294),
        ("process:/a", "gid", 0, 4_294_967_294),
        ("fd", "fd", 0, 2_147_483_647),
    ];
    let integer = int(value).ok();
    let check = |found: Option<i128>, name, least, greatest| {
        let expected = integer.filter(|it| (least..=greatest).contains(it));
        assert_eq!(found, expected, "{name}={value:?}");
    };
    for (start, name, least, greatest) in SERVERS {
        let found = server(&format!("{start}:{name}"), value);
        check(found.and_then(|it| it.value(name).as_integer()), name, least, greatest);
    }
    for (start, name, least, greatest) in CLIENTS {
        let found = client(&format!("{start}:{name}"), value);
        check(found.and_then(|it| it.value(name).as_integer()), name, least, greatest);
    }
}

/// A host is an address for the standard library, or a name that follows the rules of IDNA.
fn host(value: &str) {
    let found = Host::new(value).ok().map(|it| it.kind());
    let expected = if value.parse::<Ipv4Addr>().is_ok() {
        Some(HostKind::Ipv4)
    } else if value.split('%').next().is_some_and(|it| it.parse::<Ipv6Addr>().is_ok()) {
        Some(HostKind::Ipv6)
    } else {
        is_name(value).then_some(HostKind::Name)
    };
    assert_eq!(found, expected, "{value:?}");
}

fn is_name(value: &str) -> bool {
    let name = value.strip_suffix('.').unwrap_or(value);
    let fits = |label: &str| {
        let chars = |it: char| it.is_ascii_alphanumeric() || "-_".contains(it) || !it.is_ascii();
        let is_encoded = label.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("xn--"));
        let has_hyphens = label.starts_with('-')
            || label.ends_with('-')
            || label.get(2..4) == Some("--") && (!is_encoded || label.len() == 4);
        // A label outside ASCII is encoded before its length counts, which is not implemented here.
        let is_short = label.len() <= 63 && !has_hyphens;
        !label.is_empty() && label.chars().all(chars) && (is_short || !label.is_ascii())
    };
    name.split('.').all(fits) && (name.len() <= 253 || !name.is_ascii())
}

fn attempt_delay(value: &str) {
    let found = match client("tcp:h:1:attemptDelay", value) {
        Some(ClientEndpoint::Tcp(tcp)) => Some(tcp.attempt_delay),
        _ => None,
    };
    assert_eq!(found.as_ref().map(Delay::millis), millis(value), "{value:?}");
    if let Some(delay) = found {
        let printed = delay.to_string();
        assert_eq!(millis(&printed), Some(delay.millis()), "{printed}");
        assert!(!printed.contains('.') || !printed.ends_with('0'), "{printed}");
    }
}

/// Parses seconds from 0.1 to 2 with at most three decimals; returns thousandths.
pub(crate) fn millis(value: &str) -> Option<u16> {
    let (whole, decimals) = match value.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (value, ""),
    };
    let zeros = 3_usize.checked_sub(decimals.len())?;
    number(whole)?;
    let thousandths = number(&format!("{whole}{decimals}{}", "0".repeat(zeros)))?;
    u16::try_from(thousandths).ok().filter(|it| (100..=2000).contains(it))
}

/// Parses ASCII digits, of which there must be at least one.
fn number(digits: &str) -> Option<u32> {
    let all = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| digits.trim_start_matches('0')).and_then(|significant| match significant {
        "" => Some(0),
        _ => significant.parse().ok(),
    })
}

fn keep_alive(value: &str) {
    let found = match server("tcp:1:keepAlive", value) {
        Some(ServerEndpoint::Tcp(tcp)) => tcp.keep_alive,
        _ => None,
    };
    let found = found.map(|it| [Some(it.idle()), it.interval(), it.count()]);
    let expected = keep_alive_numbers(value).map(|numbers| {
        let at = |index: usize| numbers.get(index).copied().map(|it| u16::try_from(it).unwrap());
        [at(0), at(1), at(2)]
    });
    assert_eq!(found, expected, "{value:?}");
}

/// Parses `0`, or up to three numbers within their limits.
fn keep_alive_numbers(value: &str) -> Option<Vec<u32>> {
    let numbers: Vec<u32> = value.split(',').map(number).collect::<Option<_>>()?;
    let greatest = [32_767, 32_767, 127];
    let bounded = numbers.len() <= 3
        && numbers.iter().zip(greatest).all(|(it, greatest)| (1..=greatest).contains(it));
    (bounded || numbers == [0]).then_some(numbers)
}

fn proxy_trusted(value: &str) {
    // The parser's buffer for an item has 43 bytes, which leading zeros of a prefix may exceed.
    if value.split(',').any(|item| item.len() > 43) {
        return;
    }
    let found = match server("haproxy:tcp:1:proxyTrusted", value) {
        Some(ServerEndpoint::Haproxy(haproxy)) => haproxy.proxy_trusted,
        _ => None,
    };
    for network in found.iter().flat_map(Networks::iter) {
        has_addresses(network);
    }
    let found: Option<Vec<(IpAddr, u32)>> =
        found.map(|it| it.iter().map(|network| (network.address, network.prefix.into())).collect());
    assert_eq!(found, value.split(',').map(network).collect(), "{value:?}");
}

/// Parses a network such as `192.0.2.0/24` into its address and its prefix length.
pub(crate) fn network(item: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = match item.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (item, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let bits = match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    };
    let prefix = prefix.map_or(Some(bits), number)?;
    (prefix <= bits).then_some((address, prefix))
}

/// A network contains the addresses of its family that begin with its bits. IPv4 addresses may also
/// be written as mapped to IPv6.
fn has_addresses(network: Network) {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(it) => it.to_ipv6_mapped().to_bits(),
        IpAddr::V6(it) => it.to_bits(),
    };
    let is_ipv4 = |address: IpAddr| bits(address) >> 32 == 0xffff;
    let own = bits(network.address);
    let prefix = u32::from(network.prefix) + if network.address.is_ipv4() { 96 } else { 0 };
    let of_ipv4 = is_ipv4(network.address) && prefix >= 96;
    for bit in 0..128 {
        let peer = own ^ (1 << bit);
        for peer in [own, peer].map(Ipv6Addr::from_bits) {
            let same = bits(peer.into()) ^ own;
            let is_inside = same.checked_shr(128 - prefix).unwrap_or(0) == 0;
            let expected = is_inside && of_ipv4 == is_ipv4(peer.into());
            assert_eq!(network.contains(peer.into()), expected, "{peer} in {network:?}");
            assert_eq!(network.contains(peer.to_canonical()), expected, "{peer} in {network:?}");
        }
    }
}

fn proxy_tlvs(value: &str) {
    const WORDS: [&str; 5] = ["authority", "alpn", "ssl", "unique-id", "forward"];
    let endpoint = client("haproxy:tcp:h:1:proxyTlvs", value);
    let found = match &endpoint {
        Some(ClientEndpoint::Haproxy(haproxy)) => haproxy.proxy_tlvs.as_ref(),
        _ => None,
    };
    let found: Option<Vec<&str>> = found.map(|it| it.iter().map(ProxyTlv::as_str).collect());
    let words = value.split(',').map(|word| WORDS.contains(&word).then_some(word));
    assert_eq!(found, words.collect(), "{value:?}");
}

fn proxy_version(value: &str) {
    let found = match server("haproxy:tcp:1:proxyVersion", value) {
        Some(ServerEndpoint::Haproxy(haproxy)) => haproxy.proxy_version,
        _ => None,
    };
    let expected = int(value).ok().filter(|number| matches!(number, 1 | 2));
    assert_eq!(found.map(|it| it.number().into()), expected, "{value:?}");
}

fn standard_error(value: &str) {
    let found = match client("process:/a:stderr", value) {
        Some(ClientEndpoint::Process(process)) => Some(process.stderr.as_str()),
        _ => None,
    };
    let expected = ["log", "drop", "inherit"].contains(&value).then_some(value);
    assert_eq!(found, expected, "{value:?}");
}

fn server(start: &str, value: &str) -> Option<ServerEndpoint<'static>> {
    let text = format!("{start}={}", quote_string_argument(value));
    ServerEndpoint::parse(&text).ok().map(ServerEndpoint::into_owned)
}

fn client(start: &str, value: &str) -> Option<ClientEndpoint<'static>> {
    let text = format!("{start}={}", quote_string_argument(value));
    ClientEndpoint::parse(&text).ok().map(ClientEndpoint::into_owned)
}

/// Returns values at the limits of each form, and lists of up to four of them.
pub fn samples() -> Vec<Vec<u8>> {
    const ITEMS: [&str; 14] = [
        "", "0", "1", "2", "007", "127", "128", "32767", "32768", "65536", "+1", " 1", "ssl",
        "alpn",
    ];
    const ADDRESSES: [&str; 7] =
        ["10.0.0.0", "10.0.0.256", "::", "::ffff:1.2.3.4", "fe80::1%lo", "h", "1.2.3"];
    const PREFIXES: [&str; 10] = ["", "/", "/0", "/8", "/32", "/33", "/128", "/129", "/+8", "/08"];
    let mut all: Vec<String> = Vec::new();
    for whole in ["", "0", "1", "2", "3", "00", "-1", "65"] {
        for decimals in ["", ".", ".0", ".1", ".09", ".10", ".099", ".100", ".001", ".1000", ".1.1"]
        {
            all.push(format!("{whole}{decimals}"));
        }
    }
    let mut lists = vec![String::new()];
    for first in ITEMS {
        all.push(first.to_owned());
        for second in ITEMS {
            lists.push(format!("{first},{second}"));
        }
    }
    let more =
        lists.iter().flat_map(|list| ["1", "127", "128", "1,1"].map(|it| format!("{list},{it}")));
    all.extend(more.collect::<Vec<_>>());
    all.extend(lists);
    for address in ADDRESSES {
        all.extend(PREFIXES.map(|prefix| format!("{address}{prefix}")));
        all.extend(PREFIXES.map(|prefix| format!("::1,{address}{prefix}")));
    }
    let words =
        ["authority", "unique-id", "forward", "SSL", "ssl ", "log", "drop", "inherit", "Log"];
    all.extend(words.map(str::to_owned));
    all.extend(
        ["ssl,ssl", "1_0", "1_", "0x1", "01", "+2", "-1", "3", "\u{661}"].map(str::to_owned),
    );
    for bound in [0_i128, 65_535, 2_147_483_647, -2_147_483_648, 4_294_967_294, 1 << 64] {
        all.extend([bound - 1, bound, bound + 1].map(|it| it.to_string()));
    }
    all.extend(HOSTS.map(str::to_owned));
    all.extend(RANGES.map(str::to_owned));
    for label in ["a", "\u{e9}"] {
        let name = format!("{label}.").repeat(127);
        all.extend([format!("{name}b"), name[..name.len() - 1].to_owned(), name]);
        all.extend([63, 64].map(|count| label.repeat(count)));
    }
    all.into_iter().map(String::into_bytes).collect()
}

/// Host names, addresses, and texts that are almost one of these.
const HOSTS: [&str; 32] = [
    "h",
    "h.",
    ".",
    "..",
    ".h",
    "a..b",
    "a-b",
    "-a",
    "a-",
    "a--b",
    "ab--c",
    "xn--",
    "xn--a",
    "XN--a-",
    "a_b",
    "a b",
    "*.x",
    "[::1]",
    "a:b",
    "\u{e9}--a",
    "-\u{e9}",
    "a\u{e9} ",
    "1.2.3",
    "1.2.3.4",
    "1.2.3.256",
    "01.2.3.4",
    "::1",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "%eth0",
    "1.2.3.4%a",
    "a%b",
];

const RANGES: [&str; 20] = [
    "22.4",
    ">=22.4,<25",
    "==22.*",
    "~=22.4",
    "~=16.3.1",
    "!=22.4.0",
    "22",
    ">22",
    "<=22.10.0",
    ">=16.3.1,<=16.3.2",
    "22.4.*",
    "22.*",
    "22.4.0.0",
    ">= 23",
    "!=23.8,!=23.10,>22.8",
    "==99.1",
    "==16.3",
    ">16.3.1,!=17.5,<18",
    "<24.*",
    "!=19.2.0, !=19.2.1",
];
