//! Patterns for the names in client certificates.
//!
//! The form of a pattern determines the kind of name that it matches:
//!
//! ```text
//! uri      = scheme ":" …        spiffe://example.org/ns/*/sa/web
//! address  = IPv4 / IPv6         192.0.2.7
//! name     = anything else       *.clients.example.com
//! ```
//!
//! `*` matches any text, also an empty one, within one label of a name or one segment of a URI.
//! Names are compared case-insensitively, URIs byte by byte, and addresses by value.

use core::fmt;
use core::net::IpAddr;

use thiserror::Error as ThisError;

/// A pattern that selects clients by a name in their certificate.
///
/// # Examples
///
/// ```
/// use endpoint_runtime::plan::{CertificateName, NamePattern};
///
/// let pattern = NamePattern::new("spiffe://example.org/*/web")?;
/// assert!(pattern.matches(CertificateName::Uri("spiffe://example.org/prod/web")));
/// assert!(!pattern.matches(CertificateName::Uri("spiffe://example.org/a/b/web")));
/// # Ok::<(), endpoint_runtime::plan::NamePatternError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NamePattern {
    text: String,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Uri,
    Address(IpAddr),
    Name,
}

/// A name in a certificate, which a [`NamePattern`] may match.
///
/// See [`NamePattern`] for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateName<'a> {
    /// A DNS name among the subject alternative names.
    Dns(&'a str),
    /// An IP address among the subject alternative names.
    Address(IpAddr),
    /// A URI of the subject alternative names, such as a SPIFFE ID.
    Uri(&'a str),
    /// The common name of the subject, for a certificate without alternative names.
    Common(&'a str),
}

/// Why a text is not a pattern for names in certificates.
///
/// See [`NamePattern`](crate::plan::NamePattern) for an example of a valid pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum NamePatternError {
    /// The text is empty, so it would match nothing.
    #[error(
        "expected a name of a certificate, such as `*.example.com` or `spiffe://example.org/web`, \
         but found nothing"
    )]
    Empty,
    /// The text has a control character, which no name has.
    #[error("expected a name of a certificate, but found a control character in it")]
    Control,
}

impl NamePattern {
    /// Parses a pattern. The form of the text decides whether it matches URIs, addresses or names.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is empty or has control characters.
    pub fn new(text: &str) -> Result<Self, NamePatternError> {
        if text.is_empty() {
            return Err(NamePatternError::Empty);
        }
        if text.contains(char::is_control) {
            return Err(NamePatternError::Control);
        }
        let kind = match text.parse() {
            Ok(address) => Kind::Address(address),
            Err(_) if has_scheme(text) => Kind::Uri,
            Err(_) => Kind::Name,
        };
        Ok(Self { text: text.to_owned(), kind })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches the name. A name of another kind never matches.
    pub fn matches(&self, name: CertificateName<'_>) -> bool {
        match (self.kind, name) {
            (Kind::Uri, CertificateName::Uri(uri)) => matches_parts(&self.text, uri, '/'),
            (Kind::Address(pattern), CertificateName::Address(address)) => {
                pattern.to_canonical() == address.to_canonical()
            }
            (Kind::Name, CertificateName::Dns(name) | CertificateName::Common(name)) => {
                let (pattern, name) = (self.text.to_lowercase(), name.to_lowercase());
                matches_parts(&pattern, &name, '.')
            }
            _ => false,
        }
    }
}

/// Whether a text begins with the scheme of a URI (RFC 3986, section 3.1).
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else { return false };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(is_plain)
}

/// Whether each part between separators matches the pattern's part at the same position.
///
/// A different number of parts never matches.
fn matches_parts(pattern: &str, name: &str, separator: char) -> bool {
    let mut parts = name.split(separator);
    let each = pattern.split(separator).all(|it| parts.next().is_some_and(|part| glob(it, part)));
    each && parts.next().is_none()
}

/// Whether one label or segment matches a pattern, in which `*` stands for any text.
fn glob(pattern: &str, part: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == part };
    let Some(part) = part.strip_prefix(first) else { return false };
    let Some((between, last)) = rest.rsplit_once('*') else { return part.ends_with(rest) };
    let Some(mut part) = part.strip_suffix(last) else { return false };
    // The leftmost match of each piece leaves most text for the pieces after it.
    between.split('*').all(|piece| {
        let place = part.find(piece);
        part = place.and_then(|at| part.get(at + piece.len()..)).unwrap_or_default();
        place.is_some()
    })
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for CertificateName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) | Self::Uri(name) | Self::Common(name) => f.write_str(name),
            Self::Address(address) => address.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn matches(pattern: &str, name: CertificateName<'_>) -> bool {
        NamePattern::new(pattern).unwrap().matches(name)
    }

    #[test]
    fn a_star_matches_within_one_label() {
        let dns = |pattern, name| matches(pattern, CertificateName::Dns(name));
        assert!(dns("a.example.com", "A.Example.COM"));
        assert!(dns("*.example.com", "a.example.com"));
        assert!(!dns("*.example.com", "a.b.example.com"));
        assert!(!dns("*.example.com", "example.com"));
        assert!(dns("web-*-?.*", "WEB-7-?.test"));
        assert!(dns("a*b*c", "aXbYbZc"));
        assert!(!dns("a*b*c", "acb"));
        assert!(!dns("ab*ba", "aba"));
        assert!(!dns("*", "a.b"));
        assert!(dns("*a*a*", "aa") && !dns("*a*a*", "a"));
        assert!(!dns("a.example.com", "*.example.com"), "a wildcard in a certificate is text");
        assert!(!dns("a.example.com", "a.example.com.evil.test"));
        assert!(!dns("a.example.com", "a.example.com\0.evil.test"));
    }

    #[test]
    fn a_star_matches_within_one_segment() {
        let uri = |pattern, name| matches(pattern, CertificateName::Uri(name));
        assert!(uri("spiffe://example.org/ns/*/sa/web", "spiffe://example.org/ns/prod/sa/web"));
        assert!(!uri("spiffe://example.org/ns/*/sa/web", "spiffe://example.org/ns/a/b/sa/web"));
        assert!(!uri("spiffe://example.org/web", "spiffe://example.org/WEB"));
        assert!(!uri("spiffe://example.org/*", "spiffe://example.org.evil.test/x"));
        assert!(!uri("spiffe://example.org/*", "spiffe://example.org/a/b"));
        assert!(!uri("spiffe://*/web", "spiffe://example.org/x/web"));
        assert!(uri("urn:*:x", "urn:a:x"));
    }

    #[test]
    fn a_pattern_matches_one_kind_of_name() {
        let uri = "spiffe://example.org/web";
        assert!(!matches(uri, CertificateName::Common(uri)));
        assert!(!matches("*", CertificateName::Uri("urn:x")));
        assert!(matches("alice", CertificateName::Common("Alice")));
        assert!(matches("2001:db8::1", CertificateName::Address("2001:DB8:0::1".parse().unwrap())));
        assert!(!matches("192.0.2.*", CertificateName::Address("192.0.2.1".parse().unwrap())));
        assert!(!matches("192.0.2.1", CertificateName::Dns("192.0.2.1")));
    }

    #[test]
    fn empty_patterns_and_control_characters_are_refused() {
        assert_eq!(NamePattern::new(""), Err(NamePatternError::Empty));
        assert_eq!(NamePattern::new("a\nb"), Err(NamePatternError::Control));
    }
}
