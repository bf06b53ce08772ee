//! `check`: descriptions in files, what is wrong with them, and how to mend it.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;

use clap::CommandFactory;
use clap::error::ErrorKind;

use crate::check::baseline::Baseline;
use crate::check::config::Configurations;
use crate::check::finding::{OPTIONS, STANDARD_INPUT};
use crate::check::source::Format;
use crate::check::tree::Tree;
use crate::check::walk::{Found, Problem, Walk};
use crate::check::{Options, Target};
use crate::cli::args::{Args, Check, FindingsFormat, bytes};
use crate::cli::exit::{Exit, Failure};
use crate::cli::report::findings;
use crate::cli::{Cli, progress};

pub(in crate::cli) fn run(args: &Check, cli: &mut Cli) -> Result<Exit, Failure> {
    let options = args.options()?;
    let Found { files, problems } = look(args, &options, cli)?;
    let unfinished = problems.iter().any(Problem::is_failure);
    let problems: BTreeSet<String> = problems.iter().map(ToString::to_string).collect();
    for problem in problems {
        cli.say(&format_args!("strports: {problem}"));
    }
    let exit = |any: bool| if unfinished { Exit::Unfinished } else { Exit::of_findings(any) };
    let mut tree = Tree::new(files);
    if args.diff {
        let any = tree.findings(&options).iter().any(|findings| !findings.is_empty());
        for file in tree.fix(args.unsafe_fixes, &options).map_err(|error| failed(&error))? {
            cli.output.write_all(&file.diff())?;
        }
        return Ok(exit(any));
    }
    let mut fixed = 0;
    if args.fix {
        for file in tree.fix(args.unsafe_fixes, &options).map_err(|error| failed(&error))? {
            file.write().map_err(|error| about(&file.path, &error))?;
            fixed += file.fixes;
        }
    }
    let mut found = tree.findings(&options).concat();
    if let Some(path) = &args.write_baseline {
        Baseline::of(&found).write(path).map_err(|error| about(path, &error))?;
        return Ok(exit(false));
    }
    if let Some(path) = &args.baseline {
        let baseline = Baseline::read(path).map_err(|error| about(path, &error))?;
        baseline.take_away(&mut found);
    }
    // Nobody is to be told that all is well when it is not known.
    if !(unfinished && found.is_empty() && matches!(args.format, FindingsFormat::Human)) {
        findings::write(args.format, &found, fixed, &mut cli.output)?;
    }
    Ok(exit(!found.is_empty()))
}

/// Looks at everything that the command line names.
fn look(args: &Check, options: &Options, cli: &mut Cli) -> Result<Found, Failure> {
    let (stdin, mut paths): (Vec<PathBuf>, Vec<PathBuf>) =
        args.paths.iter().cloned().partition(|path| path == Path::new(STANDARD_INPUT));
    let given = !stdin.is_empty() || !args.descriptions.is_empty();
    if given && (args.fix || args.diff) {
        let message = "only files can be fixed, neither `-e` nor standard input";
        return Err(Failure::Usage(Args::command().error(ErrorKind::ArgumentConflict, message)));
    }
    if paths.is_empty() && !given {
        paths.push(PathBuf::from("."));
    }
    let configurations = Configurations::default();
    let met = AtomicUsize::new(0);
    let walk = Walk { options, configurations: &configurations, met: &met };
    let mut found = progress::shown(&met, || walk.run(&paths));
    if given {
        let here = std::env::current_dir().map_err(|error| failed(&error))?;
        let settings =
            configurations.of(&here).map_err(|error| Failure::Check(error.to_string()))?;
        if !args.descriptions.is_empty() {
            let lines = args.descriptions.iter().map(|it| without_end(bytes(it)));
            let text = lines.collect::<Vec<_>>().join(&b'\n');
            let target = Target::no_file(OPTIONS, Format::options(), &settings);
            found.files.push(target.look(&text, options));
        }
        if !stdin.is_empty() {
            let mut text = Vec::new();
            cli.input.read_to_end(&mut text).map_err(Failure::Input)?;
            let target = Target::no_file(STANDARD_INPUT, Format::list(), &settings);
            found.files.push(target.look(&text, options));
        }
    }
    Ok(found)
}

/// Shells and files leave a line end behind that nobody meant.
fn without_end(text: &[u8]) -> &[u8] {
    text.strip_suffix(b"\n").unwrap_or(text)
}

fn about(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Check(format!("{}: {error}", path.display()))
}

fn failed(error: &std::io::Error) -> Failure {
    Failure::Check(error.to_string())
}
