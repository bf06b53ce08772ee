//! A relay service as a process: signals come in, the service manager hears how it goes, and a successor can take over.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_signal::{Signal, Signals};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use smol::Timer;
use smol::future::FutureExt;
use smol::stream::StreamExt;

use super::exit::Failure;
use super::hangup::Hangup;
use super::log::{Entry, Level, Log};
use super::notify::Manager;
use super::{Cli, haste, run};
use crate::relay::{Event, Finished, RelayHandle, RelayService, Stop};
use crate::runtime::plan::ClientTransport;
use crate::runtime::{Client, Error, Listener, Predecessor, Server, Share, Succession, block_on};

/// The place of the process among others: who came before it, and how one comes after it.
pub(super) struct Post {
    predecessor: Option<Predecessor>,
    signals: Signals,
    hangup: Hangup,
    again: Again,
}

/// How this process is started again.
struct Again {
    /// Looked up at the start: should the file be replaced later, the new one is meant.
    program: PathBuf,
    args: Vec<OsString>,
    /// Of listeners that the service does not know.
    shares: Vec<Share>,
}

impl Post {
    /// Signals are caught from here on.
    pub(super) fn take_up(log: Option<Log>) -> Result<Self, Failure> {
        let caught = run::ending_signals().chain([Signal::Usr2]);
        let signals = Signals::new(caught).map_err(Failure::Signals)?;
        let program = std::env::current_exe().unwrap_or_else(|_| "/proc/self/exe".into());
        let args = std::env::args_os().skip(1).collect();
        let again = Again { program, args, shares: Vec::new() };
        let predecessor = Predecessor::find();
        if let (Some(_), Some(log)) = (&predecessor, &log) {
            // It may not have got round to it.
            log.clear();
        }
        Ok(Self { predecessor, signals, hangup: Hangup::new(true, log), again })
    }

    /// Listens, on the sockets of the predecessor where there is one: for the service first, then for others. `None`
    /// where a signal comes first.
    pub(super) async fn listen(&mut self, server: &Server) -> Result<Option<Listener>, Error> {
        let Self { predecessor, signals, hangup, .. } = self;
        let listening = async {
            let listener = match predecessor {
                Some(predecessor) => predecessor.listen(server).await?,
                None => server.listen().await?,
            };
            hangup.reloads(&listener);
            Ok(Some(listener))
        };
        let stopped = async {
            // Nobody can take over what is not there yet.
            while let Some(Ok(Signal::Usr2)) = signals.next().await {}
            Ok(None)
        };
        listening.or(stopped).await
    }

    /// The same for a listener that the service does not know; a successor gets its sockets, too.
    pub(super) async fn listen_beside(
        &mut self,
        server: &Server,
    ) -> Result<Option<Listener>, Error> {
        let listener = self.listen(server).await?;
        if let Some(listener) = &listener {
            self.again.shares.push(listener.share()?);
        }
        Ok(listener)
    }

    /// Runs the service until it ends, or a signal ends it.
    pub(super) fn run(self, service: RelayService, cli: &mut Cli) -> Result<Finished, Failure> {
        let Self { predecessor, signals, hangup, again } = self;
        let manager = Manager::of_environment(predecessor.is_some()).unwrap_or_else(|error| {
            let message = format!("cannot reach the service manager: {error}");
            cli.tell(&Entry::new(Level::Warn, "notice", message));
            Manager::default()
        });
        let manager = Arc::new(manager);
        let obeying = obey(signals, service.handle(), hangup, again, Arc::clone(&manager));
        let service = watched_by(manager, service.alongside(obeying), predecessor.is_some());
        if let Some(predecessor) = predecessor {
            // It makes us the main process; until then the manager does not listen to us.
            predecessor.ready();
        }
        Ok(block_on(service.run())?)
    }
}

/// Has the system allow as many descriptors as it may: at two for a connection, those that it allows unless asked are
/// few.
///
/// Not where programs are started, which would have the same limit: some try to close all that there could be.
pub(super) fn allow_descriptors(clients: &[Client]) {
    let is_program = |it: &Client| matches!(it.plan().transport, ClientTransport::Process(_));
    if clients.iter().any(is_program) {
        return;
    }
    let limit = getrlimit(Resource::Nofile);
    // What there is has to do where that fails.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Tells the service manager what becomes of the service.
fn watched_by(manager: Arc<Manager>, service: RelayService, is_successor: bool) -> RelayService {
    if !is_successor {
        manager.say("READY=1");
    }
    let is_main = Arc::new(AtomicBool::new(true));
    let (told, was_main) = (Arc::clone(&manager), Arc::clone(&is_main));
    let service = service.observed_by(move |event: &Event<'_>| match event {
        Event::Draining { why: Stop::HandedOver { pid }, .. } => {
            was_main.store(false, Ordering::Relaxed);
            told.say(&format!("MAINPID={pid}"));
        }
        Event::Draining { .. } => told.say("STOPPING=1"),
        _ => {}
    });
    let Some(interval) = manager.watchdog() else { return service };
    // Where no task gets its turn any more, this one does not either.
    service.alongside(async move {
        while is_main.load(Ordering::Relaxed) {
            manager.say("WATCHDOG=1");
            Timer::after(interval).await;
        }
    })
}

/// The first signal lets connections end, the second does not; SIGUSR2 starts a successor, and SIGHUP reads
/// certificates again.
async fn obey(
    mut signals: Signals,
    handle: RelayHandle,
    hangup: Hangup,
    again: Again,
    manager: Arc<Manager>,
) {
    let mut asked = false;
    while let Some(Ok(signal)) = signals.next().await {
        match signal {
            Signal::Usr2 => {
                if asked || !handle.hand_over(again.succession()) {
                    hangup.say(&no_succession(asked || handle.snapshot().draining));
                }
            }
            Signal::Hup if !reload(&hangup, &manager, asked).await => {}
            _ if asked => {
                handle.cut();
                haste::hurry(hangup.log());
            }
            _ => {
                asked = true;
                handle.stop();
            }
        }
    }
}

/// Says why nobody is started to take over.
fn no_succession(is_ending: bool) -> Entry {
    let why = if is_ending {
        "no more connections are accepted here"
    } else {
        "a process is on its way to take over already"
    };
    Entry::new(Level::Warn, "handover-ignored", format!("SIGUSR2: {why}"))
}

/// Reads certificates again, of which a manager that asked for it by `Type=notify-reload` waits to hear; whether the
/// signal is to end the service.
async fn reload(hangup: &Hangup, manager: &Manager, is_ending: bool) -> bool {
    if is_ending {
        return hangup.heard().await;
    }
    manager.say_reloading();
    let ends = hangup.heard().await;
    if !ends {
        manager.say("READY=1");
    }
    ends
}

impl Again {
    fn succession(&self) -> Succession {
        let first = Succession::new(&self.program, self.args.iter().cloned());
        // Short of descriptors, the successor will miss some and say so, and this process goes on.
        let shares = self.shares.iter().filter_map(|share| share.try_clone().ok());
        shares.fold(first, Succession::with)
    }
}
