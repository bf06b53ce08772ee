//! `rule`: the errors and lints by name.

use std::io::Write;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::check::rules::Rule as Named;
use crate::cli::Cli;
use crate::cli::args::{Args, Rule};
use crate::cli::exit::{Exit, Failure};

pub(in crate::cli) fn run(args: &Rule, cli: &mut Cli) -> Result<Exit, Failure> {
    let widest = Named::all().map(|rule| rule.slug().len()).max().unwrap_or_default();
    let Some(slug) = &args.code else {
        for rule in Named::all() {
            let (slug, severity) = (rule.slug(), rule.severity().as_str());
            writeln!(cli.output, "{slug:widest$}  {severity:7}  {}", rule.summary())?;
        }
        return Ok(Exit::Ok);
    };
    let Some(rule) = Named::from_slug(slug) else {
        let message = format!("there is no error or lint `{slug}` (`strports rule` lists them)");
        return Err(Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message)));
    };
    writeln!(cli.output, "{slug} ({}): {}", rule.severity(), rule.summary())?;
    if let Some(page) = rule.page() {
        write!(cli.output, "{page}")?;
    }
    Ok(Exit::Ok)
}
