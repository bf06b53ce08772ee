//! The lint `looks-like-url`: its documentation page, and its check.

use alloc::string::ToString;
use alloc::vec::Vec;
use alloc::{format, vec};

use crate::lint::context::{Findings, RuleContext};
use crate::lint::rule::Rule;
use crate::{Argument, Code, Diagnostic, Fix, Place, Role, Span, Text, quote_bytes};

pub(crate) const RULE: Rule = Rule {
    code: Code::LooksLikeUrl,
    fixes_errors: true,
    doc: r"
A URL where a description is expected.

The slashes become part of the host, which then does not exist.

    tcp://example.com:80

A description has no slashes after its type:

    tcp:example.com:80

Reference: spec/grammar.abnf.
",
    check,
};

/// URL schemes, each with the type of clients and the default port, if it has one.
const SCHEMES: [(&str, &str, Option<&str>); 9] = [
    ("tcp", "tcp", None),
    ("tcp6", "tcp6", None),
    ("ssl", "ssl", None),
    ("tls", "tls", None),
    ("http", "tcp", Some("80")),
    ("https", "tls", Some("443")),
    ("ws", "tcp", Some("80")),
    ("wss", "tls", Some("443")),
    ("unix", "unix", None),
];

fn check(context: &RuleContext<'_, '_>, findings: &mut Findings<'_, '_>) {
    let Some(first) = context.written.first() else { return };
    let scheme = context.description.type_span();
    let slashes = context.raw(first.span).starts_with(b"//");
    if !slashes || first.span.start != scheme.end + 1 {
        return;
    }
    let name = context.description.type_name().to_string().to_ascii_lowercase();
    let Some(&(_, type_name, port)) = SCHEMES.iter().find(|(url, _, _)| *url == name) else {
        return;
    };
    let url = Url::read(context, first);
    let span = Span::new(scheme.start, url.end);
    let (replacement, certain) = match context.role {
        Role::Client => url.client(type_name, port),
        Role::Server => (url.server(type_name, port), false),
    };
    // The message does not quote the URL, because it may contain a password.
    let mut diagnostic =
        Diagnostic::lint(RULE.code, span, format!("`{name}://…` is a URL, not a description"))
            .with_help(format!("write `{type_name}:` without the slashes"));
    if let Some(replacement) = replacement {
        diagnostic.fix = Some(Fix { safe: certain, ..Fix::safe(span, replacement) });
    }
    findings.push(diagnostic);
}

/// A URL in the place of a description, split into its parts, with their bytes as written.
struct Url<'u> {
    host: &'u [u8],
    port: Option<&'u [u8]>,
    path: &'u [u8],
    /// Whether the URL has credentials or a malformed port, which prevents a fix.
    more: bool,
    /// The offset in the text at which the URL ends: before the next keyword, or at the end.
    end: usize,
}

impl<'u> Url<'u> {
    /// Splits the text after the scheme into the parts of a URL, up to the next keyword argument.
    fn read(context: &RuleContext<'_, 'u>, first: &Argument<'_>) -> Self {
        let is_keyword = |argument: &&Argument<'_>| !argument.is_positional();
        let keyword = context.written.iter().skip(1).find(is_keyword);
        let end = keyword.map_or(context.text().len(), |it| it.span.start.saturating_sub(1));
        let rest = context.raw(Span::new(first.span.start + 2, end));
        let (authority, path) = split_at(rest, |byte| matches!(byte, b'/' | b'?' | b'#'));
        let closing = authority.iter().position(|&byte| byte == b']').unwrap_or(0);
        let (host, port) = split_at(&authority[closing..], |byte| byte == b':');
        let host = &authority[..closing + host.len()];
        let digits = |port: &&[u8]| !port.is_empty() && port.iter().all(u8::is_ascii_digit);
        let number = port.get(1..).filter(digits);
        let more = authority.contains(&b'@') || !port.is_empty() && number.is_none();
        Self { host, port: number, path, more, end }
    }

    /// The client description for the URL, and whether it has the same meaning.
    ///
    /// Returns `None` if the URL has parts that no description can have.
    fn client(&self, type_name: &str, port: Option<&str>) -> (Option<Vec<u8>>, bool) {
        if self.more {
            return (None, false);
        }
        if type_name == "unix" && self.host.is_empty() && self.path.is_empty() {
            return (None, false);
        }
        if type_name == "unix" {
            let mut path = quote_bytes(self.host, Place::Positional);
            path.extend(quote_bytes(self.path, Place::Positional));
            return (Some([b"unix:", &*path].concat()), self.host.is_empty());
        }
        let Some(port) = self.port.or(port.map(str::as_bytes)) else { return (None, false) };
        // A path or a query is lost, because a description cannot have it.
        let plain = matches!(self.path, b"" | b"/");
        let mut text = vec![];
        for part in [type_name.as_bytes(), &self.host(), port] {
            text.extend_from_slice(part);
            text.push(b':');
        }
        text.pop();
        (Some(text), plain && !self.host.is_empty())
    }

    /// The server description for the URL, which is only a suggestion.
    ///
    /// Returns `None` for TLS, because servers need certificates, which a URL does not name.
    fn server(&self, type_name: &str, port: Option<&str>) -> Option<Vec<u8>> {
        if type_name == "unix" {
            return self.client(type_name, port).0;
        }
        let port = self.port.or(port.map(str::as_bytes))?;
        if self.more || !type_name.starts_with("tcp") {
            return None;
        }
        let mut text = [type_name.as_bytes(), b":", port].concat();
        if !matches!(self.host, b"" | b"*" | b"0.0.0.0") {
            text.extend_from_slice(b":interface=");
            text.extend(self.host());
        }
        Some(text)
    }

    /// The host of the URL, escaped for a description and without brackets.
    fn host(&self) -> Vec<u8> {
        let inner = self.host.strip_prefix(b"[").and_then(|host| host.strip_suffix(b"]"));
        let host = Text::plain(inner.unwrap_or(self.host));
        quote_bytes(&host.to_bytes(), Place::Positional)
    }
}

fn split_at(text: &[u8], delimiter: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|&byte| delimiter(byte)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::{fixed, silent};
    use crate::{Code, Role};

    #[test]
    fn hit() {
        let client = |text| fixed(Code::LooksLikeUrl, text, Role::Client);
        assert_eq!(client("tcp://example.com:80"), "tcp:example.com:80");
        assert_eq!(client("tcp://[::1]:80/"), r"tcp:\:\:1:80");
        assert_eq!(client("https://example.com/"), "tls:example.com:443");
        assert_eq!(client("tcp://h:80:timeout=5"), "tcp:h:80:timeout=5");
        assert_eq!(client("unix:///run/a=b"), r"unix:/run/a\=b");
        let server = |text| fixed(Code::LooksLikeUrl, text, Role::Server);
        assert_eq!(server("tcp://0.0.0.0:80"), "tcp:80");
        assert_eq!(server("tcp://[::1]:80"), r"tcp:80:interface=\:\:1");
    }

    #[test]
    fn near_miss() {
        silent(Code::LooksLikeUrl, "unix:/run//a", Role::Client);
        silent(Code::LooksLikeUrl, "foo://x:1", Role::Client);
    }

    #[test]
    fn urls_without_an_equivalent_get_no_fix() {
        for text in ["https://user:secret@h/", "http://h:http/", "tcp://u@h:80"] {
            let report = crate::check(text, Role::Client);
            assert!(!report.diagnostics().is_empty(), "{text}");
            assert!(report.fixes().next().is_none(), "{text}");
            assert!(report.diagnostics().iter().all(|it| !it.message.contains("secret")));
        }
    }
}
