//! Reads sections of HAProxy, and joins each `frontend` to its `backend`; a `listen` is both.

use super::directives::{DIRECTIVES, Directive, relay_option};
use super::lines::{bind, lines, server};

use crate::convert::draft::{Draft, RelayOption};
use crate::convert::keep_alive::Probe;
use crate::convert::loss::{Failure, Loss};
use crate::convert::reading::{Item, Reading, Relay};
use strports_syntax::Role;

/// A section, with what its lines were read as.
#[derive(Default)]
struct Section {
    name: String,
    kind: Kind,
    binds: Vec<Draft>,
    servers: Vec<Draft>,
    settings: Settings,
}

/// The settings that sections inherit from the `defaults` section before them.
#[derive(Clone, Default)]
struct Settings {
    options: Vec<RelayOption>,
    /// The sides whose connections have TCP keep-alive probes.
    keep_alive: Vec<Role>,
    probes: Vec<ProbeLine>,
    http: bool,
    /// The options of `default-server` lines, which apply to all servers of the section.
    default_server: Vec<String>,
    default_backend: Option<String>,
}

/// A line that sets one number of the keep-alive probes of a side.
#[derive(Clone)]
struct ProbeLine {
    role: Role,
    probe: Probe,
    value: String,
    line: String,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    /// The lines before the first section, which are read like those of a section.
    #[default]
    None,
    Defaults,
    Frontend,
    Backend,
    Listen,
    /// A section such as `global` or `resolvers`, which is not converted.
    Other,
}

/// Reads all sections of a configuration.
pub(super) fn read(text: &str) -> Reading {
    let mut sections = vec![Section::default()];
    let mut defaults = Settings::default();
    let mut reading = lines(text, |reading, _, line, words| {
        let Some(first) = words.first() else { return };
        if let Some(kind) = kind(first) {
            let name = words.get(1).cloned().unwrap_or_default();
            let is_new = kind == Kind::Defaults;
            let settings = if is_new { Settings::default() } else { defaults.clone() };
            sections.push(Section { name, kind, settings, ..Section::default() });
            return;
        }
        let Some(section) = sections.last_mut() else { return };
        if section.kind == Kind::Other {
            reading.losses.push(Loss::new(line, "only sections of connections are converted"));
            return;
        }
        section.line(reading, line, &words);
        if section.kind == Kind::Defaults {
            defaults = section.settings.clone();
        }
    });
    join(sections, &mut reading);
    reading
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "defaults" => Kind::Defaults,
        "frontend" => Kind::Frontend,
        "backend" => Kind::Backend,
        "listen" => Kind::Listen,
        "global" | "resolvers" | "peers" | "userlist" | "cache" | "mailers" | "program"
        | "ring" => Kind::Other,
        _ => return None,
    })
}

impl Section {
    fn line(&mut self, reading: &mut Reading, line: &str, words: &[String]) {
        let rest = words.get(1..).unwrap_or_default();
        match &*words[0] {
            "bind" => match bind(line, rest, &mut reading.losses) {
                Ok(drafts) => self.binds.extend(drafts),
                Err(failure) => reading.failures.push(failure),
            },
            "server" => {
                match server(line, rest, &self.settings.default_server, &mut reading.losses) {
                    Ok(draft) => self.servers.push(draft),
                    Err(failure) => reading.failures.push(failure),
                }
            }
            "default-server" => self.settings.default_server.extend_from_slice(rest),
            "default_backend" => self.settings.default_backend = rest.first().cloned(),
            "mode" => self.settings.http = rest.first().is_some_and(|mode| mode != "tcp"),
            "balance" if rest.first().is_some_and(|how| how == "roundrobin") => {
                self.settings.options.push(relay_option("--balance", "round-robin", line));
            }
            _ => self.directive(reading, line, words),
        }
    }

    fn directive(&mut self, reading: &mut Reading, line: &str, words: &[String]) {
        let row = DIRECTIVES.iter().find(|(names, _)| {
            names.len() <= words.len() && names.iter().zip(words).all(|(name, word)| name == word)
        });
        match row.map(|(_, directive)| directive) {
            Some(Directive::Same) => {}
            Some(Directive::Relay(name, at)) => {
                let value = words.get(*at).map_or("", |value| value);
                let option = relay_option(name, &duration(name, value), line);
                replace(&mut self.settings.options, option, &mut reading.losses);
            }
            Some(Directive::KeepAlive(roles)) => self.settings.keep_alive.extend(*roles),
            Some(Directive::Probe(role, probe)) => {
                let value = words.get(1).cloned().unwrap_or_default();
                let line = line.to_owned();
                self.settings.probes.push(ProbeLine { role: *role, probe: *probe, value, line });
            }
            Some(Directive::Lost(why)) => reading.losses.push(Loss::new(line, *why)),
            None => reading.losses.push(Loss::new(line, "this line is not known")),
        }
    }
}

