//! Reads and writes nginx configurations: `stream` blocks, their content, or single directives.

mod listen;
mod options;
mod tokens;
mod write;

use crate::convert::address::{Address, unix};
use crate::convert::draft::Draft;
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::{Item, Reading, Relay};
use crate::convert::rule::{self, Given};
use listen::LISTEN;
use options::{DIRECTIVES, UPSTREAM};
use strports_syntax::Role;
use tokens::{Directive, parse};

pub(super) static FORMAT: Format = Format {
    name: "nginx",
    summary: "`listen` and `proxy_pass` of nginx's `stream`, or whole blocks of it",
    looks,
    read: |text, _| read(text),
    write: Some(write::directives),
    write_relay: Some(write::server),
    examples: || {
        let own = [
            ("listen 127.0.0.1:80;", "tcp:80:interface=127.0.0.1"),
            ("listen [::]:80;", "tcp6:80:v6only=1"),
            ("listen unix:/run/a.sock;", "unix:/run/a.sock"),
            ("proxy_pass unix:/run/a.sock;", "unix:/run/a.sock"),
            (
                "stream { upstream b { server h:1; server h:2; } server { listen 80; proxy_pass b; } }",
                "strports relay --balance round-robin tcp:80 tcp:h:1 tcp:h:2",
            ),
        ];
        let own =
            own.into_iter().map(|(example, gives)| Example { names: &[], text: example, gives });
        let rules = LISTEN.iter().chain(DIRECTIVES).chain(UPSTREAM).map(Example::from);
        own.chain(rules).collect()
    },
};

fn looks(text: &str) -> bool {
    let is_known = |word: &str| {
        ["listen", "proxy_pass", "server", "stream", "upstream"].contains(&word)
            || DIRECTIVES.iter().any(|rule| rule.names.contains(&word))
    };
    // HAProxy's lines begin with some of the same words, but have neither `;` nor `{`.
    text.lines()
        .filter(|line| line.contains([';', '{']))
        .filter_map(|line| line.split_whitespace().next())
        .any(|word| is_known(word.trim_end_matches([';', '{'])))
}

fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let directives = match parse(text) {
        Ok(directives) => directives,
        Err(failure) => {
            reading.failures.push(failure);
            return reading;
        }
    };
    let mut upstreams = Vec::new();
    block(&directives, &mut upstreams, &mut reading, text.trim().lines().count() > 1);
    // Servers of an `upstream` that no `proxy_pass` names become separate clients.
    let unused = upstreams.into_iter().filter(|upstream| !upstream.used);
    reading.items.extend(unused.flat_map(|upstream| upstream.clients).map(Item::One));
    reading
}

/// An `upstream` block, and whether a `proxy_pass` names it.
struct Upstream {
    name: String,
    clients: Vec<Draft>,
    used: bool,
}

fn block(
    directives: &[Directive],
    upstreams: &mut Vec<Upstream>,
    reading: &mut Reading,
    lines: bool,
) {
    for directive in directives.iter().filter(|it| it.name == "upstream") {
        let upstream = read_upstream(directive, reading, lines);
        upstreams.push(upstream);
    }
    let is_server = |it: &&Directive| !matches!(&*it.name, "upstream" | "server" | "stream");
    let inside =
        directives.iter().filter(|it| matches!(&*it.name, "server" | "stream") && it.is_block);
    for directive in inside {
        block(&directive.inside, upstreams, reading, lines);
    }
    let own: Vec<&Directive> = directives.iter().filter(is_server).collect();
    if own.iter().any(|it| matches!(&*it.name, "listen" | "proxy_pass")) {
        service(&own, upstreams, reading, lines);
    } else {
        // `events` is about the process, and every file has it, so it is not reported.
        for directive in own.iter().filter(|it| it.name != "events") {
            let why = if directive.is_block {
                "only `stream` blocks are converted"
            } else {
                "it is outside of a server"
            };
            reading.losses.push(Loss::new(directive.text(), why));
            at_line(reading, directive, lines);
        }
    }
}

fn at_line(reading: &mut Reading, directive: &Directive, lines: bool) {
    if lines {
        reading.at_line(directive.line);
    }
}

fn read_upstream(directive: &Directive, reading: &mut Reading, lines: bool) -> Upstream {
    let name = directive.words.first().cloned().unwrap_or_default();
    let mut upstream = Upstream { name, clients: Vec::new(), used: false };
    for one in &directive.inside {
        let (address, parameters) = match one.words.split_first() {
            Some((address, parameters)) if one.name == "server" => (Some(address), parameters),
            _ => (None, &[][..]),
        };
        let client = address
            .map_or_else(|| place("80", Role::Client), |address| place(address, Role::Client));
        match client {
            Ok(mut client) => {
                for parameter in parameters {
                    let given = Given::from_assignment(parameter);
                    rule::apply(UPSTREAM, &mut client, given, &mut reading.losses);
                }
                if address.is_some() {
                    upstream.clients.push(client);
                } else {
                    let text = one.text();
                    let given = Given { name: &one.name, value: None, text: &text };
                    rule::apply(UPSTREAM, &mut client, given, &mut reading.losses);
                }
            }
            Err(failure) => reading.failures.push(failure),
        }
        at_line(reading, one, lines);
    }
    upstream
}

