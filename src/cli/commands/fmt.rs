//! `fmt`: descriptions in canonical form.

use crate::cli::args::Fmt;
use crate::cli::exit::{Exit, Failure};
use crate::cli::report::human;
use crate::cli::{Cli, records};
use crate::{check, check_either};

pub(in crate::cli) fn run(args: &Fmt, cli: &mut Cli) -> Result<Exit, Failure> {
    let Cli { input, output, errors, .. } = cli;
    let end = records::terminator(&args.records);
    let mut findings = false;
    records::each(&args.records, input, output, |text, out| {
        let report = match args.reading.role() {
            Some(role) => check(text, role),
            None => check_either(text).0,
        };
        match report.canonical() {
            None => {
                findings = true;
                // Nobody is left to tell when standard error is closed.
                let _ = human::write_findings(&report, errors);
            }
            Some(canonical) if !args.check => out.line(&canonical, end)?,
            Some(canonical) if canonical != text => {
                findings = true;
                out.line(text, end)?;
            }
            Some(_) => {}
        }
        Ok(())
    })?;
    Ok(Exit::of_findings(findings))
}
