//! Parses and writes `HOST:PORT` in its various spellings, and names of well-known ports.

use super::draft::{Draft, Layer};
use super::loss::Failure;
use super::plain;
use strports_syntax::Role;

/// The service names that are most common in configuration files, with the ports of IANA.
const SERVICES: [(&str, u16); 34] = [
    ("ftp", 21),
    ("ssh", 22),
    ("telnet", 23),
    ("smtp", 25),
    ("domain", 53),
    ("http", 80),
    ("www", 80),
    ("kerberos", 88),
    ("pop3", 110),
    ("pop-3", 110),
    ("sunrpc", 111),
    ("ident", 113),
    ("auth", 113),
    ("nntp", 119),
    ("imap", 143),
    ("imap2", 143),
    ("ldap", 389),
    ("https", 443),
    ("submissions", 465),
    ("ssmtp", 465),
    ("smtps", 465),
    ("nntps", 563),
    ("submission", 587),
    ("ldaps", 636),
    ("domain-s", 853),
    ("rsync", 873),
    ("ftps", 990),
    ("imaps", 993),
    ("pop3s", 995),
    ("socks", 1080),
    ("openvpn", 1194),
    ("mysql", 3306),
    ("postgresql", 5432),
    ("redis", 6379),
];

/// A host, which may be missing, and a TCP port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The host, without the brackets around an IPv6 address; empty if there is none.
    pub(super) host: String,
    pub(super) port: String,
}

impl Address {
    /// Parses `host:port`, `[v6]:port`, `:port`, a port, and `v6:port`, where the last colon
    /// separates.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, rest) =
                rest.split_once(']').ok_or_else(|| Failure::new(text, "`[` is not closed"))?;
            let port = rest.strip_prefix(':');
            (host, port.ok_or_else(|| Failure::new(text, "expected a port after `]:`"))?)
        } else {
            text.rsplit_once(':').unwrap_or(("", text))
        };
        Ok(Self { host: host.to_owned(), port: port_number(port)? })
    }

    /// Whether the host is an IPv6 address: only such a host contains colons.
    pub(super) fn is_ipv6(&self) -> bool {
        self.host.contains(':')
    }

    /// Returns a client that connects to the address. Without a host it connects to `localhost`.
    pub(super) fn client(self) -> Draft {
        let host = if self.host.is_empty() { "localhost".to_owned() } else { self.host };
        let transport = Layer::new("tcp").with("host", host).with("port", self.port);
        Draft::new(Role::Client, transport)
    }

    /// Returns a server that listens on the address. Without a host it listens on all IPv4
    /// addresses.
    pub(super) fn server(self) -> Draft {
        let is_every_ipv6 = self.host == "::";
        let transport = if is_every_ipv6 { Layer::new("tcp6") } else { Layer::new("tcp") };
        let mut transport = transport.with("port", self.port);
        if !matches!(&*self.host, "" | "*" | "::" | "0.0.0.0") {
            transport.set("interface", self.host);
        }
        Draft::new(Role::Server, transport)
    }

    /// Returns a server that listens on the address. Without a host it listens on all addresses of
    /// both families.
    pub(super) fn server_of_both(self) -> Draft {
        let host = if matches!(&*self.host, "" | "*") { "::".to_owned() } else { self.host };
        Self { host, ..self }.server()
    }
}

/// Parses a port, which is a number or the name of a well-known service; returns the number.
pub(super) fn port_number(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    let known = SERVICES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    known.map(|(_, port)| port.to_string()).ok_or_else(|| {
        Failure::new(text, "expected a port, as a number or the name of a well-known service")
    })
}

/// Returns `host:port`, with brackets around an IPv6 address.
///
/// # Errors
///
/// Returns an error for a host such as `-h` or `a b`, which other programs would read as more than
/// a host.
pub(super) fn joined(host: &str, port: &str) -> Result<String, Failure> {
    let host = plain::host(host)?;
    Ok(if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") })
}

/// Returns an endpoint on a UNIX socket, with a path or an abstract name.
pub(super) fn unix(role: Role, path: &str, is_abstract: bool) -> Draft {
    let name = if role == Role::Server { "address" } else { "path" };
    let mut layer = Layer::new("unix").with(name, path);
    if is_abstract {
        layer.set("abstract", "1");
    }
    Draft::new(role, layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_parsed_in_every_spelling() {
        for (text, host, port) in [
            ("example.com:80", "example.com", "80"),
            ("[::1]:80", "::1", "80"),
            (":::80", "::", "80"),
            (":80", "", "80"),
            ("80", "", "80"),
            ("*:https", "*", "443"),
        ] {
            let address = Address { host: host.to_owned(), port: port.to_owned() };
            assert_eq!(Address::parse(text), Ok(address), "{text}");
        }
    }

    #[test]
    fn invalid_ports_are_refused() {
        for text in ["", "host:", "[::1", "[::1]80", "host:webcache9"] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
