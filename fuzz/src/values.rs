//! The values that Twisted lacks are what a plain reading of their forms says.
//!
//! The model of Twisted has no answer for them. Each has a reading of its own here, by splitting
//! the text and comparing numbers.

use std::net::IpAddr;

use strports_syntax::value::{Delay, ProxyTlv};
use strports_syntax::{ClientEndpoint, ServerEndpoint, quote_string_argument};

use crate::model::python::int;

/// Checks the law: the input is the value of each parameter.
pub fn holds(input: &[u8]) {
    let Ok(value) = std::str::from_utf8(input) else { return };
    attempt_delay(value);
    keep_alive(value);
    proxy_trusted(value);
    proxy_tlvs(value);
    proxy_version(value);
    standard_error(value);
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

/// Seconds from 0.1 to 2 with at most three decimals, in thousandths.
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

/// ASCII digits, at least one.
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

/// 0, or up to three numbers within their bounds.
fn keep_alive_numbers(value: &str) -> Option<Vec<u32>> {
    let numbers: Vec<u32> = value.split(',').map(number).collect::<Option<_>>()?;
    let greatest = [32_767, 32_767, 127];
    let bounded = numbers.len() <= 3
        && numbers.iter().zip(greatest).all(|(it, greatest)| (1..=greatest).contains(it));
    (bounded || numbers == [0]).then_some(numbers)
}

fn proxy_trusted(value: &str) {
    // The reader has a buffer for an item, which leading zeros of a prefix may exceed.
    if value.split(',').any(|item| item.len() > 43) {
        return;
    }
    let found = match server("haproxy:tcp:1:proxyTrusted", value) {
        Some(ServerEndpoint::Haproxy(haproxy)) => haproxy.proxy_trusted,
        _ => None,
    };
    let found: Option<Vec<(IpAddr, u32)>> =
        found.map(|it| it.iter().map(|network| (network.address, network.prefix.into())).collect());
    assert_eq!(found, value.split(',').map(network).collect(), "{value:?}");
}

/// An address, and a number of bits that it has.
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

/// Values at the bounds of each form, and lists of up to four of them.
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
    all.into_iter().map(String::into_bytes).collect()
}
