//! `completions`: for a shell, from the same table as the command line.

use clap::CommandFactory;

use crate::cli::args::{Args, Completions};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};

pub(in crate::cli) fn run(args: &Completions, console: &mut Console) -> Result<Exit, Failure> {
    // Written in one go: the generator takes a write that fails for a bug.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "strports", &mut script);
    std::io::Write::write_all(&mut console.output, &script)?;
    Ok(Exit::Ok)
}
