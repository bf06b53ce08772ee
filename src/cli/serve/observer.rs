//! Observes a relay for its operator: log entries, the status line, and metrics.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use smol::channel::{Receiver, Sender, bounded};
use smol::future::FutureExt;
use tracing::Level;

use super::event_log::EventLog;
use super::log::{Entry, Log};
#[cfg(feature = "__tls")]
use super::metrics::CertificateMetrics;
use super::metrics::{Endpoints, Metrics, Scrapes};
use super::status_line;
use crate::cli::args::{Relay, bytes};
use crate::relay::{Event, RelayHandle, RelayService, Stop};
use crate::runtime::{Address, Listener};
use strports_syntax::{ClientEndpoint, Description};

/// The listener to which scrapers connect, and the certificates that the metrics include.
pub(in crate::cli) struct MetricsServer {
    pub(in crate::cli) listener: Listener,
    #[cfg(feature = "__tls")]
    pub(in crate::cli) certificates: CertificateMetrics,
}

impl MetricsServer {
    fn into_parts(self) -> (Listener, Metrics) {
        let metrics = Metrics::new();
        #[cfg(feature = "__tls")]
        let metrics = metrics.with_certificates(self.certificates);
        (self.listener, metrics)
    }
}

/// Attaches an observer to the service: log, status line and metrics, as `args` request.
/// Connections of scrapers run in `scrapes`, which outlives the service.
pub(in crate::cli) fn observed(
    service: RelayService,
    args: &Relay,
    metrics: Option<MetricsServer>,
    scrapes: &Arc<Scrapes>,
    log: &Log,
) -> RelayService {
    let (is_active, superseded) = bounded(1);
    let (listener, metrics) = metrics.map(MetricsServer::into_parts).unzip();
    let server = args.server.to_string_lossy().into_owned();
    let observer = Arc::new(Observer {
        log: log.clone(),
        events: EventLog::new(args.observe.access_log, server, args.clients.len()),
        metrics,
        is_handing_over: AtomicBool::new(false),
        is_active,
        superseded,
    });
    let observing = Arc::clone(&observer);
    let mut service = service.observed_by(move |event: &Event<'_>| observing.observe(event));
    // On a terminal, relayed bytes on standard output would mix with the status line.
    let uses_stdio = args.clients.iter().chain([&args.server]).any(|it| is_stdio(bytes(it)));
    if log.shows_status() && !uses_stdio {
        let (observer, relay) = (Arc::clone(&observer), service.handle());
        service = service.alongside(observer.draw_status(relay));
    }
    if let Some(listener) = listener {
        log.write(&address_of(&listener));
        let relay = service.handle();
        service = service.alongside(observer.serve_metrics(relay, listener, Arc::clone(scrapes)));
    }
    service
}

fn is_stdio(description: &[u8]) -> bool {
    Description::parse(description).is_ok_and(|it| it.type_name().eq_ignore_ascii_case("stdio"))
}

/// Returns the entry that says at which URL the metrics are served.
fn address_of(listener: &Listener) -> Entry {
    let address = listener.local_address().to_string();
    let is_tls = listener
        .client_endpoint()
        .is_some_and(|it| matches!(it, ClientEndpoint::Ssl(_) | ClientEndpoint::Tls(_)));
    let scheme = if is_tls { "https" } else { "http" };
    let message = match listener.local_address() {
        Address::Tcp(address) => format!("metrics at {scheme}://{address}/metrics"),
        _ => format!("metrics on {address}"),
    };
    Entry::new(Level::INFO, "metrics", message).with("address", address)
}

/// Logs and counts the events of one relay, until a successor takes over.
struct Observer {
    log: Log,
    events: EventLog,
    metrics: Option<Metrics>,
    /// Whether a successor was started. It draws on the same terminal, so this process stops
    /// drawing.
    is_handing_over: AtomicBool,
    /// Closes, without a message, when a successor has taken over.
    is_active: Sender<Infallible>,
    superseded: Receiver<Infallible>,
}

impl Observer {
    /// Draws the status line until a successor takes over.
    async fn draw_status(self: Arc<Self>, relay: RelayHandle) {
        let drawing = async {
            let is_active = || !self.is_handing_over.load(Ordering::Relaxed);
            status_line::draw(&self.log, || relay.snapshot(), is_active).await;
        };
        drawing.or(self.until_superseded()).await;
        self.log.hide_status();
    }

    /// Serves metrics until accepting fails permanently, or until a successor takes over.
    async fn serve_metrics(
        self: Arc<Self>,
        relay: RelayHandle,
        listener: Listener,
        scrapes: Arc<Scrapes>,
    ) {
        let source = Arc::new(Source { observer: Arc::clone(&self), relay });
        if let Err(error) = scrapes.serve(listener, source, self.until_superseded()).await {
            let message = format!("metrics are no longer served: {error}");
            self.log.write(&Entry::new(Level::WARN, "metrics-failed", message));
        }
    }

    async fn until_superseded(&self) {
        let _ = self.superseded.recv().await;
    }

    fn observe(&self, event: &Event<'_>) {
        if let Some(metrics) = &self.metrics {
            metrics.count(event);
        }
        match event {
            Event::HandoverStarted { .. } => {
                self.is_handing_over.store(true, Ordering::Relaxed);
                self.log.hide_status();
            }
            Event::HandoverFailed { .. } => self.is_handing_over.store(false, Ordering::Relaxed),
            Event::Draining { why: Stop::HandedOver { .. }, .. } => {
                self.is_active.close();
            }
            _ => {}
        }
        if let Some(entry) = self.events.entry(event) {
            self.log.write(&entry);
        }
    }
}

/// Answers the requests of scrapers from the observer and the relay.
struct Source {
    observer: Arc<Observer>,
    relay: RelayHandle,
}

impl Endpoints for Source {
    fn metrics(&self) -> String {
        let Observer { log, metrics, .. } = &*self.observer;
        let Some(metrics) = metrics else { return String::new() };
        metrics.encode(self.relay.snapshot(), log.lost_lines(), log.failed_handshakes())
    }

    /// A request accepted before the handover is answered for both processes: the successor
    /// accepts.
    fn is_ready(&self) -> bool {
        !self.relay.snapshot().draining || self.observer.is_active.is_closed()
    }
}
