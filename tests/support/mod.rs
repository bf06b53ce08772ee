//! Helpers for the tests of the command.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

pub(crate) mod closed_port;
pub(crate) mod console;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};

/// The command under test, with a clean environment.
pub(crate) fn strports() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_strports"));
    plain(&mut command);
    command
}

/// Removes colors and the width of the terminal.
fn plain(command: &mut Command) {
    command.env("NO_COLOR", "1").env("COLUMNS", "100").stdin(Stdio::null());
}

/// A temporary directory, removed on drop. Its name is short because of UNIX sockets.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("strports-{}-{count}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// Creates a directory with these files.
    pub(crate) fn holding(files: &[(&str, &str)]) -> Self {
        let scratch = Self::new();
        for (name, text) in files {
            scratch.put(name, text);
        }
        scratch
    }

    /// Writes a file, and creates its directory.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The output of `check ARGS` here.
    #[track_caller]
    pub(crate) fn check(&self, args: &[&str]) -> String {
        let output =
            strports().args(["check", "--quiet"]).args(args).current_dir(&self.0).output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The findings of `check ARGS` here, as `path:line:column: severity[code]`.
    #[track_caller]
    pub(crate) fn found(&self, args: &[&str]) -> Vec<String> {
        let found = self.check(&[&["--format", "short"], args].concat());
        found.lines().map(code).collect()
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn join(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The standard output, standard error and exit code of a command.
#[track_caller]
pub(crate) fn said(output: Output) -> (String, String, i32) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// `path:line:column: severity[code]` of a line of `check --format short`.
#[track_caller]
pub(crate) fn code(line: &str) -> String {
    let (line, code) = line.strip_suffix(']').unwrap().rsplit_once(" [").unwrap();
    let severity = ["error", "warning", "note"].into_iter();
    let places = severity.filter_map(|it| Some((line.split_once(&format!(": {it}: "))?.0, it)));
    let (place, severity) = places.min_by_key(|(place, _)| place.len()).unwrap();
    format!("{place}: {severity}[{code}]")
}

/// The client that a line of a listener recommends.
pub(crate) fn client_of(line: &str) -> Option<&str> {
    let (_, client) = line.strip_prefix("listening on ")?.split_once("; connect with ")?;
    Some(client.split("; ").next()?.trim_end())
}

/// A process that listens, and the client for it. It is killed on drop.
pub(crate) struct Listening {
    pub(crate) child: Child,
    pub(crate) place: String,
    errors: Option<BufReader<std::process::ChildStderr>>,
}

impl Listening {
    /// Starts `strports ARGS` and waits for the line with its address.
    #[track_caller]
    pub(crate) fn start(args: &[&str], input: Stdio) -> Self {
        Self::start_with(args, input, |_| {})
    }

    /// The same with a modified command.
    #[track_caller]
    pub(crate) fn start_with(args: &[&str], input: Stdio, change: impl Fn(&mut Command)) -> Self {
        let mut command = strports();
        change(&mut command);
        command.args(args).stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        let place = client_of(&line).map(ToOwned::to_owned);
        let place = place.unwrap_or_else(|| panic!("unexpected line on standard error: {line}"));
        Self { child, place, errors: Some(errors) }
    }

    /// A process that was started otherwise.
    pub(crate) fn of(child: Child) -> Self {
        Self { child, place: String::new(), errors: None }
    }

    /// The next line on standard error.
    pub(crate) fn error_line(&mut self) -> String {
        let mut line = String::new();
        self.errors.as_mut().unwrap().read_line(&mut line).unwrap();
        line
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end of the process, even if others have its standard streams.
    pub(crate) fn exit_code(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Waits for the end of the command. Returns the exit code, standard output, and the rest of
    /// standard error.
    pub(crate) fn end(mut self) -> (Option<i32>, String, String) {
        let (mut output, mut errors) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut output).unwrap();
        self.errors.take().unwrap().read_to_string(&mut errors).unwrap();
        (self.child.wait().unwrap().code(), output, errors)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
