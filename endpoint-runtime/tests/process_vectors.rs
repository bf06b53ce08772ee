//! Checks that programs behave as with Twisted's `ProcessEndpoint`, by recorded vectors.
//!
//! `ci/interop/twisted_process.py` records `vectors/process.json` from Twisted, and explains it.

#![cfg(all(feature = "process", target_os = "linux"))]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::process::ExitStatusExt;
use std::pin::Pin;
use std::sync::Mutex;

use endpoint_runtime::plan::{ProcessSpawn, StandardErrorBehavior};
use endpoint_runtime::{ChildFd, ChildWriter, Client, ProcessHandle, wait_for_children};
use rustix::pipe::{PipeFlags, pipe_with};
use serde_json::{Map, Value, json};
use smol::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

#[test]
fn programs_run_as_in_twisted() {
    tracing::subscriber::set_global_default(Log).unwrap();
    let vectors = include_str!("vectors/process.json");
    let vectors: Vec<Map<String, Value>> = serde_json::from_str(vectors).unwrap();
    for vector in vectors {
        let mut answer = smol::block_on(run(&vector));
        wait_for_children();
        if !answer.contains_key("refused") {
            answer.insert("logged".into(), std::mem::take(&mut *LOGGED.lock().unwrap()).into());
        }
        for (name, value) in &answer {
            assert_eq!(Some(value), vector.get(name), "{}: {name}", vector["id"]);
        }
        let late = vector.contains_key("late");
        assert_eq!(answer.contains_key("late"), late, "{}", vector["id"]);
        assert_eq!(answer.contains_key("refused"), vector.contains_key("refused"));
    }
}

/// A program that runs, with its pipes and its output so far.
struct Running {
    process: ProcessHandle,
    input: WriteHalf<endpoint_runtime::Connection>,
    readers: BTreeMap<RawFd, Pin<Box<dyn AsyncRead>>>,
    writers: BTreeMap<RawFd, ChildWriter>,
    /// The text that was read from each descriptor of the program.
    received: BTreeMap<RawFd, String>,
    /// Whether a signal was refused because the program had ended.
    late: bool,
}

/// Runs the program of a vector with its steps, and returns what Twisted's answer records.
async fn run(vector: &Map<String, Value>) -> Map<String, Value> {
    let mut client = Client::from_plan(plan(vector).into());
    let child_fds = vector.get("childFDs").and_then(Value::as_object);
    let mut kept = BTreeMap::new();
    for (number, kind) in child_fds.into_iter().flatten() {
        let number = number.parse().unwrap();
        let child_fd = match kind.as_str().unwrap() {
            "r" => ChildFd::Read,
            "w" => ChildFd::Write,
            "null" => ChildFd::Null,
            _ => {
                let (ours, theirs) = pipe_with(PipeFlags::CLOEXEC).unwrap();
                kept.insert(number, ours);
                theirs.into()
            }
        };
        client = client.with_child_fd(number, child_fd);
    }
    let Ok(connection) = client.connect().await else {
        return Map::from_iter([("refused".to_owned(), true.into())]);
    };
    drop(client);
    let process = connection.process().unwrap().clone();
    let (output, input): (ReadHalf<_>, _) = split(connection);
    let readers = (0..10).filter_map(|number| Some((number, process.reader(number)?)));
    let mut readers: BTreeMap<_, Pin<Box<dyn AsyncRead>>> =
        readers.map(|(number, reader)| (number, Box::pin(reader) as _)).collect();
    readers.entry(1).or_insert(Box::pin(output));
    let writers = (0..10).filter_map(|number| Some((number, process.writer(number)?))).collect();
    let received = BTreeMap::new();
    let mut running = Running { process, input, readers, writers, received, late: false };
    for step in vector.get("steps").and_then(Value::as_array).into_iter().flatten() {
        running.take(step).await;
    }
    running.finish(kept).await
}

fn plan(vector: &Map<String, Value>) -> ProcessSpawn {
    let mut args: Vec<_> = vector["args"].as_array().unwrap().iter().collect();
    let mut plan = ProcessSpawn::new("/bin/sh");
    plan.arg0 = args.remove(0).as_str().map(Into::into);
    plan.args = args.into_iter().map(|text| text.as_str().unwrap().into()).collect();
    plan.use_pty = vector.contains_key("usePTY");
    if vector.get("errFlag").is_some_and(|flag| flag == "DROP") {
        plan.stderr = StandardErrorBehavior::Drop;
    }
    plan
}

impl Running {
    /// Does one step: writes, closes, waits for text, sends a signal, or waits for the end.
    async fn take(&mut self, step: &Value) {
        let number = step[1].as_i64().map(|number| i32::try_from(number).unwrap());
        let text = step[2].as_str();
        match (step[0].as_str().unwrap(), number, text) {
            ("write", Some(number), Some(text)) => match self.writers.get_mut(&number) {
                Some(writer) => writer.write_all(text.as_bytes()).await.unwrap(),
                None => self.input.write_all(text.as_bytes()).await.unwrap(),
            },
            ("close", Some(number), None) => self.process.close_descriptor(number),
            ("expect", Some(number), Some(text)) => {
                let reader = self.readers.get_mut(&number).unwrap();
                let received = self.received.entry(number).or_default();
                while !received.contains(text) {
                    let mut byte = [0; 1];
                    reader.read_exact(&mut byte).await.unwrap();
                    received.push(char::from(byte[0]));
                }
            }
            ("signal", Some(number), None) => {
                self.late |= self.process.signal(number).is_err();
            }
            (step, ..) => {
                assert_eq!(step, "end");
                self.process.exit_status().await.unwrap();
            }
        }
    }

    /// Reads the rest of all pipes, and returns it with the exit status.
    ///
    /// `kept` has the test's ends of the pipes that were passed as descriptors.
    async fn finish(mut self, kept: BTreeMap<RawFd, OwnedFd>) -> Map<String, Value> {
        for (number, reader) in &mut self.readers {
            let mut rest = String::new();
            reader.read_to_string(&mut rest).await.unwrap();
            *self.received.entry(*number).or_default() += &rest;
        }
        for (number, pipe) in kept {
            let text = std::io::read_to_string(std::fs::File::from(pipe)).unwrap();
            self.received.insert(number, text);
        }
        let status = self.process.exit_status().await.unwrap();
        let received = self.received.into_iter().filter(|(_, text)| !text.is_empty());
        let received: Map<_, _> =
            received.map(|(number, text)| (number.to_string(), text.into())).collect();
        let mut answer = Map::from_iter([
            ("received".to_owned(), received.into()),
            ("code".to_owned(), json!(status.code())),
            ("signal".to_owned(), json!(status.signal())),
        ]);
        if self.late {
            answer.insert("late".to_owned(), true.into());
        }
        answer
    }
}

/// What the current program wrote to standard error, collected from the log.
static LOGGED: Mutex<String> = Mutex::new(String::new());

/// The log of this process: appends the standard error of programs to [`LOGGED`].
struct Log;

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "endpoint_runtime::process"
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Message);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Message;

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn core::fmt::Debug) {
        if field.name() == "message" {
            writeln!(LOGGED.lock().unwrap(), "{value:?}").unwrap();
        }
    }
}
