//! `man`: prints the manual pages, generated from the definition of the command line.

mod sections;

use clap::CommandFactory;
use clap::error::ErrorKind;
use clap_mangen::Man as Page;

use crate::cli::args::{Args, Man};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};

/// The argument that selects the manual page of the configuration file.
#[cfg(feature = "check")]
const CONFIGURATION: &str = "strports.toml";

pub(in crate::cli) fn run(args: &Man, console: &mut Console) -> Result<Exit, Failure> {
    #[cfg(feature = "check")]
    if args.subcommand.as_deref() == Some(CONFIGURATION) {
        sections::configuration().to_writer(&mut console.output)?;
        return Ok(Exit::Ok);
    }
    let mut command = Args::command();
    // Sets the full names of subcommands, such as `strports-check`, which titles contain.
    command.build();
    let page = match &args.subcommand {
        Some(name) => command.find_subcommand(name).cloned().ok_or_else(|| {
            let message = format!("there is no subcommand `{name}`");
            Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message))
        })?,
        None => command.clone(),
    };
    let more = sections::more(&command, args.subcommand.as_deref());
    Page::new(page).render(&mut console.output)?;
    more.to_writer(&mut console.output)?;
    Ok(Exit::Ok)
}
