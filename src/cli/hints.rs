//! Suggestions in the error for an unknown subcommand.

use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Error};

use super::args::Args;
use crate::convert::{Form, command_line};
use strports_syntax::check_either;

/// Pairs of a subcommand of other programs, and the subcommand here with the same purpose.
const WORDS: [(&str, &str); 44] = [
    ("lint", "check"),
    ("linter", "check"),
    ("validate", "check"),
    ("verify", "check"),
    ("scan", "check"),
    ("fix", "check"),
    ("parse", "explain"),
    ("describe", "explain"),
    ("show", "explain"),
    ("info", "explain"),
    ("inspect", "explain"),
    ("what", "explain"),
    ("format", "fmt"),
    ("normalize", "fmt"),
    ("canonical", "fmt"),
    ("pretty", "fmt"),
    ("escape", "quote"),
    ("translate", "convert"),
    ("import", "convert"),
    ("export", "convert"),
    ("from", "convert"),
    ("serve", "listen"),
    ("server", "listen"),
    ("accept", "listen"),
    ("bind", "listen"),
    ("client", "connect"),
    ("dial", "connect"),
    ("open", "connect"),
    ("proxy", "relay"),
    ("forward", "relay"),
    ("tunnel", "relay"),
    ("run", "relay"),
    ("ping", "test"),
    ("probe", "test"),
    ("diagnose", "test"),
    ("rules", "rule"),
    ("lints", "rule"),
    ("type", "types"),
    ("list", "types"),
    ("completion", "completions"),
    ("manual", "man"),
    ("language-server", "lsp"),
    ("server-stdio", "lsp"),
    ("editor", "lsp"),
];

/// Adds a suggestion to clap's error for an unknown subcommand; leaves other errors unchanged.
pub(super) fn add_hint(error: &mut Error) {
    let ErrorKind::InvalidSubcommand = error.kind() else { return };
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    if let Some(hint) = hint(word) {
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    }
}

fn hint(word: &str) -> Option<String> {
    let quoted = command_line(&[word]);
    let named = WORDS.iter().find(|(other, _)| other.eq_ignore_ascii_case(word));
    if let Some((_, command)) = named {
        let exists = Args::command().find_subcommand(command).is_some();
        return exists.then(|| format!("the command for this is `strports {command}`"));
    }
    if check_either(word).0.is_ok() || is_of_known_type(word) {
        return Some(format!("`strports explain {quoted}` says what this description means"));
    }
    if let Some(form) = Form::from_text(word) {
        let form = form.name();
        return Some(format!("`strports convert {quoted}` reads this like {form}"));
    }
    let is_path = word.contains(['/', '.']) && Path::new(word).exists();
    (is_path && Args::command().find_subcommand("check").is_some())
        .then(|| format!("`strports check {quoted}` looks for descriptions there"))
}

/// Whether a word begins like a description of a known type, even if the rest is invalid.
fn is_of_known_type(word: &str) -> bool {
    let (report, _) = check_either(word);
    word.contains(':') && report.errors().all(|it| it.code != strports_syntax::Code::UnknownType)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelled_values_have_a_hint() {
        let explain =
            Some("`strports explain tcp:8080` says what this description means".to_owned());
        assert_eq!(hint("tcp:8080"), explain);
        assert!(hint("tcp:http").unwrap().contains("explain"));
        assert!(hint("TCP-LISTEN:80").unwrap().contains("convert"));
        assert_eq!(hint("lint").is_some(), cfg!(feature = "check"));
        assert_eq!(hint("FORMAT").unwrap(), "the command for this is `strports fmt`");
        assert_eq!(hint("nonsense"), None);
    }
}
