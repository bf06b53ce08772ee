//! `complete`: prints candidates for a command line; the shell scripts of `completions` call it.

use std::io::Write;

use clap::CommandFactory;

use crate::cli::args::{Args, Complete, CompleteFor};
use crate::cli::completion::{Line, candidates};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};

pub(in crate::cli) fn run(args: &Complete, console: &mut Console) -> Result<Exit, Failure> {
    let mut command = Args::command();
    command.build();
    let words: Vec<String> =
        args.words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let out = &mut console.output;
    match args.shell {
        CompleteFor::Bash => {
            let (line, breaks) = match &words[..] {
                [line, breaks, ..] => (line.as_str(), breaks.as_str()),
                [line] => (line.as_str(), ""),
                [] => return Ok(Exit::Ok),
            };
            let line = Line::new(line);
            for candidate in candidates(&command, line.words.get(1..).unwrap_or_default()) {
                writeln!(out, "{}", line.replacement(&candidate.text, breaks))?;
            }
        }
        CompleteFor::Zsh | CompleteFor::Fish => {
            for candidate in candidates(&command, &words) {
                writeln!(out, "{}\t{}", candidate.text, candidate.help)?;
            }
        }
    }
    Ok(Exit::Ok)
}
