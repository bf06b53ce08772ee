//! Reads and writes stunnel: the services of a configuration file.

mod options;
mod write;

use crate::convert::address::{Address, unix};
use crate::convert::draft::{Draft, Layer};
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::{Item, Reading, Relay};
use crate::convert::rule::{self, Given};
use crate::convert::split::lines;
use crate::convert::words::is_no;
use options::{ACCEPT, CONNECT, TLS};
use strports_syntax::Role;

pub(super) static FORMAT: Format = Format {
    name: "stunnel",
    summary: "services of stunnel.conf",
    looks,
    read: |text, _| read(text),
    write: None,
    write_relay: Some(write::service),
    examples: || {
        let own = [
            (
                "cert = a.pem\n[imaps]\naccept = 993\nconnect = 10.0.0.1:imap",
                "strports relay ssl:993:privateKey=a.pem tcp:10.0.0.1:143",
            ),
            (
                "[a]\nclient = yes\naccept = /run/a.sock\nconnect = h:443\nconnect = i:443\nverifyChain = yes\nCApath = /etc/ssl/certs",
                "strports relay --balance round-robin unix:/run/a.sock tls:h:443 tls:i:443",
            ),
            (
                "[a]\naccept = 443\nexec = /bin/cat\nexecArgs = cat -n\ncert = a.pem",
                "strports relay ssl:443:privateKey=a.pem process:/bin/cat:-n",
            ),
        ];
        let own =
            own.into_iter().map(|(example, gives)| Example { names: &[], text: example, gives });
        own.chain(TLS.iter().chain(ACCEPT).chain(CONNECT).map(Example::from)).collect()
    },
};

fn looks(text: &str) -> bool {
    let has = |key: &str| {
        lines(text, &['#', ';']).any(|(_, line)| {
            let given = Given::from_assignment(line);
            given.value.is_some() && given.name.eq_ignore_ascii_case(key)
        })
    };
    has("accept") || has("connect") && text.contains('[')
}

/// A line `key = value` of the file, with its number from 1.
struct Line {
    number: usize,
    text: String,
    key: String,
    value: String,
}

impl Line {
    fn given(&self) -> Given<'_> {
        Given { name: &self.key, value: Some(&self.value), text: &self.text }
    }
}

fn read(text: &str) -> Reading {
    let mut reading = Reading::default();
    let mut global: Vec<Line> = Vec::new();
    let mut services: Vec<(String, Vec<Line>)> = Vec::new();
    for (number, line) in lines(text, &['#', ';']) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            services.push((name.trim().to_owned(), Vec::new()));
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            reading.failures.push(Failure {
                line: Some(number),
                ..Failure::new(line, "expected `key = value`")
            });
            continue;
        };
        let (key, value) = (key.trim().to_owned(), value.trim().to_owned());
        let line = Line { number, text: line.to_owned(), key, value };
        services.last_mut().map_or(&mut global, |(_, lines)| lines).push(line);
    }
    if services.is_empty() {
        services.push((String::new(), std::mem::take(&mut global)));
    }
    for (name, own) in services {
        match service(&name, &global, &own, &mut reading) {
            Ok(relay) => reading.items.push(Item::Relay(relay)),
            Err(failure) => reading.failures.push(failure),
        }
    }
    // Each service inherits the global lines, so their losses repeat and are reported once.
    reading.losses.sort_by_key(|loss| loss.line);
    reading.losses.dedup();
    reading
}

