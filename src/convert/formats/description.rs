//! Reads and writes descriptions themselves, and commands `strports relay SERVER TARGET…`.

use crate::convert::draft::{Draft, Layer, RelayOption};
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::{Item, Reading, Relay};
use crate::convert::words::{program, quoted, words};
use strports_syntax::signature::{Default, Kind};
use strports_syntax::{Parameters, Role, Value, check, check_either};

pub(super) static FORMAT: Format = Format {
    name: "strports",
    summary: "a description, or `strports relay SERVER TARGET…`",
    looks,
    read,
    write: Some(|draft, _| draft.description()),
    write_relay: Some(command),
    examples: || {
        vec![
            Example {
                names: &["relay"],
                text: r"strports relay --once tcp:80 'unix:/run/a b'",
                gives: r"strports relay --once tcp:80 'unix:/run/a b'",
            },
            Example { names: &["description"], text: "port=080:tcp", gives: "tcp:80" },
        ]
    },
};

/// The options of `strports relay`, each with whether a value follows it.
pub(in crate::convert) const OPTIONS: &[(&str, bool)] = &[
    ("--once", false),
    ("--allow", true),
    ("--deny", true),
    ("--allow-name", true),
    ("--max-connections", true),
    ("--when-full", true),
    ("--idle-timeout", true),
    ("--connect-timeout", true),
    ("--retry", true),
    ("--balance", true),
    ("--drain-timeout", true),
    ("--max-lifetime", true),
    ("--half-close-timeout", true),
    ("--exit-idle", true),
    ("--log-format", true),
    ("--quiet", false),
    ("--access-log", true),
    ("--metrics", true),
    ("--keylog", true),
    ("--color", true),
];

fn looks(text: &str) -> bool {
    program(text) == Some("strports") || check_either(text).0.is_ok() && !is_of_others(text)
}

/// Whether a text that is a valid description is more likely an address of socat or D-Bus. Those
/// have options after commas, and type names in capitals such as `UNIX-…`.
fn is_of_others(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    let has_options =
        text.contains(',') && !text.contains("proxyTrusted") && !text.contains("alpn");
    has_options && name.chars().any(char::is_uppercase)
}

fn read(text: &str, role: Option<Role>) -> Reading {
    if program(text) == Some("strports") {
        return relay(text);
    }
    // Blanks at the ends may belong to a path, so the text is trimmed only if it is invalid with
    // them.
    Reading::from_result(|losses| {
        draft(text, role, losses).or_else(|_| draft(text.trim(), role, losses))
    })
}

fn draft(text: &str, role: Option<Role>, losses: &mut Vec<Loss>) -> Result<Draft, Failure> {
    let report = role.map_or_else(|| check_either(text).0, |role| check(text, role));
    if let Some(endpoint) = report.endpoint() {
        from_endpoint(report.role(), endpoint, text, losses)
    } else {
        let first = report.errors().next().map(|error| error.message.clone());
        Err(Failure::new(text, first.unwrap_or_default()))
    }
}

/// Converts a parsed endpoint, and the endpoints nested in it, to the layers of a draft.
fn from_endpoint(
    role: Role,
    endpoint: &dyn Parameters,
    text: &str,
    losses: &mut Vec<Loss>,
) -> Result<Draft, Failure> {
    let signature = endpoint.signature();
    let inside = match endpoint.value("endpoint") {
        Value::Server(inner) => Some(from_endpoint(role, inner, text, losses)?),
        Value::Client(inner) => Some(from_endpoint(role, inner, text, losses)?),
        _ => None,
    };
    let own = layer(endpoint);
    match (signature.name, inside) {
        ("haproxy", Some(draft)) if draft.proxy.is_some() => {
            Err(Failure::new(text, "a header after another header has no counterpart"))
        }
        ("tls" | "ssl", Some(draft)) if draft.tls.is_some() => {
            Err(Failure::new(text, "TLS inside TLS has no counterpart"))
        }
        ("haproxy", Some(mut draft)) if draft.tls.is_none() => {
            draft.proxied(None);
            if let Some(proxy) = &mut draft.proxy {
                own.arguments().for_each(|(name, value)| proxy.set(name, value));
            }
            Ok(draft)
        }
        ("haproxy", _) => Err(Failure::new(text, "the header inside TLS has no counterpart")),
        ("tls" | "ssl", inside) => Ok(tls(role, own, inside, losses)),
        (_, None) => Ok(Draft::new(role, own)),
        (name, Some(_)) => Err(Failure::new(text, format!("`{name}` has no counterpart"))),
    }
}

