//! Writes drafts as lines of HAProxy, and relays as sections.

use super::options::OPTIONS;
use crate::convert::address::joined;
use crate::convert::draft::{Draft, Layer};
use crate::convert::keep_alive::Probe;
use crate::convert::loss::{Failure, Loss};
use crate::convert::plain;
use crate::convert::reading::Relay;
use crate::convert::rule::written;
use crate::convert::words::quoted;
use strports_syntax::Role;

/// Writes a `bind` line for a server, and a `server` line for a client.
pub(super) fn line(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    numbered(draft, 1, losses)
}

fn numbered(draft: &Draft, number: usize, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let mut text = match draft.role {
        Role::Server => format!("bind {}", place(draft)?),
        Role::Client => format!("server s{number} {}", place(draft)?),
    };
    // These arguments are written as part of the address, so the table does not write them again.
    let in_place = &["host", "port", "interface", "address", "path", "abstract", "fd"][..];
    let mut in_tls = vec!["host"];
    if let Some(tls) = &draft.tls {
        text.push_str(" ssl");
        match (draft.role, tls.get("certificate"), tls.get("privateKey"), tls.get("path")) {
            (Role::Server, None, Some(file), None) | (Role::Server, _, _, Some(file)) => {
                text.push_str(&format!(" crt {}", word(file)?));
                in_tls.extend(["path", "privateKey"]);
            }
            (_, Some(file), Some(key), _) if file == key => in_tls.push("privateKey"),
            _ => {}
        }
        if draft.role == Role::Client {
            if let Some(name) = tls.get("host").or_else(|| draft.transport.get("host")) {
                let name = plain::host(name)?;
                text.push_str(&format!(" verify required sni str({name}) verifyhost {name}"));
            }
            if tls.get("trustRoots").is_none() {
                text.push_str(" ca-file @system-ca");
            }
        } else if tls.get("clientCAs").is_some() {
            text.push_str(" verify required");
        }
    }
    if let Some(proxy) = &draft.proxy {
        text.push_str(match (draft.role, proxy.get("proxyVersion")) {
            (Role::Server, _) => " accept-proxy",
            (Role::Client, Some("1")) => " send-proxy",
            (Role::Client, _) => " send-proxy-v2",
        });
        if let (Role::Server, Some(version)) = (draft.role, proxy.get("proxyVersion")) {
            let why = "HAProxy reads both versions of the header";
            losses.push(Loss::new(format!("proxyVersion={version}"), why));
        }
    }
    let mut rest = Vec::new();
    let layers = [
        (Some(&draft.transport), in_place),
        (draft.tls.as_ref(), &in_tls[..]),
        (draft.proxy.as_ref(), &["proxyVersion"]),
    ];
    for (layer, written_above) in layers {
        let all = layer.into_iter().flat_map(Layer::arguments);
        rest.extend(all.filter(|(name, _)| !written_above.contains(name)));
    }
    for (name, value) in rest {
        if name == "proxyTlvs" {
            text.push_str(&header_options(value, losses));
            continue;
        }
        let keywords = written(OPTIONS, draft.role, name, value);
        if keywords.is_empty() {
            let why = "HAProxy has no such keyword";
            losses.push(Loss::new(format!("{name}={value}"), why));
        }
        for (keyword, value) in keywords {
            let keyword = by_number(keyword, value.as_deref());
            match value {
                Some(value) => {
                    text.push_str(&format!(" {keyword} {}", word(&value)?));
                }
                None => text.push_str(&format!(" {keyword}")),
            }
        }
    }
    Ok(text)
}

/// Returns the keyword for the fields (TLVs) of a PROXY header; HAProxy supports only some. Others
/// are losses.
fn header_options(tlvs: &str, losses: &mut Vec<Loss>) -> String {
    let has = |tlv: &&str| matches!(*tlv, "ssl" | "authority" | "unique-id");
    let (known, others): (Vec<_>, Vec<_>) = tlvs.split(',').partition(has);
    if !others.is_empty() {
        let why = "HAProxy has no such part of a header";
        losses.push(Loss::new(format!("proxyTlvs={}", others.join(",")), why));
    }
    if known.is_empty() { String::new() } else { format!(" proxy-v2-options {}", known.join(",")) }
}

