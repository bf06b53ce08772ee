//! `test`: connects or listens as descriptions say, and reports the result of each step.

use std::io::Write;
use std::mem;
use std::time::{Duration, Instant};

use crate::cli::args::{Format, Test};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::known_types::known_types;
use crate::cli::records;
use crate::cli::report::probe::human::Summary;
use crate::cli::report::probe::{Tested, human, json};
use crate::runtime::probe::{Probe, ProbeOptions};
use crate::runtime::{Error, block_on, client_from_string, server_from_string, without_secrets};
use strports_syntax::{Code, Report, Role, Types, check};

pub(in crate::cli) fn run(args: &Test, console: &mut Console) -> Result<Exit, Failure> {
    let options = args.options();
    let types = known_types()?;
    let mut summary = Summary::default();
    let mut is_first = true;
    let Console { input, output, .. } = console;
    records::for_each(&args.records, input, output, |text, out| {
        let tested = test(text, args.reading.role(), types, &options);
        match tested.is_ok() {
            Some(true) => summary.ok += 1,
            Some(false) => summary.failed.push(tested.description.clone()),
            None => summary.not_tried += 1,
        }
        match args.format {
            Format::Json => json::write(&tested, out)?,
            Format::Human => {
                if !mem::replace(&mut is_first, false) {
                    writeln!(out)?;
                }
                human::write(&tested, out)?;
            }
        }
        // Shows this result now, because testing the next description may take long.
        out.flush()?;
        Ok(())
    })?;
    if summary.count() > 1 && matches!(args.format, Format::Human) {
        human::write_summary(&summary, output)?;
    }
    Ok(if summary.failed.is_empty() { Exit::Ok } else { Exit::Failure })
}

/// Checks one description, and probes it if it is valid.
fn test<'a>(
    text: &'a [u8],
    role: Option<Role>,
    types: Types<'a>,
    options: &ProbeOptions,
) -> Tested<'a> {
    let began = Instant::now();
    let (report, both) = match role {
        Some(role) => (types.check(text, role), false),
        None => types.check_either(text),
    };
    let not_tried = cannot_be_tried(&report);
    let (probe, refused, read) = match &not_tried {
        Some(_) => (None, None, began.elapsed()),
        None => probe(&report, options, began),
    };
    let description = without_secrets(text);
    let took = began.elapsed();
    Tested { description, report, both, probe, not_tried, refused, read, took }
}

/// Returns why a valid description cannot be tried here: a type in it needs a Python package.
/// `None` if strports implements all its types.
fn cannot_be_tried(report: &Report<'_>) -> Option<String> {
    if !report.is_ok() || check(report.text(), report.role()).is_ok() {
        return None;
    }
    let needs = report.diagnostics().iter().find(|it| it.code == Code::NeedsPlugin);
    let why = needs.map_or("only Twisted supports its type", |it| &it.message);
    Some(format!("it cannot be tried here: {why}"))
}

/// Probes a valid description; also returns how long parsing it took. The error says why a
/// description without findings cannot be run. Both are `None` if it is invalid.
fn probe(
    report: &Report<'_>,
    options: &ProbeOptions,
    began: Instant,
) -> (Option<Probe>, Option<Error>, Duration) {
    if !report.is_ok() {
        return (None, None, began.elapsed());
    }
    let text = report.text();
    match report.role() {
        Role::Server => match server_from_string(text) {
            Ok(server) => {
                let read = began.elapsed();
                (Some(block_on(server.probe(options))), None, read)
            }
            Err(error) => (None, Some(error), began.elapsed()),
        },
        Role::Client => match client_from_string(text) {
            Ok(client) => {
                let read = began.elapsed();
                (Some(block_on(client.probe(options))), None, read)
            }
            Err(error) => (None, Some(error), began.elapsed()),
        },
    }
}
