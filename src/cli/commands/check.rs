//! `check`: finds what is wrong with descriptions in files, and fixes it.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::check::{Baseline, Checked, Checker, FixedFile, Fixes, Problem};
use crate::cli::args::{Args, Check, FindingsFormat, bytes};
use crate::cli::console::Console;
use crate::cli::exit::{Exit, Failure};
use crate::cli::progress;
use crate::cli::report::findings;

/// The path that stands for standard input.
const STANDARD_INPUT: &str = "-";

pub(in crate::cli) fn run(args: &Check, console: &mut Console) -> Result<Exit, Failure> {
    let mut checked = check(args, console)?;
    let is_unfinished = checked.problems().iter().any(Problem::is_failure);
    let problems: BTreeSet<_> = checked.problems().iter().map(ToString::to_string).collect();
    for problem in problems {
        console.report(&format_args!("strports: {problem}"));
    }
    let exit = |any: bool| if is_unfinished { Exit::Unfinished } else { Exit::from_findings(any) };
    if args.diff {
        let any = !checked.findings().is_empty();
        for file in fix(args, &mut checked)? {
            console.output.write_all(&file.diff())?;
        }
        return Ok(exit(any));
    }
    let mut fixed = 0;
    if args.fix {
        for file in fix(args, &mut checked)? {
            file.write().map_err(|error| about(file.path(), &error))?;
            fixed += file.count();
        }
    }
    let mut found = checked.findings();
    if let Some(path) = &args.write_baseline {
        Baseline::from_findings(&found).write(path).map_err(|error| about(path, &error))?;
        return Ok(exit(false));
    }
    if let Some(path) = &args.baseline {
        let baseline = Baseline::read(path).map_err(|error| about(path, &error))?;
        baseline.remove_known(&mut found);
    }
    // An unfinished run that found nothing must not say "no findings".
    if !(is_unfinished && found.is_empty() && matches!(args.format, FindingsFormat::Human)) {
        findings::write(args.format, &found, fixed, &mut console.output)?;
    }
    Ok(exit(!found.is_empty()))
}

/// Checks everything that the command line names.
fn check(args: &Check, console: &mut Console) -> Result<Checked, Failure> {
    let (stdin, mut paths): (Vec<PathBuf>, Vec<PathBuf>) =
        args.paths.iter().cloned().partition(|path| path == Path::new(STANDARD_INPUT));
    let has_text = !stdin.is_empty() || !args.descriptions.is_empty();
    if has_text && (args.fix || args.diff) {
        let message = "only files can be fixed, neither `-e` nor standard input";
        return Err(Failure::Usage(Args::command().error(ErrorKind::ArgumentConflict, message)));
    }
    if paths.is_empty() && !has_text {
        paths.push(PathBuf::from("."));
    }
    let checker = Checker::new(args.options()?);
    let met = AtomicUsize::new(0);
    let mut all = progress::show_while(&met, || checker.check_paths_and_count(&paths, &met));
    if !args.descriptions.is_empty() {
        let descriptions = args.descriptions.iter().map(|it| without_line_end(bytes(it)));
        let descriptions = checker.check_descriptions(&descriptions.collect::<Vec<_>>());
        all.extend(descriptions.map_err(failed)?);
    }
    if !stdin.is_empty() {
        let mut text = Vec::new();
        console.input.read_to_end(&mut text).map_err(Failure::Input)?;
        all.extend(checker.check_list(&text).map_err(failed)?);
    }
    Ok(all)
}

fn fix(args: &Check, checked: &mut Checked) -> Result<Vec<FixedFile>, Failure> {
    let fixes = if args.unsafe_fixes { Fixes::All } else { Fixes::Safe };
    checked.fix(fixes).map_err(failed)
}

/// Removes the line end that a shell may leave behind a description.
fn without_line_end(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\n").unwrap_or(text)
}

fn about(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Check(format!("{}: {error}", path.display()))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Check(error.to_string())
}
