//! A relay service that runs in a test, and its events.

#![allow(dead_code, reason = "each test program uses its part")]

#[path = "closed_port.rs"]
pub(crate) mod closed_port;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use smol::channel::{Receiver, unbounded};
use strports::relay::{Event, Finished, RelayHandle, RelayService, RelaySettings};
use strports::runtime::{Client, Error, Server, client_from_string, server_from_string};

/// The events of a service, one per line, without addresses and durations.
pub(crate) struct Running {
    pub(crate) handle: RelayHandle,
    pub(crate) address: SocketAddr,
    said: Receiver<String>,
    thread: JoinHandle<Result<Finished, Error>>,
}

impl Running {
    /// Starts a service on the loopback interface.
    #[track_caller]
    pub(crate) fn start(targets: &[String], settings: RelaySettings) -> Self {
        Self::start_on("tcp:0:interface=127.0.0.1:backlog=1024", targets, settings)
    }

    #[track_caller]
    pub(crate) fn start_on(server: &str, targets: &[String], settings: RelaySettings) -> Self {
        let targets = targets.iter().map(|it| client_from_string(it).unwrap()).collect();
        Self::start_between(server, targets, settings)
    }

    #[track_caller]
    pub(crate) fn start_with(targets: Vec<Client>, settings: RelaySettings) -> Self {
        Self::start_between("tcp:0:interface=127.0.0.1", targets, settings)
    }

    #[track_caller]
    fn start_between(server: &str, targets: Vec<Client>, settings: RelaySettings) -> Self {
        Self::start_server(&server_from_string(server).unwrap(), targets, settings)
    }

    #[track_caller]
    pub(crate) fn start_server(
        server: &Server,
        targets: Vec<Client>,
        settings: RelaySettings,
    ) -> Self {
        let listener = smol::block_on(server.listen()).unwrap();
        let address = listener.local_address().as_tcp().unwrap_or(([0, 0, 0, 0], 0).into());
        let (says, said) = unbounded();
        let service =
            RelayService::new(listener, targets, settings).observed_by(move |event: &Event<'_>| {
                // There may be no receiver at the end of a test.
                let _ = says.try_send(line(event));
            });
        let handle = service.handle();
        let thread = std::thread::spawn(|| smol::block_on(service.run()));
        Self { handle, address, said, thread }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    /// The next line.
    #[track_caller]
    pub(crate) fn next(&self) -> String {
        smol::block_on(self.said.recv()).expect("the service says more")
    }

    /// Waits for a line with this prefix, and skips others.
    #[track_caller]
    pub(crate) fn says(&self, beginning: &str) -> String {
        loop {
            let line = self.next();
            if line.starts_with(beginning) {
                return line;
            }
        }
    }

    /// Drops further events, so that they need no memory.
    pub(crate) fn stop_listening(&self) {
        self.said.close();
    }

    /// Waits until the service ends by itself.
    #[track_caller]
    pub(crate) fn end(self) -> Result<Finished, Error> {
        self.thread.join().unwrap()
    }

    /// Stops the service, and waits for its end.
    #[track_caller]
    pub(crate) fn stop(self) -> Finished {
        self.handle.stop();
        self.end().unwrap()
    }
}

/// The line for an event.
fn line(event: &Event<'_>) -> String {
    match event {
        Event::Accepted { id, .. } => format!("{id} accepted"),
        Event::Refused { id, why, .. } => format!("{id} refused: {}", why.as_str()),
        Event::Full { limit } => format!("full at {limit}"),
        Event::TargetFailed { id, target, .. } => format!("{id} failed at {}", target.index()),
        Event::Retrying { id, .. } => format!("{id} retries"),
        Event::Connected { id, target, .. } => format!("{id} connected to {}", target.index()),
        Event::Ended { id, transferred, end, .. } => {
            let (there, back) = (transferred.a_to_b, transferred.b_to_a);
            format!("{id} {}: {there} there, {back} back", end.as_str())
        }
        Event::TargetDown { target, .. } => format!("target {} down", target.index()),
        Event::TargetUp { target } => format!("target {} up", target.index()),
        Event::Draining { open, why, .. } => format!("draining {open}: {why:?}"),
        other => format!("{other:?}"),
    }
}

/// A server that handles each connection with `serve`, in its own thread.
pub(crate) fn target(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let serve = serve.clone();
            std::thread::spawn(move || serve(stream.unwrap()));
        }
    });
    format!("tcp:{address}")
}

/// A target that returns its connections to the test.
pub(crate) fn handed() -> (String, std::sync::mpsc::Receiver<TcpStream>) {
    let (sender, streams) = std::sync::mpsc::channel();
    let place = target(move |stream| drop(sender.send(stream)));
    (place, streams)
}

/// A server that reads to the end of file, and then echoes all data.
pub(crate) fn echo() -> String {
    target(|mut stream| {
        let mut text = Vec::new();
        if stream.read_to_end(&mut text).is_ok() {
            let _ = stream.write_all(&text);
        }
    })
}

/// A server that sends its name.
pub(crate) fn named(name: &'static str) -> String {
    target(move |mut stream| {
        let _ = stream.write_all(name.as_bytes());
    })
}

/// All data until the end.
#[track_caller]
pub(crate) fn rest(mut stream: &TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// Sends a request, ends the sending side, and returns the answer.
#[track_caller]
pub(crate) fn ask(mut stream: &TcpStream, question: &str) -> String {
    stream.write_all(question.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    rest(stream)
}