/// Moves the TLS arguments of a type into a layer of their own, above the endpoint below TLS.
fn tls(role: Role, mut own: Layer, inside: Option<Draft>, losses: &mut Vec<Loss>) -> Draft {
    let mut over = Layer::new("tls");
    for (from, to) in
        [("caCertsDir", "trustRoots"), ("hostname", "host"), ("certKey", "certificate")]
    {
        if let Some(value) = own.take(from) {
            over.set(to, value);
        }
    }
    let names: Vec<&'static str> = own.arguments().map(|(name, _)| name).collect();
    for name in names.iter().filter(|name| crate::convert::draft::is_of_tls(role, name)) {
        if let Some(value) = own.take(name) {
            over.set(name, value);
        }
    }
    if own.kind == "ssl" && role == Role::Server && over.get("privateKey").is_none() {
        over.set("privateKey", "server.pem");
    }
    let mut draft = if let Some(inside) = inside {
        if let Some(host) = own.take("host") {
            over.set("host", host);
        }
        // A client must name a port, so an unused one beside `endpoint` is no loss.
        let always: &[&str] = if role == Role::Client { &["port"] } else { &[] };
        losses.extend(own.lost(always, "it has no effect beside `endpoint`"));
        inside
    } else {
        let is_both = own.kind == "tls" && role == Role::Server && own.get("interface").is_none();
        own.kind = if is_both || own.get("interface") == Some("::") { "tcp6" } else { "tcp" };
        if own.get("interface") == Some("::") {
            own.take("interface");
        }
        if own.get("port").is_none() {
            own.set("port", "443");
        }
        Draft::new(role, own)
    };
    draft.tls = Some(over);
    draft
}

/// Returns the type of an endpoint with the arguments that differ from their defaults.
fn layer(endpoint: &dyn Parameters) -> Layer {
    let signature = endpoint.signature();
    let mut layer = Layer::new(signature.name);
    for parameter in signature.parameters {
        if parameter.kind == Kind::Ignored {
            continue;
        }
        let value = match endpoint.value(parameter.name) {
            Value::Integer(integer) => integer.to_string(),
            Value::Octal(mode) => format!("{mode:o}"),
            Value::Thousandths(thousandths) => decimal(thousandths),
            Value::Flag(on) => u8::from(on).to_string(),
            Value::Text(text) => text.to_str_lossy().into_owned(),
            Value::Word(word) => word.to_owned(),
            Value::Texts(texts) => {
                texts.iter().for_each(|text| layer.add(parameter.name, text.to_str_lossy()));
                continue;
            }
            _ => continue,
        };
        let is_default = match parameter.default {
            Default::Text(text) => text == value,
            _ => false,
        };
        if !is_default {
            layer.set(parameter.name, value);
        }
    }
    layer
}

fn decimal(thousandths: u16) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Reads a command `strports relay` with its options, server and targets.
fn relay(text: &str) -> Reading {
    let mut reading = Reading::default();
    let words = words(text).unwrap_or_default();
    if words.get(1).is_none_or(|word| word != "relay") {
        reading.failures.push(Failure::new(text, "expected `strports relay SERVER TARGET…`"));
        return reading;
    }
    let (mut options, mut ends) = (Vec::new(), Vec::new());
    let mut words = words.iter().skip(2);
    while let Some(word) = words.next() {
        let (name, value) = word.split_once('=').map_or((&**word, None), |(a, b)| (a, Some(b)));
        if !word.starts_with('-') {
            ends.push(word);
            continue;
        }
        let name = if name == "-q" { "--quiet" } else { name };
        match OPTIONS.iter().find(|(known, _)| *known == name) {
            Some((name, takes)) => {
                let next = || {
                    if *takes { words.next().cloned().unwrap_or_default() } else { String::new() }
                };
                let value = value.map_or_else(next, str::to_owned);
                let from = format!("{name} {value}").trim_end().to_owned();
                options.push(RelayOption { name, value, from });
            }
            None => reading.losses.push(Loss::new(word, "other programs have no such option")),
        }
    }
    let Some((server, clients)) = ends.split_first().filter(|(_, clients)| !clients.is_empty())
    else {
        reading.failures.push(Failure::new(text, "expected `strports relay SERVER TARGET…`"));
        return reading;
    };
    let losses = &mut reading.losses;
    let server = draft(server, Some(Role::Server), losses);
    let clients: Result<Vec<Draft>, Failure> =
        clients.iter().map(|text| draft(text, Some(Role::Client), losses)).collect();
    match server.and_then(|server| Ok(Relay { options, ..Relay::new(server, clients?) })) {
        Ok(relay) => reading.items.push(Item::Relay(relay)),
        Err(failure) => reading.failures.push(failure),
    }
    reading
}

/// Writes the command `strports relay` for a server and its targets.
fn command(relay: &Relay, _: &mut Vec<Loss>) -> Result<String, Failure> {
    let mut words = vec!["strports".to_owned(), "relay".to_owned()];
    for option in relay.all_options() {
        words.push(option.name.to_owned());
        if !option.value.is_empty() {
            words.push(quoted(&option.value));
        }
    }
    for end in std::iter::once(&relay.server).chain(&relay.clients) {
        words.push(quoted(&end.description()?));
    }
    Ok(words.join(" "))
}