impl Section {
    /// Applies the lines about keep-alive probes, once all connections of the section are known.
    fn set_probes(&mut self, losses: &mut Vec<Loss>) {
        for ProbeLine { role, probe, value, line } in &self.settings.probes {
            let drafts = match role {
                Role::Server => &mut self.binds,
                Role::Client => &mut self.servers,
            };
            for draft in drafts {
                let set = if self.settings.keep_alive.contains(role) {
                    probe.set(draft, value)
                } else {
                    Err("it has no effect without `option tcpka`".to_owned())
                };
                if let Err(why) = set {
                    losses.push(Loss::new(line, why));
                    // Every connection of the section has the same loss, which is reported once.
                    losses.dedup();
                }
            }
        }
    }
}

/// Sets an option of a relay. Two lines with different values cannot both apply, because a relay
/// has one time limit for both sides. The earlier one is then a loss.
fn replace(options: &mut Vec<RelayOption>, option: RelayOption, losses: &mut Vec<Loss>) {
    let is_other = |it: &RelayOption| it.name == option.name;
    // A line replaces another of the same kind without a loss, such as one of `defaults`.
    let kind = |it: &RelayOption| it.from.rsplit_once(' ').map(|(words, _)| words.to_owned());
    for other in options.iter().filter(|it| is_other(it) && it.value != option.value) {
        if kind(other) != kind(&option) {
            let why =
                format!("a relay has one `{}`, which is that of `{}`", option.name, option.from);
            losses.push(Loss::new(&other.from, why));
        }
    }
    options.retain(|it| !is_other(it));
    options.push(option);
}

/// Adds the unit `ms` to a time without one, because HAProxy's default is milliseconds.
fn duration(option: &str, value: &str) -> String {
    let is_duration = option.ends_with("-timeout");
    if is_duration && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{value}ms");
    }
    value.to_owned()
}

/// Makes a relay of each section that listens, with the servers of its `backend` as targets.
fn join(mut sections: Vec<Section>, reading: &mut Reading) {
    for section in &mut sections {
        section.set_probes(&mut reading.losses);
    }
    let (ends, backends): (Vec<_>, Vec<_>) =
        sections.into_iter().partition(|section| section.kind != Kind::Backend);
    let mut used = Vec::new();
    for section in ends {
        if section.settings.http && !section.binds.is_empty() {
            let text = format!("{} {}", "mode http", section.name);
            let why = "descriptions are for streams, and this section is in HTTP mode";
            reading.failures.push(Failure::new(text, why));
            continue;
        }
        let name = section.settings.default_backend.as_ref();
        let backend = name.and_then(|name| backends.iter().find(|it| it.name == *name));
        if let (Some(name), None, false) = (name, backend, section.binds.is_empty()) {
            let text = format!("default_backend {name}");
            reading.losses.push(Loss::new(text, "there is no section of this name"));
        }
        used.extend(backend.map(|backend| backend.name.clone()));
        let servers = backend.map_or(&section.servers, |backend| &backend.servers);
        if servers.is_empty() || section.binds.is_empty() {
            let alone = section.binds.into_iter().chain(section.servers);
            reading.items.extend(alone.map(|draft| with_options(draft, &section.settings.options)));
            continue;
        }
        for bind in section.binds {
            let mut relay = Relay::new(bind, servers.clone());
            relay.options.clone_from(&section.settings.options);
            for option in backend.iter().flat_map(|backend| &backend.settings.options) {
                replace(&mut relay.options, option.clone(), &mut reading.losses);
            }
            // With a single server, `--balance` has no effect.
            relay.options.retain(|option| option.name != "--balance" || servers.len() > 1);
            reading.items.push(Item::Relay(relay));
        }
    }
    let unused = backends.into_iter().filter(|backend| !used.contains(&backend.name));
    for Section { servers, settings, .. } in unused {
        let alone = servers.into_iter().map(|draft| with_options(draft, &settings.options));
        reading.items.extend(alone);
    }
}

/// Returns an address without a target, together with the options of its section.
fn with_options(mut draft: Draft, options: &[RelayOption]) -> Item {
    draft.options.extend_from_slice(options);
    Item::One(draft)
}
