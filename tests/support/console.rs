//! Runs the `console` blocks of a Markdown file and compares their output, byte by byte.
//!
//! ```text
//! $ command in the language of sh
//! > its next line
//! ? 1                  (the exit code, where it is not 0)
//! what it prints, standard error included
//! ```
//!
//! A command that ends in ` &` runs until the end of its block. The lines after it are expected on
//! its standard error. Each block has its own empty directory, which is printed as `DIRECTORY`.
//! With `TRANSCRIPTS=overwrite`, the file is updated with the output.
//!
//! Common tools for this replace backslashes in the output with slashes, as in paths. Here,
//! backslashes matter.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process_group};

use super::{Scratch, plain};

/// Runs all blocks of the file.
#[track_caller]
pub(crate) fn run(file: &Path) {
    let expected = std::fs::read_to_string(file).unwrap();
    let actual = replay(&expected);
    if std::env::var_os("TRANSCRIPTS").is_some_and(|value| value == "overwrite") {
        if actual != expected {
            std::fs::write(file, actual).unwrap();
        }
        return;
    }
    for (number, (expected, actual)) in expected.lines().zip(actual.lines()).enumerate() {
        assert_eq!(actual, expected, "line {} of {}", number + 1, file.display());
    }
    assert_eq!(actual, expected, "{}", file.display());
}

/// The text with the actual output of every block.
fn replay(text: &str) -> String {
    let mut result = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        result.extend([line, "\n"]);
        if line == "```console" {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            result.push_str(&Block::default().run(&block));
            result.push_str("```\n");
        }
    }
    result
}

/// A block that is running.
#[derive(Default)]
struct Block {
    ports: Vec<(String, String)>,
    running: Vec<Child>,
    printed: String,
    directory: String,
}

impl Block {
    fn run(mut self, lines: &[&str]) -> String {
        let scratch = Scratch::new();
        self.directory = scratch.path().display().to_string();
        let mut lines = lines.iter().peekable();
        while let Some(line) = lines.next() {
            let Some(first) = line.strip_prefix("$ ") else { continue };
            let _ = writeln!(self.printed, "{line}");
            let mut command = first.to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with("> ")) {
                let _ = writeln!(self.printed, "{more}");
                command = format!("{command}\n{}", &more[2..]);
            }
            let output = std::iter::from_fn(|| lines.next_if(|line| !line.starts_with("$ ")));
            let expected = output.count();
            let command = self.with_free_ports(&command);
            match command.strip_suffix(" &") {
                Some(command) => self.start(command, expected, scratch.path()),
                None => self.finish(&command, scratch.path()),
            }
        }
        std::mem::take(&mut self.printed)
    }

    /// Ports of examples may be in use on this machine, so each is replaced by a free one.
    fn with_free_ports(&mut self, command: &str) -> String {
        let mut command = command.to_owned();
        for example in ["7000", "7001"] {
            if !command.contains(example) {
                continue;
            }
            if !self.ports.iter().any(|(known, _)| known == example) {
                self.ports.push((example.to_owned(), free_port().to_string()));
            }
            for (example, free) in &self.ports {
                command = command.replace(example.as_str(), free);
            }
        }
        command
    }

    fn start(&mut self, command: &str, lines: usize, directory: &Path) {
        let mut child = shell(command, directory)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        for line in errors.lines().take(lines) {
            self.print(&line.unwrap());
            self.printed.push('\n');
        }
        self.running.push(child);
    }

    fn finish(&mut self, command: &str, directory: &Path) {
        // One pipe for both streams, so that their order is kept.
        let output = shell(&format!("{{ {command}\n}} 2>&1"), directory).output().unwrap();
        if output.status.code() != Some(0) {
            let _ = writeln!(self.printed, "? {}", output.status.code().unwrap());
        }
        self.print(&String::from_utf8(output.stdout).unwrap());
        if !self.printed.ends_with('\n') {
            self.printed.push('\n');
        }
    }

    fn print(&mut self, text: &str) {
        let mut text = text.to_owned();
        for (example, free) in &self.ports {
            text = text.replace(free.as_str(), example);
        }
        let text = text.replace(&self.directory, "DIRECTORY");
        self.printed.push_str(&text);
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
            let _ = child.wait();
        }
    }
}

/// A free port below the ephemeral ports, so that no connection takes it before its listener.
fn free_port() -> u16 {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Test programs that run at the same time start with different ports.
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + (std::process::id() % 625 * 16 + count) % 10_000;
        let port = u16::try_from(port).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

pub(crate) fn shell(command: &str, directory: &Path) -> Command {
    let bin = Path::new(env!("CARGO_BIN_EXE_strports")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    plain(&mut shell);
    shell.args(["-c", command]).env("PATH", path).current_dir(directory);
    shell
}
