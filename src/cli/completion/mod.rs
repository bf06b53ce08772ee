//! Completes the command line of `strports` for the scripts of shells.
//!
//! Commands, options and their values come from the definition of the command line.
//! [`crate::complete`] completes descriptions, and paths in them come from the file system.

mod candidate;
mod line;
mod values;

use clap::{Arg, Command};

use candidate::Candidate;
pub(in crate::cli) use line::Line;
use values::values;

/// Returns the candidates for the last of `words`. The first word follows the program's name.
pub(in crate::cli) fn candidates(command: &Command, words: &[String]) -> Vec<Candidate> {
    let Some((last, before)) = words.split_last() else { return Vec::new() };
    let place = Place::new(command, before);
    let mut all = place.candidates(last);
    all.retain(|it| it.text.starts_with(last.as_str()) || it.text.eq_ignore_ascii_case(last));
    all
}

/// Where the word to complete is: in which subcommand, and after which arguments.
struct Place<'c> {
    command: &'c Command,
    /// The preceding option, if it takes this word as its value.
    expects: Option<&'c Arg>,
    positionals: usize,
    only_positionals: bool,
}

impl<'c> Place<'c> {
    fn new(command: &'c Command, words: &[String]) -> Self {
        let mut place = Self { command, expects: None, positionals: 0, only_positionals: false };
        for word in words {
            place.take(word);
        }
        place
    }

    fn take(&mut self, word: &str) {
        if self.expects.take().is_some() {
        } else if word == "--" {
            self.only_positionals = true;
        } else if word.starts_with("--") && !self.only_positionals {
            self.expects = self.long(word).filter(|_| !word.contains('='));
        } else if word.starts_with('-') && word.len() > 1 && !self.only_positionals {
            // In `-eX` the value is a part of the word, so the next word is not the value.
            let short = word.chars().nth(1).filter(|_| word.chars().count() == 2);
            let named =
                |arg: &&Arg| short.is_some() && arg.get_short() == short && takes_value(arg);
            self.expects = self.command.get_arguments().find(named);
        } else if let Some(inner) =
            self.command.find_subcommand(word).filter(|_| self.positionals == 0)
        {
            self.command = inner;
        } else {
            self.positionals += 1;
        }
    }

    /// The option that a word such as `--color=x` begins with; `None` if it takes no value.
    fn long(&self, word: &str) -> Option<&'c Arg> {
        let name = word.trim_start_matches('-').split('=').next()?;
        let named = |arg: &&Arg| arg.get_long() == Some(name) && takes_value(arg);
        self.command.get_arguments().find(named)
    }

    fn candidates(&self, word: &str) -> Vec<Candidate> {
        if let Some(option) = self.expects {
            return values(option, word);
        }
        if word.starts_with('-') && !self.only_positionals {
            return match (word.split_once('='), self.long(word)) {
                (Some((name, value)), Some(option)) => {
                    let values = values(option, value).into_iter();
                    values
                        .map(|it| Candidate { text: format!("{name}={}", it.text), ..it })
                        .collect()
                }
                _ => self.options(),
            };
        }
        if self.positionals == 0 && self.command.has_subcommands() {
            let inner = self.command.get_subcommands().filter(|it| !it.is_hide_set());
            let about = |it: &Command| it.get_about().map(ToString::to_string).unwrap_or_default();
            return inner.map(|it| Candidate::new(it.get_name(), about(it))).collect();
        }
        let mut positionals = self.command.get_positionals();
        let last = self.command.get_positionals().last();
        let argument = positionals.nth(self.positionals).or(last);
        argument.map(|argument| values(argument, word)).unwrap_or_default()
    }

    fn options(&self) -> Vec<Candidate> {
        let options = self.command.get_arguments().filter(|arg| !arg.is_hide_set());
        let candidate = |arg: &Arg| {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            Some(Candidate::new(format!("--{}", arg.get_long()?), help))
        };
        options.filter_map(candidate).collect()
    }
}

fn takes_value(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Args;

    #[track_caller]
    fn texts(words: &[&str]) -> Vec<String> {
        let mut command = Args::command();
        command.build();
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        candidates(&command, &words).into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn commands_options_and_values_are_completed() {
        assert_eq!(texts(&["ex"]), ["explain"]);
        assert_eq!(texts(&["explain", "--ro"]), ["--role"]);
        assert_eq!(texts(&["explain", "--role", "s"]), ["server"]);
        assert_eq!(texts(&["explain", "--role=c"]), ["--role=client"]);
        assert_eq!(texts(&["completions", "z"]), ["zsh"]);
        assert_eq!(texts(&["man", "quo"]), ["quote"]);
        assert!(!texts(&[""]).contains(&"complete".to_owned()));
    }

    #[test]
    fn descriptions_are_completed_step_by_step() {
        assert_eq!(texts(&["explain", "un"]), ["unix:"]);
        assert_eq!(texts(&["explain", "--", "tcp:80:inter"]), ["tcp:80:interface="]);
        assert_eq!(
            texts(&["fmt", "tls:h:443:endpoint=tc"]),
            [r"tls:h:443:endpoint=tcp\:", r"tls:h:443:endpoint=tcp6\:"]
        );
    }

    #[cfg(feature = "check")]
    #[test]
    fn lists_of_codes_are_completed() {
        assert_eq!(texts(&["rule", "unescaped-i"]), ["unescaped-ipv6"]);
        assert_eq!(texts(&["check", "--select", "error,unescaped-i"]), ["error,unescaped-ipv6"]);
        assert_eq!(texts(&["check", "-e", "unix"]), ["unix:"]);
    }
}
