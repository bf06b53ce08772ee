//! `rule`: the errors and lints by name.

use std::io::Write;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::check::Rule as Named;
use crate::cli::args::{Args, Rule};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};

pub(in crate::cli) fn run(args: &Rule, console: &mut Console) -> Result<Exit, Failure> {
    match &args.code {
        Some(slug) => page(slug, console)?,
        None if args.all => book(console)?,
        None => list(console)?,
    }
    Ok(Exit::Ok)
}

/// A line for each.
fn list(console: &mut Console) -> Result<(), Failure> {
    let widest = Named::all().map(|rule| rule.slug().len()).max().unwrap_or_default();
    for rule in Named::all() {
        let (slug, severity) = (rule.slug(), rule.severity().as_str());
        writeln!(console.output, "{slug:widest$}  {severity:7}  {}", rule.summary())?;
    }
    Ok(())
}

/// All that there is to say of one.
fn page(slug: &str, console: &mut Console) -> Result<(), Failure> {
    let Some(rule) = Named::from_slug(slug) else {
        let message = format!("there is no error or lint `{slug}` (`strports rule` lists them)");
        return Err(Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message)));
    };
    writeln!(console.output, "{slug} ({}): {}", rule.severity(), rule.summary())?;
    write!(console.output, "{}", rule.page())?;
    Ok(())
}

/// All that there is to say, as `spec/rules.md`.
fn book(console: &mut Console) -> Result<(), Failure> {
    let out = &mut console.output;
    writeln!(out, "# Errors and lints\n\nWritten by `strports rule --all`; do not edit.\n")?;
    writeln!(out, "| code | severity | what it is |\n| --- | --- | --- |")?;
    for rule in Named::all() {
        let (severity, summary) = (rule.severity(), rule.summary());
        writeln!(out, "| [`{rule}`](#{rule}) | {severity} | {summary} |")?;
    }
    for rule in Named::all() {
        write!(out, "\n## {rule}\n{}", rule.page())?;
    }
    Ok(())
}
