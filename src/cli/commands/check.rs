//! `check`: finds errors in the descriptions that files contain, and fixes them.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, PoisonError};

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::check::{Baseline, Change, Checked, Coverage, Finding, FixedFile, Fixes, Problem};
use crate::cli::args::{Args, Check, FindingsFormat, Format, bytes};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::progress;
use crate::cli::report::{coverage, findings};
use crate::cli::spool::Spool;
use crate::cli::stream::Stream;
use strports_syntax::{Excerpt, Severity, Text};

/// The path argument `-`, which stands for standard input.
const STANDARD_INPUT: &str = "-";
/// How many findings that left the baseline are listed; the others are only counted.
const MAX_FIXED: usize = 20;

pub(in crate::cli) fn run(args: &Check, console: &mut Console) -> Result<Exit, Failure> {
    let view = view(args)?;
    if is_in_parts(args) {
        return in_parts(args, console);
    }
    let mut checked = check(args, console)?;
    let is_complete = report_problems(args, checked.problems(), checked.coverage(), console);
    let mut notes = Vec::new();
    let mut file = args.output_file.as_deref().map(create).transpose()?;
    let out = file.as_mut().unwrap_or(&mut console.output);
    let fails = match view {
        Some(format) if !args.statistics => {
            let list = if args.list { coverage::descriptions } else { coverage::files };
            list(&checked, format, out)?;
            false
        }
        _ => answer(args, &mut checked, is_complete, &mut notes, out)?,
    };
    out.flush()?;
    Ok(end(args, console, &notes, is_complete, fails))
}

/// Whether the output is only a list of findings in files. Each file can then be reported alone,
/// and only the text of its findings stays in memory.
fn is_in_parts(args: &Check) -> bool {
    let reads_files = args.descriptions.is_empty()
        && args.stdin_filename.is_none()
        && args.paths.iter().all(|path| path != Path::new(STANDARD_INPUT));
    let writes = args.fix || args.diff || args.add_ignores;
    let views = args.statistics || args.show_files || args.list;
    let has_baseline = args.baseline.is_some() || args.write_baseline.is_some();
    reads_files && !writes && !views && !has_baseline && findings::is_list(args.format)
}

/// Reports each file by itself: formats its findings once it is read, and prints in path order.
/// Files are read in parallel, so their texts wait in a [`Spool`] until all files are done.
fn in_parts(args: &Check, console: &mut Console) -> Result<Exit, Failure> {
    let mut file = args.output_file.as_deref().map(create).transpose()?;
    let out = file.as_mut().unwrap_or(&mut console.output);
    let (look, format) = (out.look(), args.format);
    let spool = Mutex::new(Spool::default());
    let write = |found: &[Finding]| {
        let mut text = Vec::new();
        findings::write_part(format, found, look, &mut text)?;
        let place = spool.lock().unwrap_or_else(PoisonError::into_inner).add(&text)?;
        Ok((place, findings::Tally::of(found)))
    };
    let (checker, met) = (args.checker()?, AtomicUsize::new(0));
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    let run = progress::show_while(&met, || checker.report_paths(paths, &met, write));
    let parts: Vec<_> = run.reports.into_iter().collect::<io::Result<_>>()?;
    let tally = parts.iter().fold(findings::Tally::default(), |all, (_, one)| all.plus(*one));
    let is_complete = report_problems(args, &run.problems, run.coverage, console);
    let out = file.as_mut().unwrap_or(&mut console.output);
    let spool = spool.into_inner().unwrap_or_else(PoisonError::into_inner);
    spool.write(parts.into_iter().map(|(place, _)| place), out)?;
    out.flush()?;
    let note = last_line(args, tally, run.coverage, 0, is_complete);
    let fails = tally.worst.is_some_and(|worst| worst >= Severity::from(args.fail_on));
    Ok(end(args, console, note.as_slice(), is_complete, fails))
}

/// Returns the summary that ends a report for people; `None` for other formats. Also `None` if the
/// run is incomplete and has no findings.
fn last_line(
    args: &Check,
    tally: findings::Tally,
    coverage: Coverage,
    fixed: usize,
    is_complete: bool,
) -> Option<String> {
    // An incomplete run without findings must not say "no findings": some may be missing.
    let is_said = is_complete || tally.findings > 0;
    (is_for_people(args.format) && is_said).then(|| findings::summary(tally, coverage, fixed))
}

