//! Resolves a plan on this machine: the file to execute, its arguments and its environment.
//!
//! Everything is checked before the program is started, so that an error can name the missing file.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, FileType, accessat, stat};
use rustix::io::Errno;

use crate::error::{DescriptionProblem, EnvironmentProblem, Problem, ProcessProblem};
use crate::plan::{EnvRule, ProcessSpawn};
use crate::proto::handover::VARIABLE;
use crate::sys::child::Image;

/// The value of `PATH` for a program without that variable: the default of POSIX systems and
/// Python.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Finds the program of a plan, and checks its arguments, environment and directory.
pub(super) fn prepare(plan: &ProcessSpawn) -> Result<Image, Problem> {
    if plan.executable.as_os_str().is_empty() {
        return Err(DescriptionProblem::EmptyExecutable.into());
    }
    let name = match &plan.arg0 {
        Some(arg0) => c_string("arg0", arg0.clone())?,
        None => c_string("executable", plan.executable.as_os_str().to_owned())?,
    };
    let args = plan.args.iter().map(|text| c_string("args", text.clone()));
    let args = [Ok(name)].into_iter().chain(args).collect::<Result<_, _>>()?;
    let variables = environment(plan, std::env::vars_os());
    let directory = enter(plan.cwd.as_deref())?;
    let program = locate(plan, directory, variables.get(OsStr::new("PATH")))?;
    let variables = variables.into_iter().map(|(mut variable, value)| {
        variable.push("=");
        variable.push(value);
        c_string("env", variable)
    });
    let env = variables.collect::<Result<_, _>>()?;
    Ok(Image::new(c_string("executable", program.into())?, args, env))
}

fn c_string(argument: &'static str, text: OsString) -> Result<CString, DescriptionProblem> {
    CString::new(text.into_vec()).map_err(|_| DescriptionProblem::NulForProgram { argument })
}

/// Variables that the service manager and the predecessor of a handover set for this process only.
///
/// A program that inherited them would act on them. Its notifications would count as those of this
/// process.
const OURS_ALONE: [&str; 14] = [
    "LISTEN_PID",
    "LISTEN_PIDFDID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
    VARIABLE,
    // They describe the connection that this process itself was started for.
    "STRPORTS_PEER_ADDRESS",
    "STRPORTS_PEER_PORT",
    "STRPORTS_LOCAL_ADDRESS",
    "STRPORTS_LOCAL_PORT",
    "STRPORTS_TLS_NAME",
    "STRPORTS_TLS_SNI",
];

/// Computes the environment of the program, by name: this process's environment or an empty one,
/// with the changes of the plan.
fn environment(
    plan: &ProcessSpawn,
    ours: impl Iterator<Item = (OsString, OsString)>,
) -> BTreeMap<OsString, OsString> {
    let mut ours: BTreeMap<_, _> = ours.collect();
    ours.retain(|name, _| OURS_ALONE.iter().all(|it| name != it));
    let mut result = if plan.clear_env { BTreeMap::new() } else { ours.clone() };
    for rule in &plan.env {
        let value = match rule {
            EnvRule::Set(_, value) => Some(value),
            EnvRule::Copy(name) => ours.get(name),
        };
        match value {
            Some(value) => result.insert(rule.name().clone(), value.clone()),
            None => result.remove(rule.name()),
        };
    }
    result
}

/// Checks the working directory of the child, and returns the base of its relative paths.
///
/// Without `cwd` the base is empty: the child stays in the directory of this process.
fn enter(cwd: Option<&Path>) -> Result<&Path, Problem> {
    let Some(cwd) = cwd else { return Ok(Path::new("")) };
    let refused = |error: Errno| {
        let cwd = cwd.to_owned();
        EnvironmentProblem::from(ProcessProblem::Directory { cwd, error: error.into() })
    };
    let found = stat(cwd).map_err(refused)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::Directory {
        return Err(refused(Errno::NOTDIR).into());
    }
    accessat(CWD, cwd, Access::EXEC_OK, AtFlags::EACCESS).map_err(refused)?;
    Ok(cwd)
}

