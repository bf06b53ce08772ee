//! `completions`: for a shell.
//!
//! The scripts for bash, zsh and fish ask the program while a line is written, as descriptions
//! grow in too many ways for a list. Those for other shells are lists, from the table of the
//! command line.

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
            // Written in one go: the generator takes a write that fails for a bug.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "strports", &mut script);
            script
        }
    };
    console.output.write_all(&script)?;
    Ok(Exit::Ok)
}