/// Whether the format is read by people, in a terminal or in the log of a CI build.
const fn is_for_people(format: FindingsFormat) -> bool {
    matches!(format, FindingsFormat::Human | FindingsFormat::Short | FindingsFormat::Github)
}

/// Prints the notes below a report to standard error, and returns the exit code.
fn end(
    args: &Check,
    console: &mut Console,
    notes: &[String],
    is_complete: bool,
    fails: bool,
) -> Exit {
    if !args.quiet {
        for note in notes {
            console.report(note);
        }
    }
    match fails {
        _ if !is_complete => Exit::Unfinished,
        _ if args.exit_zero => Exit::Ok,
        fails => Exit::from_findings(fails),
    }
}

/// Returns the format of the list that `--statistics`, `--show-files` or `--list` requests. `None`
/// means that findings are printed. Fails with a usage error for any other `--format`.
fn view(args: &Check) -> Result<Option<Format>, Failure> {
    if !(args.statistics || args.show_files || args.list) {
        return Ok(None);
    }
    match args.format {
        FindingsFormat::Human => Ok(Some(Format::Human)),
        FindingsFormat::Json => Ok(Some(Format::Json)),
        _ => Err(usage("lists and statistics are written with `--format human` or `json` only")),
    }
}

/// Reports files that could not be checked. Returns whether all required files were checked. With
/// `--require-descriptions`, a run that finds no description also returns false.
fn report_problems(
    args: &Check,
    problems: &[Problem],
    coverage: Coverage,
    console: &mut Console,
) -> bool {
    let (failed, skipped): (Vec<_>, Vec<_>) = problems.iter().partition(|it| it.is_failure());
    let messages = failed.iter().chain(skipped.iter().filter(|_| !args.quiet));
    let messages: BTreeSet<_> = messages.map(|problem: &&Problem| problem.to_string()).collect();
    for message in messages {
        console.report(&format_args!("strports: {message}"));
    }
    let is_missing = args.require_descriptions && coverage.descriptions == 0;
    if is_missing {
        let nothing = findings::nothing_in(coverage.files);
        console.report(&format_args!("strports: {nothing}, but `--require-descriptions` is given"));
    }
    failed.is_empty() && !is_missing
}

/// Applies the fixes that were requested, then reports the remaining findings. Returns whether a
/// finding is severe enough (`--fail-on`) to make the command fail.
fn answer(
    args: &Check,
    checked: &mut Checked,
    is_complete: bool,
    notes: &mut Vec<String>,
    out: &mut Stream,
) -> Result<bool, Failure> {
    let least = Severity::from(args.fail_on);
    if args.diff {
        let fails = checked.findings().iter().any(|it| it.severity() >= least);
        for file in fix(args, checked)? {
            out.write_all(&file.diff())?;
        }
        return Ok(fails);
    }
    let mut fixed = 0;
    if args.fix || args.add_ignores {
        let (files, done) = if args.fix {
            (fix(args, checked)?, "fixed")
        } else {
            (checked.add_ignores().map_err(failed)?, "ignored")
        };
        for file in files {
            file.write().map_err(|error| about(file.path(), &error))?;
            notes.extend(file.changes().iter().map(|change| described(&file, change, done)));
            fixed += if args.fix { file.changes().len() } else { 0 };
        }
    }
    let mut found = checked.take_findings();
    if let Some(path) = &args.write_baseline {
        Baseline::from_findings(&found).write(path).map_err(|error| about(path, &error))?;
        let number = findings::counted(found.len(), "finding");
        notes.push(format!("{}: {number} written", path.display()));
        return Ok(false);
    }
    if let Some(path) = &args.baseline {
        let baseline = Baseline::read(path).map_err(|error| about(path, &error))?;
        let known = baseline.remove_known(&mut found);
        notes.push(format!(
            "{} hides {}",
            path.display(),
            findings::counted(known.hidden, "finding")
        ));
        let fixed = known.fixed.iter().filter(|it| is_within(args, Path::new(&it.path)));
        let fixed: Vec<_> = fixed.collect();
        let shown = fixed.iter().take(MAX_FIXED);
        notes.extend(shown.map(|it| format!("{}: fixed: {it}", path.display())));
        if fixed.len() > MAX_FIXED {
            notes.push(format!("{}: fixed: {} more", path.display(), fixed.len() - MAX_FIXED));
        }
    }
    let coverage = checked.coverage();
    if args.statistics {
        let format = view(args)?.unwrap_or(Format::Human);
        coverage::statistics(&found, coverage, format, out)?;
    } else {
        let run = findings::RunFacts { coverage, is_complete };
        findings::write(args.format, &found, run, out)?;
    }
    let tally = findings::Tally::of(&found);
    notes.extend(last_line(args, tally, coverage, fixed, is_complete));
    Ok(tally.worst.is_some_and(|worst| worst >= least))
}

