//! Logs the standard error of a program, line by line, as events of `tracing`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use smol::future::{FutureExt, pending};
use smol::io::AsyncReadExt;

use super::lines::{Escaped, Lines};
use super::pipe::ChildReader;
use crate::quoted::Quoted;

/// The maximum number of bytes that are read at once.
const BUFFER: usize = 4096;

/// How many buffers are read after the program has exited: the capacity of a pipe (65,536 bytes).
const LAST_BUFFERS: usize = 16;

/// Logs what one program writes to its standard error.
pub(super) struct Log {
    stderr: ChildReader,
    lines: Lines,
    source: Source,
}

/// The program that writes the lines, as fields of each event.
struct Source {
    executable: PathBuf,
    pid: u32,
}

impl Log {
    pub(super) fn new(stderr: ChildReader, executable: PathBuf, pid: u32) -> Self {
        Self { stderr, lines: Lines::default(), source: Source { executable, pid } }
    }

    /// Logs the output until `done` resolves, and then the bytes that are left in the pipe.
    ///
    /// The end of file is not awaited: a process that has left the group of the program may keep
    /// the pipe open forever.
    pub(super) async fn follow(mut self, done: impl Future<Output = ()>) {
        let said = async {
            let mut buffer = [0; BUFFER];
            while let Ok(read @ 1..) = self.stderr.read(&mut buffer).await {
                self.lines.push(&buffer[..read], |line| self.source.say(line));
            }
            pending::<()>().await;
        };
        done.or(said).await;
        let mut buffer = [0; BUFFER];
        for _ in 0..LAST_BUFFERS {
            let Ok(read @ 1..) = self.stderr.read_now(&mut buffer) else { break };
            self.lines.push(&buffer[..read], |line| self.source.say(line));
        }
        self.lines.finish(|line| self.source.say(line));
    }
}

impl Source {
    /// Logs one line. A panic of a `tracing` subscriber is caught, because the thread serves other
    /// programs too.
    fn say(&self, line: Escaped<'_>) {
        let _ = catch_unwind(AssertUnwindSafe(|| {
            tracing::info!(
                target: "endpoint_runtime::process",
                pid = self.pid,
                executable = %Quoted::new(&self.executable),
                "{line}"
            );
        }));
    }
}
