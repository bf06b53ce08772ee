//! `quote`: texts escaped for a place in a description.

use crate::cli::Cli;
use crate::cli::args::{Quote, bytes};
use crate::cli::exit::{Exit, Failure};
use crate::{Place, quote_bytes};

pub(in crate::cli) fn run(args: &Quote, cli: &mut Cli) -> Result<Exit, Failure> {
    let place = if args.positional { Place::Positional } else { Place::Value };
    for text in &args.texts {
        cli.output.line(&quote_bytes(bytes(text), place), b'\n')?;
    }
    Ok(Exit::Ok)
}
