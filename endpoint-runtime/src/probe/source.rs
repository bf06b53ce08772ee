//! Finds out where the system's answer to a name lookup probably came from.

use std::fs::read_to_string;
use std::net::IpAddr;

/// The probable source of an answer: `/etc/hosts` if it has all these addresses for the name.
///
/// Otherwise the resolver of the system, with the name servers in `/etc/resolv.conf`.
///
/// getaddrinfo does not report the source of an answer, and nsswitch.conf(5) may configure others.
pub(super) fn source_of(name: &str, addresses: &[IpAddr]) -> String {
    let hosts = read_to_string("/etc/hosts").unwrap_or_default();
    let known = hosts_of(&hosts, name);
    if !known.is_empty() && addresses.iter().all(|it| known.contains(it)) {
        return "`/etc/hosts`".to_owned();
    }
    let configuration = read_to_string("/etc/resolv.conf").unwrap_or_default();
    let servers = servers_of(&configuration);
    match servers.len() {
        0 => "the resolver of this system".to_owned(),
        1 => format!("the resolver of this system (name server {})", servers[0]),
        _ => format!("the resolver of this system (name servers {})", servers.join(", ")),
    }
}

/// The addresses of a name in the text of a hosts(5) file.
fn hosts_of(hosts: &str, name: &str) -> Vec<IpAddr> {
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    let addresses = lines.filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let address = words.next()?.parse().ok()?;
        words.any(|it| it.eq_ignore_ascii_case(name)).then_some(address)
    });
    addresses.collect()
}

/// The name servers in the text of a resolv.conf(5) file.
fn servers_of(configuration: &str) -> Vec<&str> {
    let words = configuration.lines().map(str::split_ascii_whitespace);
    let servers = words.filter_map(|mut words| match words.next() {
        Some("nameserver") => words.next(),
        _ => None,
    });
    servers.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_files_are_parsed_as_documented() {
        let hosts = "127.0.0.1\tlocalhost a.test # b.test\n#127.0.0.2 a.test\n::1 A.TEST\n";
        let ips: Vec<IpAddr> = ["127.0.0.1", "::1"].map(|it| it.parse().unwrap()).into();
        assert_eq!(hosts_of(hosts, "a.test"), ips);
        assert!(hosts_of(hosts, "b.test").is_empty());
        let configuration = "# nameserver 192.0.2.9\nsearch test\nnameserver 192.0.2.1\n";
        assert_eq!(servers_of(configuration), ["192.0.2.1"]);
    }
}
