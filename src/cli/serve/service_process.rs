//! Runs a relay service as a process: signals, the service manager, and handover to a successor.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_signal::{Signal, Signals};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use smol::future::FutureExt;
use smol::lock::Mutex;
use smol::stream::StreamExt;
use tracing::Level;

use super::log::{Entry, Log};
use super::notify::ServiceManager;
use super::orphans::reap_inherited;
use super::process_one::ProcessOne;
use super::second_signal::exit_sooner;
use super::sighup::Sighup;
use super::signals::{Request, Requests, catch, ending_signals};
use crate::cli::exit::{Exit, Failure};
use crate::relay::{Event, Finished, RelayHandle, RelayService, Stop};
use crate::runtime::plan::ClientTransport;
use crate::runtime::{
    Client, Error, Listener, Predecessor, Server, Share, Succession, Timer, block_on, next_turn,
};

/// The process that runs a relay service, before the service has started.
pub(in crate::cli) struct ServiceProcess {
    predecessor: Option<Predecessor>,
    signals: Signals,
    sighup: Sighup,
    restart: Restart,
    one: Option<Arc<ProcessOne>>,
    log: Log,
}

/// Process 1 after its own service has ended, while a successor serves.
pub(in crate::cli) struct Afterlife {
    one: Arc<ProcessOne>,
    signals: Arc<Mutex<Signals>>,
}

/// How a successor is started at SIGUSR2.
struct Restart {
    /// The path of this program. It is resolved at the start, so that a successor runs a file that
    /// replaced the program later.
    program: PathBuf,
    args: Vec<OsString>,
    /// The listening sockets, such as that of the metrics, that the service itself does not hand
    /// over.
    shares: Vec<Share>,
}

impl ServiceProcess {
    /// Prepares the process. Signals are caught from now on, and orphans are reaped.
    pub(in crate::cli) fn start(log: Log) -> Result<Self, Failure> {
        let caught = ending_signals().chain([Signal::Usr2]);
        let signals = catch(caught).map_err(Failure::Signals)?;
        let program = std::env::current_exe().unwrap_or_else(|_| "/proc/self/exe".into());
        let args = std::env::args_os().skip(1).collect();
        let restart = Restart { program, args, shares: Vec::new() };
        let predecessor = Predecessor::find();
        if predecessor.is_some() {
            // The predecessor may have left its status line in the row of the cursor.
            log.clear_row();
        }
        let sighup = Sighup::new(true, log.clone());
        Ok(Self { predecessor, signals, sighup, restart, one: reap_inherited(), log })
    }

    /// Makes SIGHUP also reload the certificates and trust roots of these clients.
    pub(in crate::cli) fn reload_clients(&self, clients: &[Client]) {
        for client in clients {
            self.sighup.add_client(client);
        }
    }

    /// Listens on the predecessor's socket if it handed one over, and on a new socket otherwise.
    ///
    /// Must be called for the service's server before other ones. Returns `None` if a signal that
    /// ends the command arrives first.
    pub(in crate::cli) async fn listen(
        &mut self,
        server: &Server,
    ) -> Result<Option<Listener>, Error> {
        let Self { predecessor, signals, sighup, .. } = self;
        let listening = async {
            let listener = match predecessor {
                Some(predecessor) => predecessor.listen(server).await?,
                None => server.listen().await?,
            };
            sighup.add(&listener);
            Ok(Some(listener))
        };
        let stopped = async {
            // There is no service to hand over yet, so SIGUSR2 is ignored.
            while let Some(Ok(Signal::Usr2)) = signals.next().await {}
            Ok(None)
        };
        listening.or(stopped).await
    }

    /// Listens for a purpose beside the service, such as metrics. A successor also gets the socket.
    pub(in crate::cli) async fn listen_beside(
        &mut self,
        server: &Server,
    ) -> Result<Option<Listener>, Error> {
        let listener = self.listen(server).await?;
        if let Some(listener) = &listener {
            self.restart.shares.push(listener.share()?);
        }
        Ok(listener)
    }

