//! Watching a relay: lines for connections, a status line on a terminal, metrics.

mod access;
mod events;
mod metrics;
mod status;
mod words;

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use smol::channel::{Receiver, Sender, bounded};
use smol::future::FutureExt;

pub(super) use access::AccessLog;
use access::TlsBrief;
#[cfg(feature = "__tls")]
pub(super) use metrics::Certificates;
use metrics::{Facts, Metrics, serve};

use super::Cli;
use super::args::{Relay, bytes};
use super::log::{Entry, Level, Log};
use crate::relay::{Event, RelayHandle, RelayService, Stop};
use crate::runtime::{Address, Listener};
use crate::{ClientEndpoint, Description};

/// Who asks for metrics, and the certificates that are told of to them.
pub(super) struct Scrapers {
    pub(super) listener: Listener,
    #[cfg(feature = "__tls")]
    pub(super) certificates: Certificates,
}

impl Scrapers {
    fn with_metrics(self) -> (Listener, Metrics) {
        let metrics = Metrics::new();
        #[cfg(feature = "__tls")]
        let metrics = metrics.of_certificates(self.certificates);
        (self.listener, metrics)
    }
}

/// Has a service watched as its options say, and metrics served to `scrapers` beside it.
pub(super) fn watched(
    service: RelayService,
    args: &Relay,
    scrapers: Option<Scrapers>,
    cli: &mut Cli,
) -> RelayService {
    // Every command that runs a relay has one.
    let Some(log) = cli.log.clone() else { return service };
    let (in_charge, relieved) = bounded(1);
    let (scrapers, metrics) = scrapers.map(Scrapers::with_metrics).unzip();
    let watch = Arc::new(Watch {
        log,
        access: args.watching.access_log,
        server: args.server.to_string_lossy().into_owned(),
        has_others: args.clients.len() > 1,
        metrics,
        tls: Mutex::default(),
        full: Mutex::default(),
        handing_over: AtomicBool::new(false),
        in_charge,
        relieved,
    });
    let seen = Arc::clone(&watch);
    let mut service = service.observed_by(move |event: &Event<'_>| seen.observe(event));
    // Bytes of connections may come and go on the same terminal.
    let is_mixed = args.clients.iter().chain([&args.server]).any(|it| is_stdio(bytes(it)));
    if watch.log.shows_status() && !is_mixed {
        let (watch, relay) = (Arc::clone(&watch), service.handle());
        service = service.alongside(watch.show(relay));
    }
    if let Some(scrapers) = scrapers {
        watch.log.say(&place(&scrapers));
        let relay = service.handle();
        service = service.alongside(watch.tell(relay, scrapers));
    }
    service
}

fn is_stdio(description: &[u8]) -> bool {
    Description::parse(description).is_ok_and(|it| it.type_name().eq_ignore_ascii_case("stdio"))
}

/// Says where metrics are.
fn place(scrapers: &Listener) -> Entry {
    let address = scrapers.local_address().to_string();
    let is_secured = scrapers
        .client_endpoint()
        .is_some_and(|it| matches!(it, ClientEndpoint::Ssl(_) | ClientEndpoint::Tls(_)));
    let scheme = if is_secured { "https" } else { "http" };
    let message = match scrapers.local_address() {
        Address::Tcp(address) => format!("metrics at {scheme}://{address}/metrics"),
        _ => format!("metrics on {address}"),
    };
    Entry::new(Level::Info, "metrics", message).with("address", address)
}

/// What is said of everything that happens to a relay.
struct Watch {
    log: Log,
    access: AccessLog,
    /// The description of the server.
    server: String,
    /// There is more than one target.
    has_others: bool,
    metrics: Option<Metrics>,
    /// What TLS said of the connections that are there, by their numbers.
    tls: Mutex<HashMap<u64, TlsBrief>>,
    /// When it was last said that there are as many connections as may be.
    full: Mutex<Option<Instant>>,
    /// A successor is on its way, and draws on the same terminal.
    handing_over: AtomicBool,
    /// Closed when another process shows and tells things in place of this one.
    in_charge: Sender<Infallible>,
    relieved: Receiver<Infallible>,
}

impl Watch {
    /// Shows the status line, until another process does it.
    async fn show(self: Arc<Self>, relay: RelayHandle) {
        let shown = async {
            let is_ours = || !self.handing_over.load(Ordering::Relaxed);
            status::show(&self.log, || relay.snapshot(), is_ours).await;
        };
        shown.or(self.until_relieved()).await;
        self.log.hide();
    }

    /// Answers who asks for metrics, until accepting fails for good or another process does it.
    async fn tell(self: Arc<Self>, relay: RelayHandle, scrapers: Listener) {
        let Some(metrics) = &self.metrics else { return };
        let served = async {
            let Err(error) = serve(scrapers, Told { metrics, log: &self.log, relay }).await;
            let message = format!("metrics are not served any more: {error}");
            self.log.say(&Entry::new(Level::Warn, "metrics-failed", message));
        };
        served.or(self.until_relieved()).await;
    }

    async fn until_relieved(&self) {
        // Nothing is ever sent.
        let _ = self.relieved.recv().await;
    }

    /// Says and counts what there is to an event.
    fn observe(&self, event: &Event<'_>) {
        if let Some(metrics) = &self.metrics {
            metrics.count(event);
        }
        match event {
            #[cfg(feature = "__tls")]
            Event::Accepted { id, connection } if self.access != AccessLog::Off => {
                self.note_tls(id.get(), connection.tls().map(TlsBrief::of));
            }
            Event::HandoverStarted { .. } => {
                self.handing_over.store(true, Ordering::Relaxed);
                self.log.hide();
            }
            Event::HandoverFailed { .. } => self.handing_over.store(false, Ordering::Relaxed),
            Event::Draining { why: Stop::HandedOver { .. }, .. } => {
                self.in_charge.close();
            }
            _ => {}
        }
        if let Some(entry) = self.entry(event) {
            self.log.say(&entry);
        }
    }

    #[cfg(feature = "__tls")]
    fn note_tls(&self, id: u64, tls: Option<TlsBrief>) {
        if let Some(tls) = tls {
            lock(&self.tls).insert(id, tls);
        }
    }

    fn forget_tls(&self, id: u64) -> Option<TlsBrief> {
        lock(&self.tls).remove(&id)
    }
}

/// What whoever asks over HTTP is told.
struct Told<'a> {
    metrics: &'a Metrics,
    log: &'a Log,
    relay: RelayHandle,
}

impl Facts for Told<'_> {
    fn metrics(&self) -> String {
        self.metrics.text(self.relay.snapshot(), self.log.lost())
    }

    fn is_ready(&self) -> bool {
        !self.relay.snapshot().draining
    }
}

/// A panic leaves nothing half done in there.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
