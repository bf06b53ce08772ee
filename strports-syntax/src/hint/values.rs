//! Hints for values and keywords in the syntax of other programs.

use alloc::format;

use super::answer::Hint;
use super::scan::{is_port, slice};
use crate::{Role, Signature, Span, Text};

/// Service names, as in `/etc/services`, with their TCP ports.
const SERVICES: &[(&str, u16)] = &[
    ("amqp", 5672),
    ("domain", 53),
    ("ftp", 21),
    ("http", 80),
    ("http-alt", 8080),
    ("https", 443),
    ("imap", 143),
    ("imaps", 993),
    ("ldap", 389),
    ("ldaps", 636),
    ("mysql", 3306),
    ("pop3", 110),
    ("pop3s", 995),
    ("postgresql", 5432),
    ("redis", 6379),
    ("smtp", 25),
    ("smtps", 465),
    ("ssh", 22),
    ("submission", 587),
    ("telnet", 23),
];

/// Keywords of other programs, each with keywords of descriptions that mean the same. The first one
/// that the type has is suggested.
const KEYWORDS: &[(&str, &[&str])] = &[
    ("addr", &["interface", "host"]),
    ("address", &["interface", "host"]),
    ("bind", &["interface", "bindAddress"]),
    ("ca", &["trustRoots", "caCertsDir", "clientCAs"]),
    ("cafile", &["trustRoots", "caCertsDir", "clientCAs"]),
    ("cert", &["certKey", "certificate"]),
    ("certfile", &["certKey", "certificate"]),
    ("certificate", &["certKey"]),
    ("chain", &["extraCertChain"]),
    ("crt", &["certKey", "certificate"]),
    ("file", &["address", "path"]),
    ("host", &["interface"]),
    ("ip", &["interface", "host"]),
    ("key", &["privateKey"]),
    ("keyfile", &["privateKey"]),
    ("listen", &["interface"]),
    ("path", &["address"]),
    ("perm", &["mode"]),
    ("permissions", &["mode"]),
    ("perms", &["mode"]),
    ("pkey", &["privateKey"]),
    ("server", &["host"]),
    ("socket", &["address", "path"]),
    ("sni", &["hostname"]),
];

/// The hint for a port argument at `span` that is empty or the name of a service, such as `http`.
pub(super) fn port(text: &[u8], span: Span) -> Option<Hint> {
    let found = slice(text, span);
    let value = found.rsplit(|byte| *byte == b'=').next().unwrap_or_default();
    if value.is_empty() {
        let help = "add the port; 0 lets the system choose a free one";
        return Some(Hint { help: Some(help.into()), ..Hint::default() });
    }
    let (_, port) =
        SERVICES.iter().find(|(name, _)| value.eq_ignore_ascii_case(name.as_bytes()))?;
    let help = format!("names of services are not looked up: write `{port}`");
    let place = Span::new(span.end - value.len(), span.end);
    Some(Hint { help: Some(help), fix: Some((place, format!("{port}").into())), ..Hint::default() })
}

/// The hint for a mode that is probably the rest of a path, as in `unix:/run/a:b.sock`.
pub(super) fn split_path(text: &[u8], span: Span) -> Option<Hint> {
    let found = slice(text, span);
    let is_path = found.iter().any(|byte| matches!(byte, b'.' | b'/')) || is_port(found);
    let colon = span.start.checked_sub(1).filter(|at| text.get(*at) == Some(&b':'))?;
    if !is_path {
        return None;
    }
    let help = "a colon ends the path: write `\\:` if it is part of the path";
    let fix = Some((Span::new(colon, colon + 1), br"\:".to_vec()));
    Some(Hint { help: Some(help.into()), fix, ..Hint::default() })
}

/// The hint for a keyword of another program, such as `key` for `privateKey`.
pub(super) fn keyword(type_name: &str, role: Role, text: &[u8], span: Span) -> Option<Hint> {
    let found = slice(text, span);
    let signature = Signature::find(role, &Text::plain(type_name))?;
    let (_, names) =
        KEYWORDS.iter().find(|(name, _)| found.eq_ignore_ascii_case(name.as_bytes()))?;
    let known = |name: &&&str| signature.parameter(name).is_some_and(|it| !it.extension);
    let name = names.iter().find(known)?;
    let help = format!("it is called `{name}` here");
    Some(Hint { help: Some(help), fix: Some((span, (*name).into())), ..Hint::default() })
}
