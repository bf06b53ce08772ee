//! Reads single `bind` and `server` lines of an HAProxy configuration.

use super::directives::values_of;
use super::options::OPTIONS;
use super::words::words;
use crate::convert::address::{Address, unix};
use crate::convert::draft::{Draft, Layer};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::Reading;
use crate::convert::rule::{self, Given};
use strports_syntax::Role;

/// Reads a `bind` line, whose first word is removed. Returns a server for each of its addresses.
pub(super) fn bind(
    line: &str,
    words: &[String],
    losses: &mut Vec<Loss>,
) -> Result<Vec<Draft>, Failure> {
    let (addresses, options) =
        words.split_first().ok_or_else(|| Failure::new(line, "expected an address"))?;
    let mut drafts = Vec::new();
    for address in addresses.split(',') {
        let mut draft = place(address, Role::Server)?;
        apply(options, &mut draft, losses);
        if !options.iter().any(|option| option == "verify") {
            losses.extend(draft.without_client_authorities("`verify required`"));
        }
        drafts.push(draft);
        // Every address has the same options, and so the same losses.
        losses.dedup();
    }
    Ok(drafts)
}

/// Reads a `server` line, whose first word is removed. `defaults` are the options of all servers in
/// the section.
pub(super) fn server(
    line: &str,
    words: &[String],
    defaults: &[String],
    losses: &mut Vec<Loss>,
) -> Result<Draft, Failure> {
    let [_, address, options @ ..] = words else {
        return Err(Failure::new(line, "expected a name and an address"));
    };
    let mut draft = place(address, Role::Client)?;
    apply(defaults, &mut draft, losses);
    apply(options, &mut draft, losses);
    Ok(draft)
}

fn apply(words: &[String], draft: &mut Draft, losses: &mut Vec<Loss>) {
    let mut options = Vec::new();
    let mut words = words.iter();
    while let Some(name) = words.next() {
        let value = (0..values_of(name)).map(|_| words.next().cloned().unwrap_or_default());
        options.push((name, value.collect::<Vec<_>>().join(" ")));
    }
    // TLS is turned on first, because options that require it may precede `ssl`.
    if options.iter().any(|(name, _)| *name == "ssl") {
        draft.tls();
    }
    for (name, value) in &options {
        let text = format!("{name} {value}");
        let given = Given { name, value: Some(value), text: text.trim_end() };
        rule::apply(OPTIONS, draft, given, losses);
    }
}

/// Reads an address with a prefix (`ipv4@`, `unix@`, `abns@`, `fd@`), or a path, or `host:port`.
fn place(text: &str, role: Role) -> Result<Draft, Failure> {
    let (prefix, rest) = text.split_once('@').unwrap_or(("", text));
    if text.contains('$') {
        return Err(Failure::new(text, "it contains an environment variable"));
    }
    match prefix {
        "unix" => Ok(unix(role, rest, false)),
        "abns" => Ok(unix(role, rest, true)),
        "fd" => Ok(Draft::new(role, Layer::new("fd").with("fd", rest))),
        "" if rest.starts_with('/') => Ok(unix(role, rest, false)),
        "" | "ipv4" | "ipv6" | "stream+ipv4" | "stream+ipv6" | "tcp" | "tcp4" | "tcp6" => {
            let mut address = Address::parse(rest)?;
            if prefix.ends_with('6') && matches!(&*address.host, "" | "*") {
                "::".clone_into(&mut address.host);
            }
            let is_six = prefix.ends_with('6') && !address.is_ipv6();
            let mut draft = if role == Role::Server { address.server() } else { address.client() };
            if is_six {
                draft.transport.kind = "tcp6";
            }
            Ok(draft)
        }
        _ => Err(Failure::new(text, "descriptions have no address family of this kind")),
    }
}

/// Calls `each` with every line of a text, its number from 1 and its words.
pub(super) fn lines(
    text: &str,
    mut each: impl FnMut(&mut Reading, usize, &str, Vec<String>),
) -> Reading {
    let mut reading = Reading::default();
    let many = text.trim().lines().count() > 1;
    for (index, line) in text.lines().enumerate() {
        match words(line) {
            Ok(words) if words.is_empty() => {}
            Ok(words) => each(&mut reading, index + 1, line.trim(), words),
            Err(failure) => reading.failures.push(failure),
        }
        if many {
            reading.at_line(index + 1);
        }
    }
    reading
}
