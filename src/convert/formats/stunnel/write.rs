//! Writes a relay as a service of stunnel.

use super::options::{ACCEPT, CONNECT, TLS};
use crate::convert::draft::Draft;
use crate::convert::keep_alive::whole_seconds;
use crate::convert::loss::{Failure, Loss};
use crate::convert::plain;
use crate::convert::reading::Relay;
use crate::convert::rule::written;
use crate::convert::words::quoted;
use strports_syntax::Role;

pub(super) fn service(relay: &Relay, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let Some(client) = relay.clients.first() else {
        return Err(Failure::new("relay", "expected a client"));
    };
    if relay.clients.iter().any(|other| other.tls.is_some() != client.tls.is_some()) {
        return Err(Failure::new("relay", "stunnel has TLS for all targets or for none"));
    }
    let is_client = match (&relay.server.tls, &client.tls) {
        (Some(_), None) => false,
        (None, Some(_)) => true,
        _ => return Err(Failure::new("relay", "stunnel has TLS on one of the two sides")),
    };
    let mut lines = vec!["[strports]".to_owned()];
    if is_client {
        lines.push("client = yes".to_owned());
    }
    if let Some(accept) = place(&relay.server)? {
        lines.push(format!("accept = {accept}"));
    }
    if relay.server.proxy.is_some() {
        losses.push(Loss::new("haproxy", "stunnel sends a PROXY header, and reads none"));
    }
    for client in &relay.clients {
        match place(client)? {
            Some(connect) => lines.push(format!("connect = {connect}")),
            None => return Err(Failure::new("stdio", "stunnel connects to no standard input")),
        }
    }
    let speaks = if is_client { client } else { &relay.server };
    if let Some(tls) = &speaks.tls {
        if let (Role::Server, None, Some(file)) =
            (speaks.role, tls.get("certificate"), tls.get("privateKey"))
        {
            lines.push(format!("cert = {}", plain::line(file)?));
        }
        if is_client {
            let name = plain::host(name_of(speaks))?;
            lines.push("verifyChain = yes".to_owned());
            if relay.clients.iter().all(|other| name_of(other) == name) {
                lines.push(format!("checkHost = {name}"));
                lines.push(format!("sni = {name}"));
            } else {
                losses.push(Loss::new("tls", "stunnel verifies the same name for all targets"));
            }
            if tls.get("trustRoots").is_none() {
                lines.push("CApath = /etc/ssl/certs".to_owned());
            }
        } else if tls.get("clientCAs").is_some() {
            lines.push("verifyChain = yes".to_owned());
        }
    }
    // Host names are compared above, so they are left out of the comparison of options.
    let mut others = relay.clone();
    others.clients.iter_mut().filter_map(|it| it.tls.as_mut()).for_each(|tls| _ = tls.take("host"));
    others.with_equal_options("stunnel")?;
    for end in [&relay.server, client] {
        arguments(end, &mut lines, losses)?;
    }
    for option in relay.all_options() {
        match option.name {
            "--idle-timeout" => {
                lines.push(format!("TIMEOUTidle = {}", whole_seconds(option, losses)?));
            }
            "--connect-timeout" => {
                lines.push(format!("TIMEOUTconnect = {}", whole_seconds(option, losses)?));
            }
            "--retry" => {
                lines.push("retry = yes".to_owned());
                if option.value != "1" {
                    losses.push(Loss::new(&option.from, "stunnel counts no attempts"));
                }
            }
            "--balance" if option.value == "round-robin" => {
                lines.push("failover = rr".to_owned());
            }
            "--balance" if option.value == "first" => lines.push("failover = prio".to_owned()),
            _ => losses.push(Loss::new(&option.from, "stunnel has no such key")),
        }
    }
    Ok(lines.join("\n"))
}

/// Returns the name that the certificate of a client's server must be valid for.
fn name_of(client: &Draft) -> &str {
    let name = client.tls.as_ref().and_then(|tls| tls.get("host"));
    name.or_else(|| client.transport.get("host")).unwrap_or_default()
}

/// Writes a line for each argument that has a key in stunnel, and a loss for the others.
fn arguments(end: &Draft, lines: &mut Vec<String>, losses: &mut Vec<Loss>) -> Result<(), Failure> {
    end.lose_family(losses);
    let in_place = ["host", "port", "interface", "address", "path", "executable", "args"];
    let below = end.transport.arguments().filter(|(name, _)| !in_place.contains(name));
    let over = end
        .tls
        .iter()
        .flat_map(crate::convert::draft::Layer::arguments)
        .filter(|(name, _)| *name != "host");
    for (name, value) in below.chain(over) {
        let keys = [TLS, ACCEPT, CONNECT]
            .into_iter()
            .map(|rules| written(rules, end.role, name, value))
            .find(|keys| !keys.is_empty())
            .unwrap_or_default();
        if keys.is_empty() {
            match name {
                "timeout" => lines.push(format!("TIMEOUTconnect = {value}")),
                _ => losses.push(Loss::new(format!("{name}={value}"), "stunnel has no such key")),
            }
        }
        for (key, value) in keys {
            lines.push(format!("{key} = {}", plain::line(value.as_deref().unwrap_or("yes"))?));
        }
    }
    if let (Role::Client, Some(proxy)) = (end.role, &end.proxy) {
        lines.push("protocol = proxy".to_owned());
        let why = "stunnel sends version 1 of the header";
        losses.extend(match proxy.get("proxyVersion") {
            Some("1") => proxy.lost(&["proxyVersion"], why),
            _ => vec![Loss::new("haproxy", why)],
        });
    }
    Ok(())
}

fn place(draft: &Draft) -> Result<Option<String>, Failure> {
    let layer = &draft.transport;
    let get = |name: &str| layer.get(name).unwrap_or_default();
    Ok(Some(match (layer.kind, draft.role) {
        ("tcp", Role::Server) => match layer.get("interface") {
            Some(host) => address(host, get("port"))?,
            None => get("port").to_owned(),
        },
        ("tcp6", Role::Server) => address(layer.get("interface").unwrap_or("::"), get("port"))?,
        ("tcp" | "tcp6", Role::Client) => address(get("host"), get("port"))?,
        ("unix", _) if layer.get("abstract") != Some("1") => {
            let path = format!("{}{}", get("address"), get("path"));
            if !path.starts_with('/') {
                let why = "expected an absolute path, because stunnel reads others as a host";
                return Err(Failure::new(path, why));
            }
            plain::line(&path)?.to_owned()
        }
        ("process", _) => {
            let name = get("executable").rsplit('/').next().unwrap_or_default();
            let words: Vec<String> =
                std::iter::once(name).chain(layer.all("args")).map(quoted).collect();
            return Err(Failure::new(
                words.join(" "),
                "write `exec` and `execArgs` in place of `connect`",
            ));
        }
        ("stdio", Role::Server) => return Ok(None),
        (kind, _) => return Err(Failure::new(kind, "stunnel has no such address")),
    }))
}

/// Writes an address. stunnel splits at the last colon, so IPv6 addresses have no brackets.
fn address(host: &str, port: &str) -> Result<String, Failure> {
    Ok(format!("{}:{port}", plain::host(host)?))
}
