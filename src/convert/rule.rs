//! The rows of the tables: how one option of another program is converted, in both directions.

use super::draft::{Draft, RelayOption, is_of_tls};
use super::keep_alive::Probe;
use super::loss::Loss;
use super::words::flag;
use strports_syntax::Role;

/// The reason for losing an option that turns Nagle's algorithm on.
pub(super) const DELAY: &str = "small writes are never delayed";

/// How one option of another program is converted.
pub(super) struct Rule {
    /// The option's names in the other program; the first one is used for writing.
    pub(super) names: &'static [&'static str],
    /// Whether the option applies to servers, to clients or to both.
    pub(super) on: On,
    pub(super) does: Does,
    /// A text with the option, for documentation and tests.
    pub(super) example: &'static str,
    /// What the example converts to.
    pub(super) gives: &'static str,
}

/// The roles that an option applies to.
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

/// What an option of another program does to a draft.
#[derive(Clone, Copy)]
pub(super) enum Does {
    /// Sets this parameter to the option's value.
    Parameter(&'static str),
    /// Sets this parameter to 1, unless the option's value means no.
    Flag(&'static str),
    /// Sets this option of `strports relay` to the option's value.
    Relay(&'static str),
    /// Changes nothing, because it is the default here.
    Same,
    /// Changes nothing, because it is always on here. A value that means no is lost, for this
    /// reason.
    Always(&'static str),
    /// Has no counterpart, so it is lost for this reason.
    Lost(&'static str),
    /// Calls a function on the draft and the option's value. Its error is the reason for a loss.
    With(fn(&mut Draft, &str) -> Result<(), String>),
    /// Like [`With`](Self::With). This parameter is written as the option, with the same value.
    WithBack(fn(&mut Draft, &str) -> Result<(), String>, &'static str),
    /// Like [`With`](Self::With). The option is written if a parameter has the value of the word.
    WithWord(fn(&mut Draft, &str) -> Result<(), String>, Word),
    /// Like [`WithBack`](Self::WithBack). The parameter is in seconds, and is written with a unit.
    Seconds(fn(&mut Draft, &str) -> Result<(), String>, &'static str),
    /// Sets one of the three numbers of `keepAlive`.
    Probe(Probe),
}

/// A value of a parameter, with the word for it in another program.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) parameter: &'static str,
    pub(super) here: &'static str,
    pub(super) there: &'static str,
}

impl Word {
    /// The value for TLS 1.3 only, which the other program calls `there`.
    pub(super) const fn tls13(there: &'static str) -> Self {
        Self { parameter: "sslmethod", here: "TLSv1_3_METHOD", there }
    }

    /// The value for no keep-alive probes, which the other program calls `there`.
    pub(super) const fn no_probes(there: &'static str) -> Self {
        Self { parameter: "keepAlive", here: "0", there }
    }
}

/// An option as a text in another form has it.
#[derive(Clone, Copy)]
pub(super) struct Given<'t> {
    pub(super) name: &'t str,
    pub(super) value: Option<&'t str>,
    /// The whole option as it is written, for messages about losses.
    pub(super) text: &'t str,
}

impl<'t> Given<'t> {
    /// Splits `name=value` into its parts; without `=`, there is only a name.
    pub(super) fn from_assignment(text: &'t str) -> Self {
        match text.split_once('=') {
            Some((name, value)) => Self { name: name.trim(), value: Some(value.trim()), text },
            None => Self { name: text.trim(), value: None, text },
        }
    }
}

/// Finds the row of an option for this role, ignoring the case of its name.
pub(super) fn find(rules: &'static [Rule], role: Role, name: &str) -> Option<&'static Rule> {
    let named = |rule: &&Rule| rule.names.iter().any(|other| other.eq_ignore_ascii_case(name));
    rules.iter().find(|rule| named(rule) && rule.on.has(role))
}

/// Applies an option to a draft, as its row in the table says. Adds what is lost to `losses`.
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

/// Returns the options of another program that express a parameter, each with its value. A flag has
/// none.
///
/// Only `keepAlive` takes several options. The result is empty if the program has no such option.
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
