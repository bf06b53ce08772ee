//! The rows of the tables: the conversion of one option of another program.

use super::draft::{Draft, RelayOption, is_of_tls};
use super::keep_alive::Probe;
use super::loss::Loss;
use super::words::flag;
use strports_syntax::Role;

/// Why Nagle's algorithm cannot be turned on.
pub(super) const DELAY: &str = "small writes are never delayed";

/// The conversion of one option of another program.
pub(super) struct Rule {
    /// The names in the other program; the first one is used for writing.
    pub(super) names: &'static [&'static str],
    /// Whether servers, clients or both have the option.
    pub(super) on: On,
    pub(super) does: Does,
    /// A text with the option, as a test vector.
    pub(super) example: &'static str,
    /// The expected conversion of the example.
    pub(super) gives: &'static str,
}

/// The sides that have an option.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum On {
    Server,
    Client,
    Either,
}

impl On {
    const fn has(self, role: Role) -> bool {
        matches!(
            (self, role),
            (Self::Either, _) | (Self::Server, Role::Server) | (Self::Client, Role::Client)
        )
    }
}

/// The effect of an option.
#[derive(Clone, Copy)]
pub(super) enum Does {
    /// Sets this parameter to the same value.
    Parameter(&'static str),
    /// Sets this parameter to 1, unless the value means no.
    Flag(&'static str),
    /// Sets this option of `strports relay`.
    Relay(&'static str),
    /// Has no effect, because it is the default here.
    Same,
    /// Is always on here. A value that means no is lost, for this reason.
    Always(&'static str),
    /// Has no counterpart, for this reason.
    Lost(&'static str),
    /// Calls a function, whose error is a loss.
    With(fn(&mut Draft, &str) -> Result<(), String>),
    /// Like [`With`](Self::With); it is written with the value of this parameter.
    WithBack(fn(&mut Draft, &str) -> Result<(), String>, &'static str),
    /// Like [`With`](Self::With); it is written for one value of a parameter.
    WithWord(fn(&mut Draft, &str) -> Result<(), String>, Word),
    /// Like [`WithBack`](Self::WithBack); the seconds of the parameter are written with a unit.
    Seconds(fn(&mut Draft, &str) -> Result<(), String>, &'static str),
    /// The value is one of the three numbers of `keepAlive`.
    Probe(Probe),
}

/// A value of a parameter, and its spelling in another program.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) parameter: &'static str,
    pub(super) here: &'static str,
    pub(super) there: &'static str,
}

impl Word {
    /// TLS 1.3 only, which the other program calls `there`.
    pub(super) const fn tls13(there: &'static str) -> Self {
        Self { parameter: "sslmethod", here: "TLSv1_3_METHOD", there }
    }

    /// No keep-alive probes, for which the other program has the word `there`.
    pub(super) const fn no_probes(there: &'static str) -> Self {
        Self { parameter: "keepAlive", here: "0", there }
    }
}

/// An option in a text.
#[derive(Clone, Copy)]
pub(super) struct Given<'t> {
    pub(super) name: &'t str,
    pub(super) value: Option<&'t str>,
    /// The option as it was written, name and value together.
    pub(super) text: &'t str,
}

impl<'t> Given<'t> {
    /// Splits `name=value`; the value is optional.
    pub(super) fn from_assignment(text: &'t str) -> Self {
        match text.split_once('=') {
            Some((name, value)) => Self { name: name.trim(), value: Some(value.trim()), text },
            None => Self { name: text.trim(), value: None, text },
        }
    }
}

/// Finds the row of an option; case counts only if the program is case-sensitive.
pub(super) fn find(rules: &'static [Rule], role: Role, name: &str) -> Option<&'static Rule> {
    let named = |rule: &&Rule| rule.names.iter().any(|other| other.eq_ignore_ascii_case(name));
    rules.iter().find(|rule| named(rule) && rule.on.has(role))
}

/// Applies the row of an option, and adds losses to `losses`.
pub(super) fn apply(
    rules: &'static [Rule],
    draft: &mut Draft,
    given: Given<'_>,
    losses: &mut Vec<Loss>,
) {
    let lose = |why: String| Loss::new(given.text, why);
    let Some(rule) = find(rules, draft.role, given.name) else {
        losses.push(lose(format!("this option is not known of a {}", draft.role)));
        return;
    };
    let value = given.value.unwrap_or_default();
    match rule.does {
        Does::Same => {}
        Does::Always(why) => match flag(value) {
            Ok(true) => {}
            Ok(false) => losses.push(lose(why.to_owned())),
            Err(why) => losses.push(lose(why)),
        },
        Does::Lost(why) => losses.push(lose(why.to_owned())),
        Does::Parameter(name) => {
            if let Some(before) = draft.get(name).filter(|before| *before != value) {
                let before = format!("{name}={before}");
                losses.push(Loss::new(before, "a later option replaces it"));
            }
            if !draft.set(name, value) {
                losses.push(lose(has_none(draft, name)));
            }
        }
        Does::Flag(name) => {
            match flag(value) {
                Ok(true) => {}
                Ok(false) => return,
                Err(why) => return losses.push(lose(why)),
            }
            if !draft.set(name, "1") {
                losses.push(lose(has_none(draft, name)));
            }
        }
        Does::Relay(name) => draft.options.push(RelayOption {
            name,
            value: value.to_owned(),
            from: given.text.to_owned(),
        }),
        Does::With(apply)
        | Does::WithBack(apply, _)
        | Does::WithWord(apply, _)
        | Does::Seconds(apply, _) => {
            if let Err(why) = apply(draft, value) {
                losses.push(lose(why));
            }
        }
        Does::Probe(probe) => {
            if let Err(why) = probe.set(draft, value) {
                losses.push(lose(why));
            }
        }
    }
}

fn has_none(draft: &Draft, name: &str) -> String {
    let kind =
        if is_of_tls(draft.role, name) { "a connection without TLS" } else { draft.transport.kind };
    format!("`{kind}` has no `{name}`")
}

/// The options of another program for a parameter: names, each with its value unless it is a flag.
///
/// Only `keepAlive` has several. The result is empty if the program has no such option.
pub(super) fn written(
    rules: &'static [Rule],
    role: Role,
    parameter: &str,
    value: &str,
) -> Vec<(&'static str, Option<String>)> {
    let probe = |rule: &Rule| match rule.does {
        Does::Probe(probe) if parameter == "keepAlive" => {
            Some((rule.names[0], Some(probe.of(value)?.to_owned())))
        }
        _ => None,
    };
    let rules = || rules.iter().filter(|rule| rule.on.has(role));
    let probes: Vec<_> = rules().filter_map(probe).collect();
    if !probes.is_empty() {
        return probes;
    }
    let one = rules().find_map(|rule| {
        let name = rule.names[0];
        match rule.does {
            Does::Parameter(own) | Does::WithBack(_, own) if own == parameter => {
                Some((name, Some(value.to_owned())))
            }
            Does::Seconds(_, own) if own == parameter => Some((name, Some(format!("{value}s")))),
            Does::Flag(own) if own == parameter => Some((name, None)),
            Does::WithWord(_, word) if word.parameter == parameter && word.here == value => {
                Some((name, Some(word.there.to_owned())))
            }
            _ => None,
        }
    });
    one.into_iter().collect()
}
