//! Writes drafts as directives in nginx's `stream`, and relays as `server` blocks.

use super::options::DIRECTIVES;
use crate::convert::address::joined;
use crate::convert::draft::Draft;
use crate::convert::loss::{Failure, Loss};
use crate::convert::plain;
use crate::convert::reading::Relay;
use crate::convert::rule::written;
use strports_syntax::Role;

const WHY: &str = "nginx has no such directive";

/// Writes `listen` or `proxy_pass`, followed by the directives for its options.
pub(super) fn directives(draft: &Draft, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    Ok(lines(draft, None, losses)?.join("\n"))
}

/// Writes the directives of a draft, one an item. `target` is the name of an `upstream` that
/// `proxy_pass` names instead of an address.
fn lines(
    draft: &Draft,
    target: Option<&str>,
    losses: &mut Vec<Loss>,
) -> Result<Vec<String>, Failure> {
    let place = place(draft)?;
    draft.lose_family(losses);
    let mut first = match draft.role {
        Role::Server => format!("listen {place}"),
        Role::Client => format!("proxy_pass {}", target.unwrap_or(&place)),
    };
    let mut more = Vec::new();
    let mut own: Vec<(&str, String)> = Vec::new();
    for (name, value) in draft.transport.arguments() {
        match name {
            "host" | "port" | "interface" | "address" | "path" | "abstract" | "v6only" => {}
            "backlog" => first.push_str(&format!(" backlog={value}")),
            "reusePort" => first.push_str(" reuseport"),
            "timeout" => more.push(format!("proxy_connect_timeout {value}s;")),
            _ => own.push((name, value.to_owned())),
        }
    }
    if draft.role == Role::Server
        && draft.transport.kind == "tcp6"
        && draft.transport.get("v6only") != Some("1")
    {
        first.push_str(" ipv6only=off");
    }
    if let Some(tls) = &draft.tls {
        if draft.role == Role::Server {
            first.push_str(" ssl");
            if let (None, Some(file)) = (tls.get("certificate"), tls.get("privateKey")) {
                more.push(format!("ssl_certificate {};", word(file)?));
            }
            if tls.get("clientCAs").is_some() {
                more.push("ssl_verify_client on;".to_owned());
            }
        } else {
            more.push("proxy_ssl on;".to_owned());
            more.push("proxy_ssl_verify on;".to_owned());
            more.push(format!("proxy_ssl_name {};", plain::host(name_of(draft))?));
            more.push("proxy_ssl_server_name on;".to_owned());
            if tls.get("trustRoots").is_none() {
                let file = "/etc/ssl/certs/ca-certificates.crt";
                more.push(format!("proxy_ssl_trusted_certificate {file};"));
            }
        }
        own.extend(tls.arguments().filter(|(name, _)| *name != "host").map(|(name, value)| {
            let list = if name == "alpn" { value.replace(',', " ") } else { value.to_owned() };
            (name, list)
        }));
    }
    if let Some(proxy) = &draft.proxy {
        match (draft.role, proxy.get("proxyVersion")) {
            (Role::Server, None) => first.push_str(" proxy_protocol"),
            (Role::Client, Some("1")) => more.push("proxy_protocol on;".to_owned()),
            (role, version) => {
                let why = "nginx sends the first version of the header, and reads both";
                let text = version.map_or("haproxy".to_owned(), |it| format!("proxyVersion={it}"));
                losses.push(Loss::new(text, why));
                match role {
                    Role::Server => first.push_str(" proxy_protocol"),
                    Role::Client => more.push("proxy_protocol on;".to_owned()),
                }
            }
        }
        losses.extend(proxy.lost(&["proxyVersion"], WHY));
    }
    for (name, value) in own {
        let directives = written(DIRECTIVES, draft.role, name, &value);
        if directives.is_empty() {
            losses.push(Loss::new(format!("{name}={value}"), WHY));
        }
        for (directive, value) in directives {
            let value = value.as_deref().unwrap_or("on");
            // The list of ALPN protocols has several words; other values are one word.
            let words = if name == "alpn" { value.split(' ').collect() } else { vec![value] };
            let words = words.into_iter().map(word).collect::<Result<Vec<_>, _>>()?;
            more.push(format!("{directive} {};", words.join(" ")));
        }
    }
    let mut all = vec![format!("{first};")];
    all.extend(more);
    Ok(all)
}

/// Returns the name that the certificate of a client's server must be valid for.
fn name_of(client: &Draft) -> &str {
    let name = client.tls.as_ref().and_then(|tls| tls.get("host"));
    name.or_else(|| client.transport.get("host")).unwrap_or_default()
}

