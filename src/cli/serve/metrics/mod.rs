//! The metrics of a relay in the text format of OpenMetrics.
//!
//! Most values are counters of the relay, which are read at each scrape. This module counts the
//! others from events.

#[cfg(feature = "__tls")]
mod certificates;
mod http;
mod relay_counters;
mod scrapes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

#[cfg(feature = "__tls")]
pub(in crate::cli) use certificates::CertificateMetrics;
pub(super) use http::Endpoints;
#[cfg(feature = "__fuzz")]
pub use http::{MAX_METRICS_HEAD, metrics_answer};
use relay_counters::{RelayCounters, Values};
pub(in crate::cli) use scrapes::{Scrapes, within_bounds};

use crate::relay::{Event, Snapshot};
use crate::runtime::Error;

/// The prefix of all metric names.
const PREFIX: &str = "strports";

/// All metrics of one relay: those that are read at a scrape, and those that events count.
pub(super) struct Metrics {
    registry: Registry,
    relay: Arc<RelayCounters>,
    connecting: Histogram,
    target_failures: Family<TargetFailure, Counter>,
}

/// The labels of the counter of failed attempts to reach a target: `target` and `reason`.
type TargetFailure = [(&'static str, String); 2];

impl Metrics {
    pub(super) fn new() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let connecting = Histogram::new(buckets());
        registry.register_with_unit(
            "connect_duration",
            "Time of successful attempts to reach a target",
            Unit::Seconds,
            connecting.clone(),
        );
        let target_failures = Family::default();
        registry.register(
            "target_failures",
            "Failed attempts to reach a target, by target and reason",
            target_failures.clone(),
        );
        registry.register_with_unit(
            "start_time",
            "Unix time at which this process started to serve",
            Unit::Seconds,
            ConstGauge::new(since_1970(SystemTime::now())),
        );
        let version =
            Family::<[(&str, &str); 1], prometheus_client::metrics::gauge::Gauge>::default();
        version.get_or_create(&[("version", env!("CARGO_PKG_VERSION"))]).set(1);
        registry.register("build", "The version of this program, as a label", version);
        let relay = Arc::<RelayCounters>::default();
        registry.register_collector(Box::new(Arc::clone(&relay)));
        Self { registry, relay, connecting, target_failures }
    }

    /// Adds metrics of the certificates that `certificates` reloads.
    #[cfg(feature = "__tls")]
    pub(super) fn with_certificates(mut self, certificates: CertificateMetrics) -> Self {
        self.registry.register_collector(Box::new(certificates));
        self
    }

    /// Counts an event for which the relay's [`Snapshot`] has no counter; ignores the others.
    pub(super) fn count(&self, event: &Event<'_>) {
        match event {
            Event::Connected { took, .. } => self.connecting.observe(took.as_secs_f64()),
            Event::TargetFailed { target, error, .. } => {
                let labels =
                    [("target", target.endpoint().to_owned()), ("reason", reason(error).into())];
                self.target_failures.get_or_create(&labels).inc();
            }
            _ => {}
        }
    }

    /// Returns all metrics in the OpenMetrics text format, with the given values of the relay.
    pub(super) fn encode(
        &self,
        relay: Snapshot,
        lost_lines: u64,
        failed_handshakes: BTreeMap<String, u64>,
    ) -> String {
        self.relay.set(Values { relay, lost_lines, failed_handshakes });
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn reason(error: &Error) -> &'static str {
    error.problem().reason()
}

/// The upper bounds of the histogram's buckets, in seconds: 0.1 ms, doubled up to 52 s.
fn buckets() -> impl Iterator<Item = f64> {
    // `exponential_buckets` of the library calls `powf`, which would load libm at every start.
    std::iter::successors(Some(0.000_1), |limit| Some(limit * 2.0)).take(20)
}

fn since_1970(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_has_its_type_and_the_text_its_end() {
        let mut snapshot = Snapshot::default();
        (snapshot.accepted, snapshot.open, snapshot.refused.denied) = (5, 2, 1);
        (snapshot.transferred.a_to_b, snapshot.ended.idle) = (1234, 3);
        let metrics = Metrics::new();
        metrics.connecting.observe(0.003);
        let labels = [("target", "tcp:a\\:\\:1:1\"".to_owned()), ("reason", "refused".to_owned())];
        metrics.target_failures.get_or_create(&labels).inc();
        let text = metrics.encode(snapshot, 7, BTreeMap::from([("not-tls".to_owned(), 2)]));
        for line in [
            "# TYPE strports_connections_accepted counter",
            "strports_connections_accepted_total 5",
            "strports_connections_refused_total{reason=\"denied\"} 1",
            "strports_connections_ended_total{end=\"idle\"} 3",
            "# TYPE strports_connections gauge",
            "strports_connections{state=\"open\"} 2",
            "# UNIT strports_relayed_bytes bytes",
            "strports_relayed_bytes_total{to=\"target\"} 1234",
            "strports_handshake_failures_total{reason=\"not-tls\"} 2",
            "strports_log_lines_lost_total 7",
            "# TYPE strports_connect_duration_seconds histogram",
            "strports_connect_duration_seconds_bucket{le=\"0.0032\"} 1",
            "strports_connect_duration_seconds_count 1",
            r#"strports_target_failures_total{target="tcp:a\\:\\:1:1\"",reason="refused"} 1"#,
        ] {
            assert!(text.lines().any(|it| it == line), "{line} is missing in\n{text}");
        }
        assert!(text.ends_with("\n# EOF\n"));
        assert_eq!(text.matches("# EOF").count(), 1);
    }

    #[test]
    fn the_buckets_equal_those_of_the_library() {
        let theirs = prometheus_client::metrics::histogram::exponential_buckets(0.000_1, 2.0, 20);
        assert!(buckets().eq(theirs));
    }

    #[test]
    fn each_scrape_reads_the_counters_anew() {
        let metrics = Metrics::new();
        let mut snapshot = Snapshot::default();
        let first = metrics.encode(snapshot.clone(), 0, BTreeMap::new());
        snapshot.accepted = 1;
        let second = metrics.encode(snapshot, 0, BTreeMap::new());
        assert!(first.contains("strports_connections_accepted_total 0\n"));
        assert!(second.contains("strports_connections_accepted_total 1\n"));
    }
}