/// Reads one service, with the lines of the global part as defaults.
fn service(
    name: &str,
    global: &[Line],
    own: &[Line],
    reading: &mut Reading,
) -> Result<Relay, Failure> {
    let has = |key: &str| own.iter().any(|line| line.key.eq_ignore_ascii_case(key));
    let is_of_accept = |line: &Line| rule::find(ACCEPT, Role::Server, &line.key).is_some();
    // A key of the service overrides the global one, unless the global one is about the process.
    let of_global = || global.iter().filter(|line| is_of_accept(line) || !has(&line.key));
    let all = || of_global().chain(own);
    let last = |key: &str| all().rfind(|line| line.key.eq_ignore_ascii_case(key));
    let is_client = last("client").is_some_and(|line| !is_no(&line.value));
    let accept = match last("accept") {
        Some(line) => place(line, Role::Server)?,
        None => Draft::new(Role::Server, Layer::new("stdio")),
    };
    let mut clients = Vec::new();
    for line in all().filter(|line| line.key.eq_ignore_ascii_case("connect")) {
        clients.push(place(line, Role::Client)?);
    }
    if let Some(line) = last("exec") {
        let mut layer = Layer::new("process").with("executable", line.value.as_str());
        // `execArgs` begins with the program's own name, and has no quotes.
        let arguments = last("execArgs").map_or("", |line| &line.value);
        arguments.split_ascii_whitespace().skip(1).for_each(|word| layer.add("args", word));
        clients.push(Draft::new(Role::Client, layer));
    }
    if let (None, Some(line)) = (last("exec"), last("execArgs")) {
        let loss = Loss::new(&line.text, "it has no effect without `exec`");
        reading.losses.push(Loss { line: Some(line.number), ..loss });
    }
    if clients.is_empty() {
        return Err(Failure::new(format!("[{name}]"), "it has neither `connect` nor `exec`"));
    }
    let mut server = accept;
    if is_client {
        for client in &mut clients {
            client.tls();
        }
    } else {
        server.tls();
    }
    let many = clients.len() > 1;
    // Without services, the global part is the service, and all its keys are about that.
    let (of_accept, others): (Vec<_>, Vec<_>) =
        own.iter().partition(|line| !name.is_empty() && is_of_accept(line));
    for line in of_accept {
        let losses = &mut reading.losses;
        let before = losses.len();
        rule::apply(ACCEPT, &mut server, line.given(), losses);
        losses[before..].iter_mut().for_each(|loss| loss.line = Some(line.number));
    }
    for line in of_global().chain(others) {
        if ["accept", "connect", "exec", "execArgs", "client"]
            .iter()
            .any(|key| line.key.eq_ignore_ascii_case(key))
        {
            continue;
        }
        apply(line, is_client, &mut server, &mut clients, &mut reading.losses);
    }
    let verifies = ["verifyChain", "verifyPeer", "verify"].iter().any(|key| last(key).is_some());
    if is_client && !verifies {
        let why = "the certificate of a server is always verified, and stunnel verifies it only with an option";
        reading.losses.push(Loss::new("client = yes", why));
    }
    if !verifies {
        reading.losses.extend(server.without_client_authorities("`verifyChain = yes`"));
    }
    let mut relay = Relay::new(server, clients);
    if many && last("failover").is_none_or(|line| line.value != "prio") {
        relay.option("--balance", "round-robin", "failover = rr");
    }
    Ok(relay)
}

fn apply(
    line: &Line,
    is_client: bool,
    server: &mut Draft,
    clients: &mut [Draft],
    losses: &mut Vec<Loss>,
) {
    let before = losses.len();
    let given = line.given();
    let tls_role = if is_client { Role::Client } else { Role::Server };
    match (rule::find(TLS, tls_role, &line.key), is_client) {
        (Some(_), false) => rule::apply(TLS, server, given, losses),
        (Some(_), true) => {
            for client in clients {
                rule::apply(TLS, client, given, losses);
            }
        }
        (None, _) => {
            for client in clients {
                rule::apply(CONNECT, client, given, losses);
            }
        }
    }
    // Every draft has the same loss, which is reported once.
    losses.truncate(losses.len().min(before + 1));
    losses[before..].iter_mut().for_each(|loss| loss.line = Some(line.number));
}

fn place(line: &Line, role: Role) -> Result<Draft, Failure> {
    let draft = match (line.value.starts_with('/'), role) {
        (true, _) => Ok(unix(role, &line.value, false)),
        (false, Role::Server) => Address::parse(&line.value).map(Address::server),
        (false, _) => Address::parse(&line.value).map(Address::client),
    };
    draft.map_err(|failure| Failure { line: Some(line.number), ..failure })
}