fn place(draft: &Draft) -> Result<String, Failure> {
    let layer = &draft.transport;
    let get = |name: &str| layer.get(name).unwrap_or_default();
    Ok(match (layer.kind, draft.role) {
        ("tcp", Role::Server) => match layer.get("interface") {
            Some(host) => internet(host, get("port"))?,
            None => get("port").to_owned(),
        },
        ("tcp6", Role::Server) => internet(layer.get("interface").unwrap_or("::"), get("port"))?,
        ("tcp" | "tcp6", Role::Client) => internet(get("host"), get("port"))?,
        ("unix", _) if layer.get("abstract") != Some("1") => {
            word(&format!("unix:{}{}", get("address"), get("path")))?
        }
        (kind, _) => return Err(Failure::new(kind, "nginx has no such address")),
    })
}

/// Returns `host:port`, unless nginx would read the host as the type of an address.
fn internet(host: &str, port: &str) -> Result<String, Failure> {
    if host.eq_ignore_ascii_case("unix") {
        let why = "expected another name, because nginx reads `unix:` as a path (name the host by \
                   its address)";
        return Err(Failure::new(host, why));
    }
    joined(host, port)
}

/// Quotes a word as nginx reads it; an error if nginx cannot quote it.
fn word(text: &str) -> Result<String, Failure> {
    if text.contains('$') {
        let why =
            "expected no `$`, which is a variable of nginx even in quotes (choose another name)";
        return Err(Failure::new(text, why));
    }
    if let Some(char) = text.chars().find(|char| char.is_control() && !"\t\r\n".contains(*char)) {
        let why = format!("expected no control character such as {char:?} (choose another name)");
        return Err(Failure::new(text, why));
    }
    let is_plain = |char: char| char.is_alphanumeric() || "_-./:=@%+,*[]".contains(char);
    if !text.is_empty() && text.chars().all(is_plain) {
        return Ok(text.to_owned());
    }
    let mut word = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => word.extend(['\\', char]),
            '\t' => word.push_str("\\t"),
            '\r' => word.push_str("\\r"),
            '\n' => word.push_str("\\n"),
            _ => word.push(char),
        }
    }
    word.push('"');
    Ok(word)
}

/// Writes a `server` block, and an `upstream` block if there are several targets.
pub(super) fn server(relay: &Relay, losses: &mut Vec<Loss>) -> Result<String, Failure> {
    let mut text = String::new();
    let Some(client) = relay.clients.first() else {
        return Err(Failure::new("relay", "expected a client"));
    };
    relay.with_equal_options("nginx")?;
    let name = |client: &Draft| client.tls.is_some().then(|| name_of(client).to_owned());
    if relay.clients.iter().any(|other| name(other) != name(client)) {
        let why = "nginx verifies the same name for all targets (name it with `endpoint`)";
        return Err(Failure::new("tls", why));
    }
    let target = (relay.clients.len() > 1).then_some("strports");
    if let Some(name) = target {
        text.push_str(&format!("upstream {name} {{\n"));
        for client in &relay.clients {
            text.push_str(&format!("    server {};\n", place(client)?));
        }
        text.push_str("}\n");
    }
    text.push_str("server {\n");
    let mut all = lines(&relay.server, None, losses)?;
    all.extend(lines(client, target, losses)?);
    for option in relay.all_options() {
        let value = &option.value;
        match option.name {
            "--idle-timeout" => all.push(format!("proxy_timeout {};", plain::time(value)?)),
            "--connect-timeout" => {
                all.push(format!("proxy_connect_timeout {};", plain::time(value)?));
            }
            "--retry" => all.push(format!("proxy_next_upstream_tries {value};")),
            // Networks are written below, because several options form one list.
            "--deny" | "--allow" => {}
            "--balance" if value == "round-robin" => {}
            _ => losses.push(Loss::new(&option.from, "nginx has no such directive")),
        }
    }
    // nginx applies the first line that matches, so denied networks precede allowed ones.
    all.extend(relay.networks("--deny").iter().map(|network| format!("deny {network};")));
    let allowed = relay.networks("--allow");
    all.extend(allowed.iter().map(|network| format!("allow {network};")));
    if !allowed.is_empty() {
        all.push("deny all;".to_owned());
    }
    for line in all {
        text.push_str(&format!("    {line}\n"));
    }
    text.push('}');
    Ok(text)
}
