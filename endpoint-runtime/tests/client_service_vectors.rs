//! Checks that `ClientService` behaves as Twisted's does, by recorded vectors.
//!
//! `ci/interop/twisted_client_service.py` records `vectors/client_service.json` from Twisted, and
//! explains the vectors.

#![cfg(feature = "net")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{self, ErrorKind};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use endpoint_runtime::{Boxed, ClientService, Connect, Connection, NotConnected, Registry};
use serde_json::{Value, json};
use smol::LocalExecutor;
use smol::channel::{Receiver, Sender, unbounded};
use strports_syntax::{Role, Signature};

static SCRIPTED: Signature =
    Signature::plugin(Role::Client, "scripted", "an endpoint that the test drives", &[]);

/// A pause that no test outlasts, for a policy that would wait forever.
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn services_behave_like_twisted() {
    let vectors: Vec<Value> =
        serde_json::from_str(include_str!("vectors/client_service.json")).unwrap();
    assert!(!vectors.is_empty());
    for vector in vectors {
        assert_eq!(run(&vector), vector["caused"], "{}", vector["id"]);
    }
}

/// What happened in a service, in the words of the vectors, since the last [`take`](Self::take).
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl Events {
    fn add(&self, event: String) {
        self.0.lock().unwrap().push(event);
    }

    /// Removes the events, sorted: their order within one step is not compared.
    fn take(&self) -> Vec<String> {
        let mut events = std::mem::take(&mut *self.0.lock().unwrap());
        events.sort();
        events
    }
}

/// Adds its event when it is dropped, unless the event was set to `None` before.
///
/// The number is that of the connection; 0 is left out.
struct Unless(Events, Option<&'static str>, u32);

impl Drop for Unless {
    fn drop(&mut self) {
        match self.1 {
            Some(event) if self.2 == 0 => self.0.add(event.to_owned()),
            Some(event) => self.0.add(format!("{event} {}", self.2)),
            None => {}
        }
    }
}

/// An endpoint whose attempts to connect end as the vector says.
struct Scripted {
    events: Events,
    /// The result of each attempt.
    outcomes: Receiver<io::Result<Connection>>,
}

impl Connect for Scripted {
    fn connect(&self) -> Boxed<'_, io::Result<Connection>> {
        self.events.add("attempt".to_owned());
        Box::pin(async {
            let mut cancelled = Unless(self.events.clone(), Some("cancelled"), 0);
            let outcome = self.outcomes.recv().await.unwrap();
            cancelled.1 = None;
            outcome
        })
    }
}

/// One vector in progress: a service, its scripted endpoint, and the tasks that wait for it.
struct Run {
    executor: LocalExecutor<'static>,
    events: Events,
    service: ClientService<u32>,
    outcomes: Sender<io::Result<Connection>>,
    /// The number of connections so far.
    connections: Arc<AtomicU32>,
    /// Whether preparing the latest connection succeeds.
    prepared: Arc<Mutex<bool>>,
    /// A message on this channel ends the connection.
    lost: (Sender<()>, Receiver<()>),
}

/// Plays the steps of a vector, and returns the events that each one causes.
fn run(vector: &Value) -> Value {
    let run = Run::new(&vector["pauses"]);
    let steps = vector["steps"].as_array().unwrap();
    let caused = steps.iter().map(|step| {
        run.take(step);
        while run.executor.try_tick() {}
        json!(run.events.take())
    });
    caused.collect()
}

impl Run {
    fn new(pauses: &Value) -> Self {
        let events = Events::default();
        let (outcomes, next) = unbounded();
        let endpoint = Arc::new(Scripted { events: events.clone(), outcomes: next });
        let registry = Registry::new()
            .with_client(&SCRIPTED, move |_| Ok(Arc::clone(&endpoint) as Arc<dyn Connect>))
            .unwrap();
        let client = registry.client_from_string("scripted").unwrap();
        let (told, pauses, asked) = (events.clone(), pauses.clone(), AtomicUsize::new(0));
        let service = client.service_with(move |failures| {
            told.add(format!("policy {failures}"));
            let pause = &pauses[asked.fetch_add(1, Ordering::Relaxed)];
            pause.as_u64().map_or(HOUR, Duration::from_secs)
        });
        let (connections, prepared) = Default::default();
        let (executor, lost) = (LocalExecutor::new(), unbounded());
        Self { executor, events, service, outcomes, connections, prepared, lost }
    }

    /// Starts one step. The executor then runs until all tasks wait.
    fn take(&self, step: &Value) {
        match step[0].as_str().unwrap() {
            "start" => self.start(),
            "stop" => {
                let (service, events) = (self.service.clone(), self.events.clone());
                let stopped = async move {
                    service.stop().await;
                    events.add("stopped".to_owned());
                };
                self.executor.spawn(stopped).detach();
            }
            "wait" => self.wait(step[1].as_str().unwrap().to_owned(), &step[2]),
            "fail" => self.outcomes.try_send(Err(ErrorKind::ConnectionRefused.into())).unwrap(),
            "lose" => self.lost.0.try_send(()).unwrap(),
            connect => {
                *self.prepared.lock().unwrap() = connect == "connect";
                let (ours, _theirs) = UnixStream::pair().unwrap();
                self.outcomes.try_send(Ok(Connection::from_stream(ours).unwrap())).unwrap();
            }
        }
    }

    fn start(&self) {
        let (service, events) = (self.service.clone(), self.events.clone());
        let (connections, prepared) = (Arc::clone(&self.connections), Arc::clone(&self.prepared));
        let lost = self.lost.1.clone();
        let running = async move {
            let prepare = async |connection: Connection| {
                let number = connections.fetch_add(1, Ordering::Relaxed) + 1;
                if !*prepared.lock().unwrap() {
                    return Err(ErrorKind::ConnectionReset.into());
                }
                let (events, lost) = (events.clone(), lost.clone());
                let life = async move {
                    let mut closed = Unless(events, Some("closed"), number);
                    lost.recv().await.unwrap();
                    closed.1 = None;
                    drop(connection);
                };
                Ok((number, life))
            };
            service.run(prepare).await.unwrap();
        };
        self.executor.spawn(running).detach();
    }

    fn wait(&self, name: String, failures: &Value) {
        let (service, events) = (self.service.clone(), self.events.clone());
        let failures = failures.as_u64().map(|it| u32::try_from(it).unwrap());
        let waiting = async move {
            let answer = match service.when_connected(failures).await {
                Ok(number) => number.to_string(),
                Err(NotConnected::Stopped) => "stopped".to_owned(),
                Err(_) => "failed".to_owned(),
            };
            events.add(format!("{name} {answer}"));
        };
        self.executor.spawn(waiting).detach();
    }
}
