//! Writes drafts as addresses of socat, and relays as commands.

use super::kinds::{KINDS, Makes};
use super::options::OPTIONS;
use crate::convert::address::joined;
use crate::convert::draft::{Draft, Layer};
use crate::convert::keep_alive::whole_seconds;
use crate::convert::loss::{Failure, Loss};
use crate::convert::plain;
use crate::convert::reading::Relay;
use crate::convert::rule::written;
use crate::convert::words::{command as to_text, quoted};
use strports_syntax::Role;

/// Writes the address of a draft, with its options.
pub(super) fn address(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let mut text = head(draft)?;
    if draft.proxy.is_some() {
        return Err(Failure::new("haproxy", "socat does not support the PROXY protocol"));
    }
    let mut all: Vec<&str> = Vec::new();
    let below = draft.transport.arguments().filter(|(name, _)| !is_in_head(name));
    for (name, value) in below.chain(draft.tls.iter().flat_map(Layer::arguments)) {
        let options = written(OPTIONS, draft.role, name, value);
        if options.is_empty() {
            // The table has no option for `host` of TLS, which is the name to verify.
            match name {
                "host" => text.push_str(&format!(",commonname={}", escaped(value)?)),
                _ => losses.push(Loss::new(format!("{name}={value}"), "socat has no such option")),
            }
        }
        for (option, value) in options {
            match value {
                Some(value) => text.push_str(&format!(",{option}={}", escaped(&value)?)),
                None => text.push_str(&format!(",{option}")),
            }
        }
        all.push(name);
    }
    if draft.role == Role::Server {
        if draft.tls.is_some() && !all.contains(&"clientCAs") {
            text.push_str(",verify=0");
        }
        let interface = draft.transport.get("interface").unwrap_or_default();
        if draft.transport.kind == "tcp" && interface.contains(':') {
            text.push_str(",pf=ip6");
        }
        if matches!(draft.transport.kind, "tcp" | "tcp6") {
            text.push_str(",reuseaddr");
        }
        if draft.transport.kind != "stdio" {
            text.push_str(",fork");
        }
    }
    Ok(text)
}

/// Writes the type of an address and its positional arguments.
fn head(draft: &Draft) -> Result<String, Failure> {
    let layer = &draft.transport;
    let get = |name: &str| escaped(layer.get(name).unwrap_or_default());
    let has_tls = draft.tls.is_some();
    let is_abstract = layer.get("abstract") == Some("1");
    let row = KINDS.iter().find(|row| match row.makes {
        Makes::Port { kind, tls } => {
            draft.role == Role::Server && kind == layer.kind && tls == has_tls
        }
        Makes::HostAndPort { kind, tls } => {
            draft.role == Role::Client && kind == layer.kind && tls == has_tls
        }
        Makes::Unix { role, is_abstract: other } => {
            layer.kind == "unix" && role == draft.role && other == is_abstract && !has_tls
        }
        Makes::Program => layer.kind == "process" && !has_tls,
        Makes::Stdio => layer.kind == "stdio" && !has_tls,
        Makes::Descriptor => layer.kind == "fd" && !has_tls,
        Makes::Shell | Makes::Through { .. } | Makes::Nothing(_) => false,
    });
    let row = row.ok_or_else(|| {
        let over = if has_tls { "TLS over " } else { "" };
        Failure::new(format!("{over}{}", layer.kind), "socat has no such address")
    })?;
    let name = row.names[0];
    Ok(match row.makes {
        Makes::Port { .. } => format!("{name}:{}", get("port")?),
        Makes::HostAndPort { .. } => {
            let host = layer.get("host").unwrap_or_default();
            format!("{name}:{}", joined(host, layer.get("port").unwrap_or_default())?)
        }
        Makes::Unix { role: Role::Server, .. } => format!("{name}:{}", get("address")?),
        Makes::Unix { .. } => format!("{name}:{}", get("path")?),
        Makes::Program => {
            let words = layer.get("executable").into_iter().chain(layer.all("args"));
            format!("{name}:{}", command_line(words)?)
        }
        Makes::Descriptor => format!("{name}:{}", get("fd")?),
        Makes::Stdio | Makes::Shell | Makes::Through { .. } | Makes::Nothing(_) => name.to_owned(),
    })
}

fn is_in_head(name: &str) -> bool {
    matches!(name, "host" | "port" | "address" | "path" | "abstract" | "executable" | "args" | "fd")
}

/// Escapes characters that separate arguments or options, with backslashes.
fn escaped(value: &str) -> Result<String, Failure> {
    let value = plain::line(value)?;
    let mut text = String::with_capacity(value.len());
    for char in value.chars() {
        if ",:\\\"'!()[]{}".contains(char) {
            text.push('\\');
        }
        text.push(char);
    }
    Ok(text)
}

/// Writes a command line in quotes. Words with backslashes or quotes are refused, because socat and
/// the command line would both interpret them.
fn command_line<'w>(words: impl Iterator<Item = &'w str>) -> Result<String, Failure> {
    let mut line = Vec::new();
    for word in words {
        if word.contains(|char: char| char.is_control() || "\\\"'!()[]{}".contains(char)) {
            let why = "expected no quotes, backslashes, brackets or control characters, which \
                       socat cannot quote in a command (put the command in a script)";
            return Err(Failure::new(word, why));
        }
        line.push(quoted(word));
    }
    Ok(format!("\"{}\"", line.join(" ")))
}

/// Writes the whole command for a server and its target.
pub(super) fn command(relay: &Relay, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let [client] = &relay.clients[..] else {
        return Err(Failure::new("relay", "socat connects to one address alone"));
    };
    let mut server = address(&relay.server, losses)?;
    let mut client = address(client, losses)?;
    let options = relay.all_options();
    if options.iter().any(|option| option.name == "--once") {
        server.truncate(server.strip_suffix(",fork").map_or(server.len(), str::len));
    }
    let mut own = String::new();
    for option in options {
        match option.name {
            "--once" => {}
            "--idle-timeout" => {
                own.push_str(&format!("-T {} ", whole_seconds(option, losses)?));
            }
            "--max-connections" => server.push_str(&format!(",max-children={}", option.value)),
            "--allow" if relay.networks("--allow").len() == 1 => {
                server.push_str(&format!(",range={}", option.value));
            }
            "--allow" => losses.push(Loss::new(&option.from, "socat has one network")),
            "--retry" => client.push_str(&format!(",retry={}", option.value)),
            _ => losses.push(Loss::new(&option.from, "socat has no such option")),
        }
    }
    Ok(format!("socat {own}{}", to_text(&[server, client])?))
}
