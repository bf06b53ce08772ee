//! Completes the values of options and positional arguments.

use std::path::Path;

use clap::{Arg, CommandFactory, ValueHint};

use super::candidate::Candidate;
use crate::cli::args::Args;
use crate::complete::complete;
use crate::complete::files::files;
use strports_syntax::{Role, Types};

/// Returns candidates for the value of `arg` of which `word` is typed so far.
pub(super) fn values(arg: &Arg, word: &str) -> Vec<Candidate> {
    let possible = arg.get_possible_values();
    if !possible.is_empty() {
        let shown = possible.iter().filter(|value| !value.is_hide_set());
        let help = |value: &clap::builder::PossibleValue| {
            value.get_help().map(ToString::to_string).unwrap_or_default()
        };
        return shown.map(|it| Candidate::new(it.get_name(), help(it))).collect();
    }
    let name = arg.get_value_names().and_then(|names| names.first());
    match name.map(clap::builder::Str::as_str).unwrap_or_default() {
        "DESCRIPTION" => description(None, word),
        "SERVER" => description(Some(Role::Server), word),
        "CLIENT" | "TARGET" => description(Some(Role::Client), word),
        "CODE" => codes(word),
        // Codes are separated by commas: only the last one is completed.
        "CODES" => {
            let (before, last) =
                word.rsplit_once(',').map_or(("", word), |(a, b)| (&word[..=a.len()], b));
            let all = codes(last).into_iter();
            all.map(|it| Candidate { text: format!("{before}{}", it.text), ..it }).collect()
        }
        "SUBCOMMAND" => {
            let command = Args::command();
            let all = command.get_subcommands().filter(|it| !it.is_hide_set());
            all.map(|it| Candidate::new(it.get_name(), "")).collect()
        }
        "PATH" | "FILE" => paths(word),
        _ if arg.get_value_hint() == ValueHint::AnyPath => paths(word),
        _ => Vec::new(),
    }
}

/// The types that descriptions may have, with those that the nearest `strports.toml` declares.
fn types() -> Types<'static> {
    // Completion must not print errors: commands that use the configuration report them.
    crate::cli::known_types::known_types().unwrap_or(Types::BUILTIN)
}

fn description(role: Option<Role>, word: &str) -> Vec<Candidate> {
    let completion = complete(types(), role, word.as_bytes());
    let all = completion.candidates.into_iter().map(|it| {
        let before = word.get(..word.len() - it.replaces).unwrap_or_default();
        let detail = if it.detail.is_empty() { String::new() } else { format!(" ({})", it.detail) };
        Candidate::new(format!("{before}{}", it.text), format!("{}{detail}", it.summary))
    });
    let mut all: Vec<Candidate> = all.collect();
    if let Some(path) = completion.path {
        let before = &word[..word.len() - path.replaces];
        let written = |file: String| format!("{before}{}", path.write(&file));
        let found = files(&path.text, &[Path::new(".")]).into_iter();
        all.extend(found.map(|file| Candidate::new(written(file), "")));
    }
    all
}

#[cfg(feature = "check")]
fn codes(_: &str) -> Vec<Candidate> {
    use crate::check::Rule;
    let severities = ["error", "warning", "info", "all"].into_iter();
    let severities = severities.map(|it| Candidate::new(it, "every rule of this severity"));
    let rules = Rule::all().map(|rule| Candidate::new(rule.slug(), rule.summary()));
    rules.chain(severities).collect()
}

#[cfg(not(feature = "check"))]
fn codes(_: &str) -> Vec<Candidate> {
    Vec::new()
}

fn paths(word: &str) -> Vec<Candidate> {
    files(word, &[Path::new(".")]).into_iter().map(|file| Candidate::new(file, "")).collect()
}