/// Returns `uid` or `gid` for a number: HAProxy's `user` and `group` take only names.
fn by_number(keyword: &'static str, value: Option<&str>) -> &'static str {
    let is_number = value.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
    match keyword {
        "user" if is_number => "uid",
        "group" if is_number => "gid",
        _ => keyword,
    }
}

fn place(draft: &Draft) -> Result<String, Failure> {
    let layer = &draft.transport;
    let get = |name: &str| layer.get(name).unwrap_or_default();
    Ok(match (layer.kind, draft.role) {
        ("tcp", Role::Server) => match layer.get("interface") {
            Some(host) => joined(host, get("port"))?,
            None => format!("*:{}", get("port")),
        },
        ("tcp6", Role::Server) => joined(layer.get("interface").unwrap_or("::"), get("port"))?,
        ("tcp", Role::Client) => joined(get("host"), get("port"))?,
        ("tcp6", Role::Client) => format!("ipv6@{}", joined(get("host"), get("port"))?),
        ("unix", _) => {
            let prefix = if layer.get("abstract") == Some("1") { "abns@" } else { "unix@" };
            word(&path(draft.role, &format!("{prefix}{}{}", get("address"), get("path")))?)?
        }
        ("fd", _) => format!("fd@{}", get("fd")),
        (kind, _) => return Err(Failure::new(kind, "HAProxy has no such address")),
    })
}

/// Checks the path of a UNIX socket, in which HAProxy expands variables and splits at commas.
fn path(role: Role, address: &str) -> Result<String, Failure> {
    let why = if address.contains('$') {
        "expected no `$`, which is a variable of HAProxy even in quotes (choose another path)"
    } else if role == Role::Server && address.contains(',') {
        "expected no `,`, which separates the addresses of `bind` (choose another path)"
    } else {
        return Ok(address.to_owned());
    };
    Err(Failure::new(address, why))
}

/// Quotes a word of a line; HAProxy's quoting is the same as a shell's.
fn word(text: &str) -> Result<String, Failure> {
    if text.contains(char::is_control) {
        let why = "expected no control characters, which a line of HAProxy cannot quote (choose \
                   another name)";
        return Err(Failure::new(text, why));
    }
    Ok(quoted(text))
}

/// Removes `keepAlive` from the drafts of one side, and returns lines for the section instead.
///
/// A section has one setting for all its connections. If theirs differ, `keepAlive` stays and is
/// reported as lost.
fn probes(side: &str, drafts: &mut [Draft]) -> Vec<String> {
    let Some(value) = drafts.first().and_then(|it| it.transport.get("keepAlive")) else {
        return Vec::new();
    };
    let value = value.to_owned();
    if drafts.iter().any(|it| it.transport.get("keepAlive") != Some(&value)) {
        return Vec::new();
    }
    for draft in drafts {
        draft.transport.take("keepAlive");
    }
    let names =
        [(Probe::Idle, "idle", "s"), (Probe::Interval, "intvl", "s"), (Probe::Count, "cnt", "")];
    let numbers = names.into_iter().filter_map(|(probe, name, unit)| {
        Some(format!("    {side}tcpka-{name} {}{unit}", probe.of(&value)?))
    });
    let numbers: Vec<_> = numbers.collect();
    // Without `option clitcpka` or `srvtcpka`, HAProxy sends no probes.
    let on = (!numbers.is_empty()).then(|| format!("    option {side}tcpka"));
    on.into_iter().chain(numbers).collect()
}

/// Writes a `listen` section for a server and its targets.
pub(super) fn section(relay: &Relay, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let mut lines = vec!["listen strports".to_owned(), "    mode tcp".to_owned()];
    for option in relay.all_options() {
        let value = &option.value;
        match option.name {
            "--idle-timeout" => {
                let time = plain::time(value)?;
                lines.push(format!("    timeout client {time}"));
                lines.push(format!("    timeout server {time}"));
            }
            "--connect-timeout" => {
                lines.push(format!("    timeout connect {}", plain::time(value)?));
            }
            "--max-connections" => lines.push(format!("    maxconn {value}")),
            "--retry" => lines.push(format!("    retries {value}")),
            "--balance" if value == "round-robin" => {
                lines.push("    balance roundrobin".to_owned());
            }
            // Networks are written below, because several options form one list.
            "--allow" | "--deny" => {}
            _ => losses.push(Loss::new(&option.from, "HAProxy has no such line")),
        }
    }
    for (name, when) in [("--deny", "if"), ("--allow", "unless")] {
        let networks = relay.networks(name).join(" ");
        if !networks.is_empty() {
            lines.push(format!("    tcp-request connection reject {when} {{ src {networks} }}"));
        }
    }
    let (mut server, mut clients) = (relay.server.clone(), relay.clients.clone());
    lines.extend(probes("cli", std::slice::from_mut(&mut server)));
    lines.extend(probes("srv", &mut clients));
    lines.push(format!("    {}", line(&server, losses)?));
    for (index, client) in clients.iter().enumerate() {
        lines.push(format!("    {}", numbered(client, index + 1, losses)?));
    }
    Ok(lines.join("\n"))
}
