//! Compares the names in certificates with host names, and prints them.

use core::fmt::{self, Display, Formatter};
use core::net::IpAddr;

use super::super::Host;
use super::facts::CertificateFacts;
use crate::quoted::Quoted;

/// How many names a message lists; the others are only counted.
const MOST: usize = 3;

impl CertificateFacts {
    /// Whether a client that verifies `host` accepts the certificate's names.
    ///
    /// A wildcard stands for the whole first label (RFC 9525). Host names that are not ASCII cannot
    /// be compared here, and count as covered.
    ///
    /// # Examples
    ///
    /// ```
    /// use endpoint_runtime::plan::Host;
    /// use endpoint_runtime::plan::preflight::CertificateFacts;
    ///
    /// let dns_names = vec!["*.example.com".to_owned()];
    /// let certificate = CertificateFacts { dns_names, ..CertificateFacts::default() };
    /// assert!(certificate.is_for(&Host::parse("WWW.example.com.")));
    /// assert!(!certificate.is_for(&Host::parse("example.com")));
    /// ```
    pub fn is_for(&self, host: &Host) -> bool {
        let name = match host {
            Host::Address(address) => return self.addresses.contains(address),
            Host::Scoped { address, .. } => {
                return self.addresses.contains(&IpAddr::from(*address));
            }
            Host::Name(name) => name.strip_suffix('.').unwrap_or(name),
        };
        !name.is_ascii() || self.dns_names.iter().any(|pattern| covers(pattern, name))
    }

    /// Whether the certificate has no names of any kind, so that no client can verify it.
    pub(super) fn is_for_nobody(&self) -> bool {
        self.dns_names.is_empty() && self.addresses.is_empty() && !self.other_names
    }

    /// Whether the certificate covers all names and addresses of `other`.
    pub(super) fn covers(&self, other: &Self) -> bool {
        other.dns_names.iter().all(|name| self.dns_names.iter().any(|it| covers(it, name)))
            && other.addresses.iter().all(|address| self.addresses.contains(address))
    }
}

/// Whether a name in a certificate covers another name, which may have a wildcard too.
fn covers(pattern: &str, name: &str) -> bool {
    let pattern = pattern.strip_suffix('.').unwrap_or(pattern);
    if pattern.eq_ignore_ascii_case(name) {
        return true;
    }
    let (Some(parent), Some((label, rest))) = (pattern.strip_prefix("*."), name.split_once('.'))
    else {
        return false;
    };
    !label.is_empty() && parent.eq_ignore_ascii_case(rest)
}

/// Prints the first few names and addresses of certificates, and counts the others.
pub(super) struct ValidFor<'c>(pub(super) &'c [&'c CertificateFacts]);

impl Display for ValidFor<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let names = |it: &CertificateFacts| {
            let addresses = it.addresses.iter().map(ToString::to_string);
            it.dns_names.iter().cloned().chain(addresses).collect::<Vec<_>>()
        };
        let names: Vec<String> = self.0.iter().copied().flat_map(names).collect();
        for (index, name) in names.iter().take(MOST).enumerate() {
            let lead = if index > 0 { ", " } else { "" };
            write!(f, "{lead}{}", Quoted::new(name))?;
        }
        match names.len().saturating_sub(MOST) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_is_one_label() {
        assert!(covers("*.a.test", "x.a.test") && covers("*.a.test", "*.a.test"));
        for name in ["a.test", ".a.test", "x.y.a.test", "x.b.test"] {
            assert!(!covers("*.a.test", name), "{name}");
        }
        assert!(!covers("*", "test") && !covers("a.test", "*.test"));
    }

    #[test]
    fn addresses_are_compared_with_addresses() {
        let certificate = CertificateFacts {
            dns_names: vec!["192.0.2.1".to_owned()],
            addresses: vec!["2001:db8::1".parse().unwrap()],
            ..CertificateFacts::default()
        };
        assert!(certificate.is_for(&Host::parse("2001:db8::1")));
        assert!(certificate.is_for(&Host::parse("2001:db8::1%eth0")));
        assert!(!certificate.is_for(&Host::parse("192.0.2.1")));
        assert!(certificate.is_for(&Host::parse("b\u{fc}cher.test")), "nobody knows");
    }

    #[test]
    fn many_names_are_counted() {
        let dns_names = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        let certificate = CertificateFacts { dns_names, ..CertificateFacts::default() };
        assert_eq!(ValidFor(&[&certificate]).to_string(), "`a`, `b`, `c` and 2 more");
    }
}
