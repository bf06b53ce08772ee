//! Environment variables that describe a connection, for the program that serves it.

use super::OriginalConnection;
use crate::address::Address;

/// The maximum length of a value in bytes; a longer one is cut and ends with [`CUT`].
const LONGEST: usize = 256;

/// The mark at the end of a value that was cut.
const CUT: char = '…';

impl OriginalConnection<'_> {
    /// The names and values of the variables; what is unknown has no variable.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = Vec::new();
        let sides = [
            (self.peer, "STRPORTS_PEER_ADDRESS", "STRPORTS_PEER_PORT"),
            (self.local, "STRPORTS_LOCAL_ADDRESS", "STRPORTS_LOCAL_PORT"),
        ];
        for (address, name, port_name) in sides {
            match address {
                Address::Tcp(address) => {
                    // An IPv6 socket prefixes IPv4 addresses with `::ffff:`, which is left out.
                    variables.push((name, address.ip().to_canonical().to_string()));
                    variables.push((port_name, address.port().to_string()));
                }
                Address::Unix(unix) => {
                    let path = unix.as_path().map(|path| path.to_string_lossy());
                    let text = unix.as_abstract().map(|name| String::from_utf8_lossy(name));
                    variables.extend(path.or(text).map(|text| (name, printable(&text))));
                }
                _ => {}
            }
        }
        #[cfg(feature = "__tls")]
        if let Some(tls) = self.tls {
            let name = tls.peer_name().map(|name| ("STRPORTS_TLS_NAME", printable(&name)));
            let sni = tls.server_name().map(|name| ("STRPORTS_TLS_SNI", printable(name)));
            variables.extend(name.into_iter().chain(sni));
        }
        variables
    }
}

/// Escapes control characters, and limits the text to [`LONGEST`].
///
/// Backslashes and `…` are escaped too, so different names never have the same value.
fn printable(text: &str) -> String {
    let mut shown = String::new();
    // The length in bytes of the longest beginning that leaves room for the mark.
    let mut kept = 0;
    for character in text.chars() {
        match character {
            '\\' | CUT => shown.extend(character.escape_unicode()),
            it if it.is_control() => shown.extend(it.escape_default()),
            it => shown.push(it),
        }
        if shown.len() > LONGEST {
            shown.truncate(kept);
            shown.push(CUT);
            break;
        }
        if shown.len() + CUT.len_utf8() <= LONGEST {
            kept = shown.len();
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::UnixName;

    #[test]
    fn both_addresses_are_variables() {
        let peer = Address::Tcp("[2001:db8::1]:4711".parse().unwrap());
        let local = Address::Unix(UnixName::path("/run/app.sock").unwrap());
        assert_eq!(
            OriginalConnection::new(&peer, &local).variables(),
            [
                ("STRPORTS_PEER_ADDRESS", "2001:db8::1".to_owned()),
                ("STRPORTS_PEER_PORT", "4711".to_owned()),
                ("STRPORTS_LOCAL_ADDRESS", "/run/app.sock".to_owned()),
            ]
        );
    }

    #[test]
    fn an_ipv4_address_is_the_same_on_an_ipv6_socket() {
        let peer = Address::Tcp("[::ffff:192.0.2.1]:4711".parse().unwrap());
        let variables = OriginalConnection::new(&peer, &Address::Stdio).variables();
        assert_eq!(variables[0], ("STRPORTS_PEER_ADDRESS", "192.0.2.1".to_owned()));
    }

    #[test]
    fn values_have_no_control_characters_and_a_bounded_length() {
        assert_eq!(printable("CN=web, O=Größe"), "CN=web, O=Größe");
        assert_eq!(printable("a\nb\u{7f}\u{85}"), "a\\nb\\u{7f}\\u{85}");
        assert_eq!(printable("a\\nb"), "a\\u{5c}nb");
        let whole = "x".repeat(LONGEST);
        assert_eq!(printable(&whole), whole);
        let cut = format!("{}…", "x".repeat(LONGEST - CUT.len_utf8()));
        assert_eq!(printable(&"x".repeat(LONGEST + 1)), cut);
        assert!(printable(&"\u{7f}".repeat(LONGEST)).len() <= LONGEST);
    }
}