/// Checks all files, and the descriptions of `-e` and standard input.
fn check(args: &Check, console: &mut Console) -> Result<Checked, Failure> {
    let (stdin, mut paths): (Vec<PathBuf>, Vec<PathBuf>) =
        args.paths.iter().cloned().partition(|path| path == Path::new(STANDARD_INPUT));
    let reads_input = !stdin.is_empty() || args.stdin_filename.is_some();
    let has_text = reads_input || !args.descriptions.is_empty();
    if has_text && (args.fix || args.diff || args.add_ignores) {
        return Err(usage("only files can be changed, neither `-e` nor standard input"));
    }
    if paths.is_empty() && !has_text {
        paths.push(PathBuf::from("."));
    }
    let checker = args.checker()?;
    let met = AtomicUsize::new(0);
    let mut all = progress::show_while(&met, || checker.check_paths_and_count(&paths, &met));
    if !args.descriptions.is_empty() {
        let descriptions = args.descriptions.iter().map(|it| without_line_end(bytes(it)));
        let descriptions = checker.check_descriptions(&descriptions.collect::<Vec<_>>());
        all.extend(descriptions.map_err(failed)?);
    }
    if reads_input {
        let mut text = Vec::new();
        console.input.read_to_end(&mut text).map_err(Failure::Input)?;
        let input = match &args.stdin_filename {
            Some(path) => checker.check_bytes(path, &text),
            None => checker.check_list(&text),
        };
        all.extend(input.map_err(failed)?);
    }
    Ok(all)
}

/// Whether a file that a baseline names was within the paths that this run checked. Only then does
/// its absence from the findings mean that it was fixed.
fn is_within(args: &Check, path: &Path) -> bool {
    let of_options = Path::new("-e");
    let nothing_named =
        args.paths.is_empty() && args.descriptions.is_empty() && args.stdin_filename.is_none();
    let is_named = |root: &PathBuf| {
        let root = root.strip_prefix(".").unwrap_or(root);
        path.starts_with(root) || std::path::absolute(path).is_ok_and(|it| it.starts_with(root))
    };
    nothing_named
        || !args.descriptions.is_empty() && path == of_options
        || args.stdin_filename.as_deref() == Some(path)
        || args.paths.iter().any(is_named)
}

fn fix(args: &Check, checked: &mut Checked) -> Result<Vec<FixedFile>, Failure> {
    let fixes = if args.unsafe_fixes { Fixes::All } else { Fixes::Safe };
    checked.fix(fixes).map_err(failed)
}

/// Formats one change of a fix as `path:line:column: verb: what was changed [rule]`.
fn described(file: &FixedFile, change: &Change, verb: &str) -> String {
    let Change { start, rule, before, after, .. } = change;
    let (before, after) = (excerpt(before), excerpt(after));
    let done = match (change.before.is_empty(), change.after.is_empty()) {
        (true, _) => format!("inserted {after}"),
        (false, true) => format!("removed {before}"),
        (false, false) => format!("wrote {after} in place of {before}"),
    };
    let path = file.path().display();
    format!("{path}:{}:{}: {verb}: {done} [{rule}]", start.line, start.column)
}

fn excerpt(text: &[u8]) -> String {
    Excerpt::new(Text::plain(text)).to_string()
}

/// Removes the line feed that a shell may append to a description on standard input.
fn without_line_end(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\n").unwrap_or(text)
}

/// Creates the file of `--output-file` and returns a stream that writes to it.
fn create(path: &Path) -> Result<Stream, Failure> {
    let failed = |error| Failure::Check(Failure::File(path.to_owned(), error).to_string());
    File::create(path).map(Stream::new).map_err(failed)
}

fn usage(message: &str) -> Failure {
    Failure::Usage(Args::command().error(ErrorKind::ArgumentConflict, message))
}

fn about(path: &Path, error: &io::Error) -> Failure {
    Failure::Check(format!("{}: {error}", path.display()))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Check(error.to_string())
}
