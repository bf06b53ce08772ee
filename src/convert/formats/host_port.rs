//! Reads and writes `host:port`, as Go and many other programs do.

use crate::convert::address::{Address, joined, unix};
use crate::convert::draft::Draft;
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::Reading;
use strports_syntax::{Role, Signature, Text};

pub(super) static FORMAT: Format = Format {
    name: "go",
    summary: "`host:port`, `:port` or `[v6]:port`, as Go has it",
    looks,
    read: |text, role| Reading::from_result(|_| draft(text, role)),
    write: Some(write),
    write_relay: None,
    examples: || {
        vec![
            Example { names: &[":port"], text: ":8080", gives: "tcp6:8080" },
            Example { names: &["host:port"], text: "example.com:80", gives: "tcp:example.com:80" },
            Example { names: &["address:port"], text: "0.0.0.0:80", gives: "tcp:80" },
            Example { names: &["[address]:port"], text: "[::1]:80", gives: r"tcp:\:\:1:80" },
        ]
    },
};

fn looks(text: &str) -> bool {
    let text = text.trim();
    let is_word = !text.contains(char::is_whitespace) && !text.contains('/');
    is_word && text.contains(':') && Address::parse(text).is_ok_and(|it| is_host(&it.host))
}

fn is_host(host: &str) -> bool {
    let is_type = |role| Signature::find(role, &Text::plain(host)).is_some();
    if is_type(Role::Server) || is_type(Role::Client) {
        return false;
    }
    host.is_empty()
        || host.parse::<std::net::IpAddr>().is_ok()
        || host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte))
}

/// Reads an address. Without a role, one without a host or with an unspecified address is a server,
/// and others are clients.
fn draft(text: &str, role: Option<Role>) -> Result<Draft, Failure> {
    let address = Address::parse(text)?;
    let is_any = matches!(&*address.host, "" | "*" | "0.0.0.0" | "::");
    let server = role.map_or(is_any, |role| role == Role::Server);
    Ok(if server { address.server_of_both() } else { address.client() })
}

fn write(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    host_port(draft, losses, "`host:port` has no options")
}

/// Writes `host:port`. Every other argument is a loss, for the reason `why`.
pub(super) fn host_port(
    draft: &Draft,
    losses: &mut Vec<Loss>,
    why: &str,
) -> Result<String, Failure> {
    let layer = &draft.transport;
    if !matches!(layer.kind, "tcp" | "tcp6") {
        return Err(Failure::new(layer.kind, "only TCP has a host and a port"));
    }
    let port = layer.get("port").unwrap_or_default();
    let host = match (draft.role, layer.kind) {
        (Role::Client, _) => layer.get("host").unwrap_or_default(),
        (Role::Server, "tcp6") => layer.get("interface").unwrap_or_default(),
        (Role::Server, _) => layer.get("interface").unwrap_or("0.0.0.0"),
    };
    let above = draft.tls.iter().chain(&draft.proxy);
    losses.extend(above.map(|layer| Loss::new(layer.kind, why)));
    losses.extend(layer.lost(&["host", "port", "interface"], why));
    draft.lose_family(losses);
    if host.is_empty() && draft.role == Role::Server {
        return Ok(format!(":{port}"));
    }
    joined(host, port)
}

/// Reads `host:port`, or the path of a UNIX socket, as the programs of other forms do.
pub(super) fn host_port_or_path(text: &str, role: Role) -> Result<Draft, Failure> {
    let path = text.strip_prefix("unix:").or_else(|| text.starts_with(['/', '.']).then_some(text));
    if let Some(path) = path {
        return Ok(unix(role, path, false));
    }
    let address = Address::parse(text)?;
    Ok(if role == Role::Server { address.server() } else { address.client() })
}
