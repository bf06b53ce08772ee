//! Reads and writes socat: single addresses such as `TCP-LISTEN:80,fork`, or a whole command.

mod effects;
mod kinds;
mod options;
mod write;

use crate::convert::draft::{Draft, RelayOption};
use crate::convert::format::{Example, Format};
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::{Item, Reading, Relay};
use crate::convert::rule::{self, Given};
use crate::convert::split::{split_outside, unquoted};
use crate::convert::words::{is_no, program, words};
use strports_syntax::{Role, check};

pub(super) static FORMAT: Format = Format {
    name: "socat",
    summary: "addresses of socat, or `socat A B`",
    looks,
    read,
    write: Some(write::address),
    write_relay: Some(write::command),
    examples,
};

/// Whether a text is an address of socat and no description: `TCP:host:80` could be both.
fn looks(text: &str) -> bool {
    if program(text) == Some("socat") {
        return true;
    }
    let mut parts = split_outside(text, ',').into_iter();
    let head = parts.next().unwrap_or_default();
    let name = head.split(':').next().unwrap_or_default().trim();
    let Some(kind) = kinds::find(name) else { return false };
    if text.contains('\n') || text.contains("://") || text == "-" || name == "-" {
        return false;
    }
    let any_option = parts.any(|part| {
        let name = Given::from_assignment(part).name;
        [Role::Server, Role::Client]
            .iter()
            .any(|role| rule::find(options::OPTIONS, *role, name).is_some())
    });
    let is_description = [Role::Server, Role::Client].iter().any(|role| check(text, *role).is_ok());
    let is_own_word =
        !matches!(kind.names[0], "TCP" | "TCP6" | "STDIO" | "FD" | "OPENSSL" | "UNIX-CONNECT");
    any_option || (!is_description && (is_own_word || name.chars().any(char::is_uppercase)))
}

fn read(text: &str, role: Option<Role>) -> Reading {
    if program(text) == Some("socat") {
        return command(text);
    }
    Reading::from_result(|losses| address(text.trim(), role, losses))
}

/// Reads one address: `TYPE:ARGUMENT:…,OPTION,OPTION=VALUE`.
fn address(text: &str, role: Option<Role>, losses: &mut Vec<Loss>) -> Result<Draft, Failure> {
    if text.contains("!!") {
        return Err(Failure::new(text, "each direction has an address of its own"));
    }
    let mut parts = split_outside(text, ',').into_iter();
    let head = parts.next().unwrap_or_default();
    let mut arguments = split_outside(head, ':').into_iter();
    let name = arguments.next().unwrap_or_default().trim();
    let kind = kinds::find(name)
        .ok_or_else(|| Failure::new(name, "expected the type of an address of socat"))?;
    let arguments: Vec<&str> = arguments.collect();
    let mut draft = kind.draft(&arguments, text, role)?;
    let options: Vec<&str> = parts.filter(|option| !option.trim().is_empty()).collect();
    // `verify` is applied last, because it may remove what other options have set.
    let (last, first): (Vec<_>, Vec<_>) =
        options.iter().partition(|option| Given::from_assignment(option).name.ends_with("verify"));
    for option in first.into_iter().chain(last) {
        let given = Given::from_assignment(option);
        let value = given.value.map(unquoted);
        let given = Given { value: value.as_deref(), ..given };
        rule::apply(options::OPTIONS, &mut draft, given, losses);
    }
    let is_off = |option: &&str| {
        let given = Given::from_assignment(option);
        given.name.ends_with("verify") && given.value.is_some_and(is_no)
    };
    if effects::demands_certificates(&draft) && !options.iter().any(is_off) {
        losses.push(Loss::new(
            text,
            "clients need a certificate of an authority of the platform (name one with `cafile`)",
        ));
    }
    Ok(draft)
}

/// Reads a whole command: the program's options, and two addresses.
fn command(text: &str) -> Reading {
    let mut reading = Reading::default();
    let Some(words) = words(text) else {
        reading.failures.push(Failure::new(text, "a quote is not closed"));
        return reading;
    };
    let mut own: Vec<RelayOption> = Vec::new();
    let mut addresses = Vec::new();
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        if word == "-" || !word.starts_with('-') {
            addresses.push(word.as_str());
            continue;
        }
        match word.as_bytes().get(1) {
            Some(b'T') => {
                let value = Some(word[2..].to_owned()).filter(|value| !value.is_empty());
                let value = value.or_else(|| words.next().cloned()).unwrap_or_default();
                let from = format!("-T {value}");
                own.push(RelayOption { name: "--idle-timeout", value, from });
            }
            // These options are about messages and buffer sizes, which do not change what is
            // relayed.
            Some(b'd' | b'D' | b'v' | b'x' | b's' | b'4' | b'g') => {}
            // The value may be part of the same word, or the next word.
            Some(b'b' | b'l') if word.len() > 2 => {
                if matches!(word.as_str(), "-lf" | "-lp") {
                    words.next();
                }
            }
            Some(b'b') => _ = words.next(),
            Some(b't' | b'L' | b'W' | b'r' | b'R' | b'u' | b'U' | b'6') => {
                let takes = matches!(word.as_bytes()[1], b't' | b'L' | b'W' | b'r' | b'R')
                    && word.len() == 2;
                let value = takes.then(|| words.next()).flatten();
                let whole = value.map_or_else(|| word.clone(), |value| format!("{word} {value}"));
                reading.losses.push(Loss::new(whole, "`strports relay` has no such option"));
            }
            _ => reading.losses.push(Loss::new(word, "this option of socat is not known")),
        }
    }
    let [first, second] = addresses[..] else {
        reading.failures.push(Failure::new(text, "expected two addresses"));
        return reading;
    };
    let losses = &mut reading.losses;
    let both = address(first, None, losses).and_then(|a| Ok((a, address(second, None, losses)?)));
    let (a, b) = match both {
        Ok(both) => both,
        Err(failure) => {
            reading.failures.push(failure);
            return reading;
        }
    };
    let (mut server, client, from) = match (a.role, b.role) {
        (Role::Server, Role::Client) => (a, b, first),
        (Role::Client, Role::Server) => (b, a, second),
        // Standard input and output have no listening address; they count as a server.
        (Role::Client, Role::Client) if a.transport.kind == "stdio" => (a, b, first),
        (Role::Client, Role::Client) if b.transport.kind == "stdio" => (b, a, second),
        _ => {
            reading.failures.push(Failure::new(text, "expected one address that listens"));
            return reading;
        }
    };
    server.role = Role::Server;
    let forks = split_outside(from, ',').into_iter().skip(1).any(|option| {
        let given = Given::from_assignment(option);
        given.name.eq_ignore_ascii_case("fork") && !given.value.is_some_and(is_no)
    });
    let is_stdio = server.transport.kind == "stdio";
    let mut relay = Relay::new(server, vec![client]);
    relay.options = own;
    if !forks && !is_stdio {
        relay.option("--once", "", "no `fork`");
    }
    reading.items.push(Item::Relay(relay));
    reading
}

fn examples() -> Vec<Example> {
    let kinds = kinds::KINDS.iter().map(|kind| Example {
        names: kind.names,
        text: kind.example,
        gives: kind.gives,
    });
    kinds.chain(options::OPTIONS.iter().map(Example::from)).collect()
}