    /// Runs the service until it ends, or until signals have drained or ended it. The [`Afterlife`]
    /// is that of process 1 after a handover, and `None` otherwise.
    pub(in crate::cli) fn run(
        self,
        service: RelayService,
    ) -> Result<(Finished, Option<Afterlife>), Failure> {
        let Self { predecessor, signals, sighup, restart, one, log } = self;
        let manager =
            ServiceManager::from_environment(predecessor.is_some()).unwrap_or_else(|error| {
                let message = format!("cannot reach the service manager: {error}");
                log.write(&Entry::new(Level::WARN, "notice", message));
                ServiceManager::default()
            });
        let manager = Arc::new(manager);
        let handler = SignalHandler {
            relay: service.handle(),
            sighup,
            restart,
            manager: Arc::clone(&manager),
            one: one.clone(),
            log,
        };
        let signals = Arc::new(Mutex::new(signals));
        let service = service.alongside(handler.run(Arc::clone(&signals)));
        let service = notifying(manager, service, predecessor.is_some(), one.clone());
        let service = match predecessor {
            // `ready` also makes this process the main process of the service manager, which
            // ignores messages of other processes.
            Some(predecessor) => service.after(predecessor.ready()),
            None => service,
        };
        let finished = block_on(service.run())?;
        let one = one.filter(|one| one.has_successor());
        Ok((finished, one.map(|one| Afterlife { one, signals })))
    }
}

impl Afterlife {
    /// Waits until the last successor has ended, and returns its exit code.
    pub(in crate::cli) fn outlive_successors(&self) -> Exit {
        let last = block_on(async { self.one.outlive(&mut *self.signals.lock().await).await });
        last.map_or(Exit::Ok, Exit::from)
    }
}

/// Raises the soft limit of open descriptors to the hard limit: each connection needs two.
///
/// Child processes inherit the limit, and some close every descriptor up to it at their start. The
/// limit is therefore unchanged if a client starts programs.
pub(in crate::cli) fn raise_descriptor_limit(clients: &[Client]) {
    let is_process = |it: &Client| matches!(it.plan().transport, ClientTransport::Process(_));
    if clients.iter().any(is_process) {
        return;
    }
    let limit = getrlimit(Resource::Nofile);
    // If the limit cannot be raised, the service runs with the current one.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Makes the service notify the manager of its state, and feed the manager's watchdog.
fn notifying(
    manager: Arc<ServiceManager>,
    service: RelayService,
    is_successor: bool,
    one: Option<Arc<ProcessOne>>,
) -> RelayService {
    if !is_successor {
        manager.send("READY=1");
    }
    let is_main = Arc::new(AtomicBool::new(true));
    let (notified, was_main) = (Arc::clone(&manager), Arc::clone(&is_main));
    let service = service.observed_by(move |event: &Event<'_>| match event {
        Event::Draining { why: Stop::HandedOver { pid }, .. } => {
            was_main.store(false, Ordering::Relaxed);
            match &one {
                // Process 1 cannot end before its successor, so it stays the manager's main
                // process.
                Some(one) => one.hand_over(),
                None => notified.send(&format!("MAINPID={pid}")),
            }
        }
        Event::Draining { .. } => notified.send("STOPPING=1"),
        _ => {}
    });
    let Some(interval) = manager.watchdog() else { return service };
    // If the executor or the reactor hangs, this task hangs too, and the manager's watchdog
    // restarts the service. The timer is therefore that of the reactor that drives the service's
    // sockets.
    service.alongside(async move {
        while is_main.load(Ordering::Relaxed) {
            manager.send("WATCHDOG=1");
            Timer::after(interval).await;
            next_turn().await;
        }
    })
}

/// Handles the signals of a running service until it ends.
struct SignalHandler {
    relay: RelayHandle,
    sighup: Sighup,
    restart: Restart,
    manager: Arc<ServiceManager>,
    one: Option<Arc<ProcessOne>>,
    log: Log,
}

