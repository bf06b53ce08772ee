//! Reads and writes the listen addresses of the Rust crate tokio-listener.

use super::host_port::host_port;
use crate::convert::address::{Address, unix};
use crate::convert::draft::{Draft, Layer};
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::plain;
use crate::convert::reading::Reading;
use strports_syntax::Role;

pub(super) static FORMAT: Format = Format {
    name: "tokio-listener",
    summary: "`127.0.0.1:80`, `/path`, `@abstract`, `sd-listen:NAME`, `inetd`",
    looks,
    read: |text, _| Reading::from_result(|losses| draft(text.trim(), losses)),
    write: Some(write),
    write_relay: None,
    examples: || {
        vec![
            Example { names: &["path"], text: "/run/a.sock", gives: "unix:/run/a.sock" },
            Example { names: &["./path"], text: "./a.sock", gives: "unix:./a.sock" },
            Example { names: &["@abstract"], text: "@a", gives: "unix:a:abstract=1" },
            Example { names: &["sd-listen"], text: "sd-listen", gives: "systemd:INET:index=0" },
            Example {
                names: &["sd-listen:NAME"],
                text: "sd-listen:web",
                gives: "systemd:INET:name=web",
            },
            Example { names: &["inetd", "stdio", "-"], text: "inetd", gives: "stdio:" },
        ]
    },
};

const INETD: [&str; 3] = ["inetd", "stdio", "-"];

fn looks(text: &str) -> bool {
    let text = text.trim();
    let first = text.split(':').next().unwrap_or_default();
    let is_word = !text.contains(char::is_whitespace);
    is_word && (text.starts_with(['/', '@']) || text.starts_with("./") || INETD.contains(&text))
        || first == "sd-listen"
}

fn draft(text: &str, losses: &mut Vec<Loss>) -> Result<Draft, Failure> {
    let server = |layer| Draft::new(Role::Server, layer);
    if INETD.contains(&text) {
        return Ok(server(Layer::new("stdio")));
    }
    if let Some(name) = text.strip_prefix('@') {
        return Ok(unix(Role::Server, name, true));
    }
    if text.starts_with('/') || text.starts_with("./") {
        return Ok(unix(Role::Server, text, false));
    }
    let Some(name) = text.strip_prefix("sd-listen") else {
        return Ok(Address::parse(text)?.server());
    };
    losses.push(Loss::new(text, "a description needs the family of the socket; INET is assumed"));
    let layer = Layer::new("systemd").with("domain", "INET");
    Ok(server(match name.strip_prefix(':').filter(|name| !name.is_empty()) {
        Some(name) => layer.with("name", name),
        None => layer.with("index", "0"),
    }))
}

fn write(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    const WHY: &str = "an address of tokio-listener has no options";
    let layer = &draft.transport;
    if draft.role == Role::Client {
        return Err(Failure::new(layer.kind, "tokio-listener listens alone"));
    }
    let path = layer.get("address").unwrap_or_default();
    let text = match layer.kind {
        "stdio" => "inetd".to_owned(),
        "systemd" => match layer.get("name") {
            Some(name) => format!("sd-listen:{}", plain::line(name)?),
            None => "sd-listen".to_owned(),
        },
        "unix" if layer.get("abstract") == Some("1") => format!("@{}", plain::line(path)?),
        "unix" if path.starts_with('/') || path.starts_with("./") => plain::line(path)?.to_owned(),
        "unix" if path.is_empty() => {
            let why = "expected a path, because tokio-listener names every socket";
            return Err(Failure::new("unix:", why));
        }
        "unix" => format!("./{}", plain::line(path)?),
        _ => {
            let text = host_port(draft, losses, WHY)?;
            return Ok(text.strip_prefix(':').map_or(text.clone(), |port| format!("[::]:{port}")));
        }
    };
    // These arguments are no loss: without a name the first socket is used, and tokio-listener
    // detects the family of a socket.
    let usual = |name: &str| match name {
        "domain" => layer.get(name) == Some("INET"),
        "index" => layer.get(name) == Some("0"),
        _ => matches!(name, "address" | "abstract" | "name"),
    };
    losses.extend(
        layer
            .lost(&[], WHY)
            .into_iter()
            .filter(|loss| !usual(loss.text.split('=').next().unwrap_or_default())),
    );
    losses.extend(draft.tls.iter().chain(&draft.proxy).map(|layer| Loss::new(layer.kind, WHY)));
    Ok(text)
}
