//! The names to verify in the certificates of servers.

use std::net::IpAddr;

use rustls::pki_types::{DnsName, ServerName};

use crate::error::DescriptionProblem;
use crate::plan::Host;

/// Checks that a certificate could be valid for the name to verify.
pub(crate) fn check_name(name: &Host) -> Result<(), DescriptionProblem> {
    server_name(name).map(|_| ())
}

/// The name to verify: an address, or an ASCII name without a trailing dot.
pub(super) fn server_name(host: &Host) -> Result<ServerName<'static>, DescriptionProblem> {
    let text = match host {
        Host::Address(address) => return Ok(ServerName::from(*address)),
        Host::Scoped { address, .. } => return Ok(ServerName::from(IpAddr::from(*address))),
        Host::Name(name) => name,
    };
    let bad = || DescriptionProblem::NoServerName { name: text.clone() };
    let ascii = to_ascii(text).ok_or_else(bad)?;
    let name = ascii.strip_suffix('.').unwrap_or(&ascii);
    let name = DnsName::try_from(name.to_owned()).map_err(|_| bad())?;
    Ok(ServerName::DnsName(name))
}

/// Converts a name to ASCII (IDNA); `None` if it is not a valid name.
pub(crate) fn to_ascii(name: &str) -> Option<String> {
    if name.is_ascii() { Some(name.to_owned()) } else { idna::domain_to_ascii_strict(name).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn ascii(text: &str) -> String {
        server_name(&Host::parse(text)).unwrap().to_str().into_owned()
    }

    #[test]
    fn names_are_sent_in_ascii_and_without_their_last_dot() {
        assert_eq!(ascii("example.com."), "example.com");
        assert_eq!(ascii("b\u{fc}cher.example"), "xn--bcher-kva.example");
        assert_eq!(ascii("my_host"), "my_host");
        assert_eq!(ascii("127.0.0.1"), "127.0.0.1");
        assert_eq!(ascii("fe80::1%eth0"), "fe80::1");
    }

    #[test]
    fn an_invalid_name_is_refused() {
        for text in ["a b", "-", "..", "b\u{fc}cher..example", "\u{378}.example"] {
            assert_eq!(
                server_name(&Host::parse(text)).unwrap_err().to_string(),
                format!("`{}` is not a name that a certificate can contain", text.escape_debug())
            );
        }
    }
}