impl SignalHandler {
    /// The first SIGINT, SIGTERM or SIGHUP drains the service, and the second one ends it at once.
    ///
    /// SIGUSR2 starts a successor. SIGHUP reloads certificates, and ends the service only if it
    /// must. Process 1 with a successor forwards signals to it, and the ending ones also end it
    /// here.
    async fn run(self, signals: Arc<Mutex<Signals>>) {
        let mut signals = signals.lock().await;
        let is_ending = AtomicBool::new(false);
        let mut requests = Requests::new(&mut *signals, || self.reload(&is_ending));
        while let Some(request) = requests.next().await {
            let successor = self.one.as_ref().filter(|one| one.has_successor());
            if let (Some(one), Request::Signal(signal)) = (successor, &request) {
                one.forward(*signal);
            }
            if request == Request::Signal(Signal::Usr2) {
                if successor.is_none() {
                    self.hand_over(is_ending.load(Ordering::Relaxed));
                }
            } else if is_ending.swap(true, Ordering::Relaxed) {
                self.relay.cut();
                exit_sooner(&self.log);
            } else {
                self.relay.stop();
            }
        }
    }

    /// Starts a successor, or logs why none is started.
    fn hand_over(&self, is_ending: bool) {
        if !is_ending && self.relay.hand_over(self.restart.succession()) {
            return;
        }
        let why = if is_ending || self.relay.snapshot().draining {
            "no more connections are accepted here"
        } else {
            "another process is already taking over"
        };
        let message = format!("SIGUSR2: {why}");
        self.log.write(&Entry::new(Level::WARN, "handover-ignored", message));
    }

    /// Handles SIGHUP: reloads certificates. Returns whether the signal must end the service.
    async fn reload(&self, is_ending: &AtomicBool) -> bool {
        if let Some(one) = self.one.as_ref().filter(|one| one.has_successor()) {
            one.forward(Signal::Hup);
            return false;
        }
        if is_ending.load(Ordering::Relaxed) {
            return self.sighup.handle().await;
        }
        // With `Type=notify-reload`, the manager expects `RELOADING=1` and then `READY=1`.
        self.manager.send_reloading();
        let ends = self.sighup.handle().await;
        if !ends && !is_ending.load(Ordering::Relaxed) {
            self.manager.send("READY=1");
        }
        ends
    }
}

impl Restart {
    fn succession(&self) -> Succession {
        let first = Succession::new(&self.program, self.args.iter().cloned());
        // If duplicating a socket fails because the descriptor limit is reached, the successor
        // reports the missing one, and this process continues.
        let shares = self.shares.iter().filter_map(|share| share.try_clone().ok());
        shares.fold(first, Succession::with)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixDatagram;
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;
    use crate::relay::RelaySettings;
    use crate::runtime::{client_from_string, server_from_string};

    /// Reads all messages in the manager's socket and returns their number.
    fn waiting(manager: &UnixDatagram) -> usize {
        manager.set_nonblocking(true).unwrap();
        std::iter::from_fn(|| manager.recv(&mut [0; 64]).ok()).count()
    }

    #[test]
    fn a_reactor_that_stalls_feeds_no_watchdog() {
        let (manager, ours) = UnixDatagram::pair().unwrap();
        let interval = Duration::from_millis(5);
        let serving = Arc::new(ServiceManager::with_watchdog(ours, interval));
        let server = server_from_string("tcp:0:interface=127.0.0.1").unwrap();
        let (stalled, is_stalled) = mpsc::channel();
        let (release, is_released) = mpsc::channel::<()>();
        let service = move || {
            block_on(async {
                let listener = server.listen().await.unwrap();
                let target = client_from_string("tcp:127.0.0.1:1").unwrap();
                let service = RelayService::new(listener, [target], RelaySettings::default());
                let handle = service.handle();
                let stall = async move {
                    Timer::after(interval * 4).await;
                    stalled.send(()).unwrap();
                    // Blocks the thread that drives the reactor and the executor, as a bug would.
                    is_released.recv().unwrap();
                    Timer::after(interval * 4).await;
                    handle.stop();
                };
                notifying(serving, service.alongside(stall), false, None).run().await.unwrap();
            });
        };
        let service = std::thread::spawn(service);
        is_stalled.recv().unwrap();
        assert!(waiting(&manager) >= 2, "READY=1, and WATCHDOG=1 while it ran");
        std::thread::sleep(interval * 10);
        assert_eq!(waiting(&manager), 0);
        release.send(()).unwrap();
        service.join().unwrap();
        assert!(waiting(&manager) >= 1, "it goes on");
    }
}
