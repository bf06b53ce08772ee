//! `quote`: escapes texts so that they can be inserted into a description.

use crate::cli::args::{Quote, bytes};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use strports_syntax::{Place, quote_bytes};

pub(in crate::cli) fn run(args: &Quote, console: &mut Console) -> Result<Exit, Failure> {
    let place = if args.positional { Place::Positional } else { Place::Value };
    for text in &args.texts {
        console.output.line(&quote_bytes(bytes(text), place), b'\n')?;
    }
    Ok(Exit::Ok)
}
