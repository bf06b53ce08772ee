//! `rule`: the errors and lints by name.

use std::io::Write;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::Code;
use crate::cli::Cli;
use crate::cli::args::{Args, Rule};
use crate::cli::exit::{Exit, Failure};

pub(in crate::cli) fn run(args: &Rule, cli: &mut Cli) -> Result<Exit, Failure> {
    let widest = Code::ALL.iter().map(|code| code.slug().len()).max().unwrap_or_default();
    let Some(slug) = &args.code else {
        for code in Code::ALL {
            let (slug, severity) = (code.slug(), code.severity().as_str());
            writeln!(cli.output, "{slug:widest$}  {severity:7}  {}", code.summary())?;
        }
        return Ok(Exit::Ok);
    };
    let Some(code) = Code::from_slug(slug) else {
        let message = format!("there is no error or lint `{slug}` (`strports rule` lists them)");
        return Err(Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message)));
    };
    writeln!(cli.output, "{slug} ({}): {}", code.severity(), code.summary())?;
    if let Some(page) = code.page() {
        write!(cli.output, "{page}")?;
    }
    Ok(Exit::Ok)
}
