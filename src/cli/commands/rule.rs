//! `rule`: prints the page of an error or a lint, or a list of all codes.

use std::io::Write;

use clap::CommandFactory;
use clap::error::ErrorKind;
use serde::Serialize;

use crate::check::Rule as Named;
use crate::cli::args::{Args, Format, Rule};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::report::human::{has_room, last_cell};
use crate::cli::report::joined;
use strports_syntax::{Excerpt, Text};

pub(in crate::cli) fn run(args: &Rule, console: &mut Console) -> Result<Exit, Failure> {
    let named = args.code.as_deref().map(named).transpose()?;
    match (named, args.format) {
        (Some(rule), Format::Human) => page(rule, console)?,
        (Some(rule), Format::Json) => json(rule, console)?,
        (None, _) if args.all => book(console)?,
        (None, Format::Human) => list(console)?,
        (None, Format::Json) => Named::all().try_for_each(|rule| json(rule, console))?,
    }
    Ok(Exit::Ok)
}

/// Finds the rule with this slug; the usage error for an unknown one suggests a similar slug.
fn named(slug: &str) -> Result<Named, Failure> {
    Named::from_slug(slug).ok_or_else(|| {
        let found = Excerpt::new(Text::plain(slug));
        let near = Named::most_similar(slug).map(|rule| format!("did you mean `{rule}`? "));
        let near = near.unwrap_or_default();
        let message =
            format!("there is no error or lint {found} ({near}`strports rule` lists them)");
        Failure::Usage(Args::command().error(ErrorKind::InvalidValue, message))
    })
}

/// One rule as `rule --format json` prints it, on one line; the keys are stable.
#[derive(Serialize)]
struct Record {
    code: &'static str,
    severity: &'static str,
    summary: &'static str,
    /// Whether the rule is off unless it is selected.
    opt_in: bool,
    /// Whether the rule runs only with `--on-this-machine`.
    needs_machine: bool,
    page: &'static str,
}

fn json(rule: Named, console: &mut Console) -> Result<(), Failure> {
    let record = Record {
        code: rule.slug(),
        severity: rule.severity().as_str(),
        summary: rule.summary(),
        opt_in: rule.is_opt_in(),
        needs_machine: rule.needs_machine(),
        page: rule.page().trim(),
    };
    serde_json::to_writer(&mut console.output, &record).map_err(std::io::Error::from)?;
    Ok(writeln!(console.output)?)
}

/// Prints the code, the severity and the summary of each rule, one line each.
fn list(console: &mut Console) -> Result<(), Failure> {
    let widest = Named::all().map(|rule| rule.slug().len()).max().unwrap_or_default();
    for rule in Named::all() {
        let (slug, severity) = (rule.slug(), rule.severity().as_str());
        let out = &mut console.output;
        let column = widest + "  warning  ".len();
        let padding = "warning".len() - severity.len();
        if has_room(column, out) {
            write!(out, "{slug:widest$}  {severity}")?;
        } else {
            write!(out, "{}", out.look().fitted(&format!("{slug}  {severity}"), 2))?;
        }
        last_cell(rule.summary(), padding, column, 4, out)?;
    }
    Ok(())
}

/// Prints the documentation page of one rule, wrapped for a narrow terminal.
fn page(rule: Named, console: &mut Console) -> Result<(), Failure> {
    let out = &mut console.output;
    out.prose(&format!("{rule} ({}): {}", rule.severity(), rule.summary()))?;
    if out.is_narrow() {
        out.prose(joined(rule.page()).trim_end())?;
    } else {
        write!(out, "{}", rule.page())?;
    }
    Ok(())
}

/// Prints the documentation pages of all rules; `spec/rules.md` is this output.
fn book(console: &mut Console) -> Result<(), Failure> {
    let out = &mut console.output;
    writeln!(out, "# Errors and lints\n")?;
    writeln!(
        out,
        "Every code that `strports explain` and `strports check` report, with its meaning,"
    )?;
    writeln!(
        out,
        "an example and the correction. Written by `strports rule --all`; do not edit.\n"
    )?;
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
