//! `completions`: prints the completion script of a shell.
//!
//! The scripts for bash, zsh and fish call the program for each completion, because descriptions
//! have too many forms for a list. The scripts for other shells contain fixed lists of options,
//! which are generated from the definition of the command line.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::args::{Args, Completions};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};

pub(in crate::cli) fn run(args: &Completions, console: &mut Console) -> Result<Exit, Failure> {
    let script = match args.shell {
        Shell::Bash => include_bytes!("completions.bash").to_vec(),
        Shell::Zsh => include_bytes!("completions.zsh").to_vec(),
        Shell::Fish => include_bytes!("completions.fish").to_vec(),
        shell => {
            // Written in one piece, because the generator treats a failed write as a bug.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "strports", &mut script);
            script
        }
    };
    console.output.write_all(&script)?;
    Ok(Exit::Ok)
}