/// Reads the directives of a `server` block, and adds a relay or single addresses to `reading`.
fn service(
    directives: &[&Directive],
    upstreams: &mut [Upstream],
    reading: &mut Reading,
    lines: bool,
) {
    let mut servers = Vec::new();
    let mut clients = Vec::new();
    let (mut balances, mut failed) = (false, false);
    for directive in directives {
        let first = directive.words.first().map_or("", |word| word);
        match &*directive.name {
            "listen" => match listen(directive, &mut reading.losses) {
                Ok(server) => servers.push(server),
                Err(failure) => {
                    reading.failures.push(failure);
                    failed = true;
                }
            },
            "proxy_pass" => match upstreams.iter_mut().find(|upstream| upstream.name == first) {
                Some(upstream) => {
                    upstream.used = true;
                    balances = upstream.clients.len() > 1;
                    clients.clone_from(&upstream.clients);
                }
                None => match place(first, Role::Client) {
                    Ok(client) => clients.push(client),
                    Err(failure) => reading.failures.push(failure),
                },
            },
            _ => continue,
        }
        at_line(reading, directive, lines);
    }
    // `proxy_ssl` is applied first, because directives that require TLS may precede it.
    let on = |it: &&&Directive| it.name == "proxy_ssl";
    let rest = |it: &&&Directive| !matches!(&*it.name, "listen" | "proxy_pass" | "proxy_ssl");
    for directive in directives.iter().filter(on).chain(directives.iter().filter(rest)) {
        apply(directive, &mut servers, &mut clients, &mut reading.losses);
        at_line(reading, directive, lines);
    }
    let is_unverified = clients.first().is_some_and(|client| client.tls.is_some())
        && !directives.iter().any(|it| it.name == "proxy_ssl_verify");
    if is_unverified {
        let why = "the certificate of a server is always verified, and nginx verifies it only with a directive";
        reading.losses.push(Loss::new("proxy_ssl on", why));
    }
    if !directives.iter().any(|it| it.name == "ssl_verify_client") {
        for server in &mut servers {
            let lost = server.without_client_authorities("`ssl_verify_client on`");
            reading.losses.extend(lost);
        }
        reading.losses.dedup();
    }
    // If `listen` could not be converted, its targets alone would be misleading.
    if servers.is_empty() && failed {
        return;
    }
    if servers.is_empty() || clients.is_empty() {
        reading.items.extend(servers.into_iter().chain(clients).map(Item::One));
        return;
    }
    for server in servers {
        let mut relay = Relay::new(server, clients.clone());
        if balances {
            relay.option("--balance", "round-robin", "upstream");
        }
        reading.items.push(Item::Relay(relay));
    }
}

/// Applies a directive to all drafts of the side that it is about.
fn apply(
    directive: &Directive,
    servers: &mut [Draft],
    clients: &mut [Draft],
    losses: &mut Vec<Loss>,
) {
    let value = directive.words.join(" ");
    let text = directive.text();
    let given = Given { name: &directive.name, value: Some(&value), text: &text };
    let side = [Role::Server, Role::Client]
        .into_iter()
        .find(|role| rule::find(DIRECTIVES, *role, &directive.name).is_some());
    let no_side = |drafts: &[Draft], what: &str| {
        drafts.is_empty().then(|| format!("it has no effect without `{what}`"))
    };
    let without = match side {
        Some(Role::Server) => no_side(servers, "listen"),
        Some(Role::Client) => no_side(clients, "proxy_pass"),
        _ => None,
    };
    if let Some(why) = without {
        losses.push(Loss::new(text, why));
        return;
    }
    let drafts = match side {
        Some(Role::Server) => servers,
        Some(Role::Client) => clients,
        _ => {
            losses.push(Loss::new(text, "this directive is not known"));
            return;
        }
    };
    let before = losses.len();
    for draft in drafts {
        rule::apply(DIRECTIVES, draft, given, losses);
    }
    // Every draft has the same loss, which is reported once.
    losses.truncate(losses.len().min(before + 1));
}

fn listen(directive: &Directive, losses: &mut Vec<Loss>) -> Result<Draft, Failure> {
    let (address, parameters) = directive
        .words
        .split_first()
        .ok_or_else(|| Failure::new("listen", "expected an address"))?;
    if parameters.iter().any(|parameter| parameter == "udp") {
        let why = "descriptions are for streams, not for datagrams";
        return Err(Failure::new(directive.text(), why));
    }
    let mut draft = place(address, Role::Server)?;
    if draft.transport.kind == "tcp6" {
        draft.transport.set("v6only", "1");
    }
    for parameter in parameters {
        rule::apply(LISTEN, &mut draft, Given::from_assignment(parameter), losses);
    }
    Ok(draft)
}

fn place(text: &str, role: Role) -> Result<Draft, Failure> {
    if text.contains('$') {
        return Err(Failure::new(text, "its value differs between connections"));
    }
    if let Some(path) = text.strip_prefix("unix:") {
        return Ok(unix(role, path, false));
    }
    let address = Address::parse(text)?;
    Ok(if role == Role::Server { address.server() } else { address.client() })
}
