//! `fmt`: prints descriptions in canonical form; with `--check`, those that are not canonical.

use crate::cli::args::Fmt;
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::known_types::KnownTypes;
use crate::cli::records;
use crate::cli::report::human;

pub(in crate::cli) fn run(args: &Fmt, console: &mut Console) -> Result<Exit, Failure> {
    let Console { input, output, errors } = console;
    let end = records::terminator(&args.records);
    let types = KnownTypes::default();
    let mut findings = false;
    records::for_each(&args.records, input, output, |text, out| {
        let (report, _) = types.check(text, args.reading.role())?;
        match report.canonical() {
            None => {
                findings = true;
                // If standard error is closed, the failure cannot be reported anywhere.
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
    Ok(Exit::from_findings(findings))
}