/// Finds the file to execute, like `execvp`. The path is relative to the child's directory.
fn locate(
    plan: &ProcessSpawn,
    directory: &Path,
    path: Option<&OsString>,
) -> Result<PathBuf, Problem> {
    let refused = |executable: &Path, error: Errno| {
        let (executable, error) = (executable.to_owned(), error.into());
        Problem::from(EnvironmentProblem::from(ProcessProblem::Execute { executable, error }))
    };
    let name = plan.executable.as_path();
    if name.as_os_str().as_bytes().contains(&b'/') {
        check(&directory.join(name)).map_err(|error| refused(name, error))?;
        return Ok(name.to_owned());
    }
    let path = path.map_or(OsStr::new(DEFAULT_PATH), OsString::as_os_str);
    // The first candidate that exists but cannot be executed; it explains the failure best.
    let mut passed_over = None;
    for entry in path.as_bytes().split(|byte| *byte == b':') {
        // An empty entry means the current directory. With `./` the path has a slash, so it is not
        // searched for.
        let entry = if entry.is_empty() { b"." } else { entry };
        let candidate = Path::new(OsStr::from_bytes(entry)).join(name);
        match check(&directory.join(&candidate)) {
            Ok(()) => return Ok(candidate),
            Err(Errno::NOENT | Errno::NOTDIR) => {}
            Err(error) => {
                passed_over.get_or_insert((candidate, error));
            }
        }
    }
    if let Some((candidate, error)) = passed_over {
        return Err(refused(&candidate, error));
    }
    let (executable, path) = (name.to_owned(), path.to_owned());
    Err(EnvironmentProblem::from(ProcessProblem::NotFound { executable, path }).into())
}

/// Returns an error unless the file exists and may be executed. Its contents are not checked.
fn check(file: &Path) -> Result<(), Errno> {
    match FileType::from_raw_mode(stat(file)?.st_mode) {
        FileType::Directory => Err(Errno::ISDIR),
        _ => accessat(CWD, file, Access::EXEC_OK, AtFlags::EACCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The environment of a program as `NAME=value`, if this process has `A=1` and `B=2`.
    fn with(clear: bool, rules: &[EnvRule]) -> Vec<String> {
        let mut plan = ProcessSpawn::new("a");
        plan.clear_env = clear;
        plan.env = rules.to_vec();
        let ours = [("A", "1"), ("B", "2")].map(|(name, value)| (name.into(), value.into()));
        let merged = environment(&plan, ours.into_iter()).into_iter();
        merged
            .map(|(name, value)| format!("{}={}", name.to_string_lossy(), value.to_string_lossy()))
            .collect()
    }

    fn set(name: &str, value: &str) -> EnvRule {
        EnvRule::Set(name.into(), value.into())
    }

    fn copy(name: &str) -> EnvRule {
        EnvRule::Copy(name.into())
    }

    #[test]
    fn variables_are_added_to_ours() {
        assert_eq!(with(false, &[]), ["A=1", "B=2"]);
        assert_eq!(with(false, &[set("A", "x=y"), set("C", "")]), ["A=x=y", "B=2", "C="]);
        assert_eq!(with(false, &[set("C", "1"), set("C", "2")]), ["A=1", "B=2", "C=2"]);
    }

    #[test]
    fn variables_for_this_process_are_not_inherited() {
        let ours = OURS_ALONE.into_iter().chain(["A"]).map(|name| (name.into(), "1".into()));
        let plan = ProcessSpawn::new("true");
        let kept: Vec<_> = environment(&plan, ours).into_keys().collect();
        assert_eq!(kept, ["A"]);
    }

    #[test]
    fn an_empty_environment_gets_the_named_variables() {
        assert!(with(true, &[]).is_empty());
        assert_eq!(with(true, &[copy("B"), set("C", "3"), copy("D")]), ["B=2", "C=3"]);
    }

    #[test]
    fn a_copied_variable_has_our_value() {
        assert_eq!(with(false, &[set("A", "x"), copy("A")]), ["A=1", "B=2"]);
        assert_eq!(with(false, &[set("D", "x"), copy("D")]), ["A=1", "B=2"]);
    }

    #[test]
    fn a_nul_byte_is_refused_in_every_argument() {
        let refused = |plan: &ProcessSpawn| prepare(plan).err().map(|problem| problem.to_string());
        let said = |argument: &str| {
            Some(format!(
                "`{argument}` contains a NUL byte, which no argument of a program can contain"
            ))
        };
        assert_eq!(refused(&ProcessSpawn::new("a\0b")), said("executable"));
        let mut plan = ProcessSpawn::new("true");
        plan.args.push("a\0b".into());
        assert_eq!(refused(&plan), said("args"));
        plan.args.clear();
        plan.arg0 = Some("\0".into());
        assert_eq!(refused(&plan), said("arg0"));
        plan.arg0 = None;
        plan.env.push(set("A", "\0"));
        assert_eq!(refused(&plan), said("env"));
    }
}
