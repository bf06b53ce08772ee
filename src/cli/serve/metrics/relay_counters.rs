//! Exposes the counters of a relay, with their values at the time of a scrape.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::lock::lock;
use crate::relay::Snapshot;

/// A collector that encodes the values that were set last.
#[derive(Debug, Default)]
pub(super) struct RelayCounters(Mutex<Values>);

/// The values that one scrape reports.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) relay: Snapshot,
    /// The number of log lines lost since the start.
    pub(super) lost_lines: u64,
    /// The number of failed TLS handshakes of listeners since the start, by reason.
    pub(super) failed_handshakes: BTreeMap<String, u64>,
}

impl RelayCounters {
    pub(super) fn set(&self, values: Values) {
        *lock(&self.0) = values;
    }
}

impl Collector for RelayCounters {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Values { relay, lost_lines, failed_handshakes } = &*lock(&self.0);
        let mut families = Families(encoder);
        let (refused, ended) = (relay.refused, relay.ended);
        families.counter(
            "connections_accepted",
            "Connections that were accepted and allowed",
            relay.accepted,
        )?;
        families.counters(
            ("connections_refused", None),
            "Connections that were refused, by reason",
            "reason",
            [("denied", refused.denied), ("full", refused.full)],
        )?;
        families.counters(
            ("connections_ended", None),
            "Connections that have ended, by result",
            "end",
            [
                ("closed", ended.closed),
                ("not-connected", ended.not_connected),
                ("broken", ended.broken),
                ("idle", ended.idle),
                ("too-old", ended.too_old),
                ("stopped", ended.stopped),
            ],
        )?;
        families.gauges(
            "connections",
            "Current connections, by state",
            "state",
            [("connecting", relay.connecting), ("open", relay.open)],
        )?;
        families.counters(
            ("relayed", Some(&Unit::Bytes)),
            "Bytes delivered, including those of open connections, by receiver",
            "to",
            [("target", relay.transferred.a_to_b), ("peer", relay.transferred.b_to_a)],
        )?;
        families.counters(
            ("handshake_failures", None),
            "Connections that failed in TLS or without a PROXY header, by reason",
            "reason",
            failed_handshakes.iter().map(|(reason, count)| (reason, *count)),
        )?;
        families.gauge(
            "draining",
            "Whether no more connections are accepted",
            u64::from(relay.draining),
        )?;
        families.counter(
            "log_lines_lost",
            "Lines of the log that were dropped, because its reader was too slow",
            *lost_lines,
        )?;
        let targets = || relay.targets.iter().map(|it| (it.target.endpoint(), it));
        families.counters(
            ("target_connections", None),
            "Successful connections to a target",
            "target",
            targets().map(|(name, it)| (name, it.connected)),
        )?;
        families.gauges(
            "target_connections_open",
            "Current connections to a target",
            "target",
            targets().map(|(name, it)| (name, it.open)),
        )?;
        families.gauges(
            "target_up",
            "Whether a target answers, according to the last attempt",
            "target",
            targets().map(|(name, it)| (name, usize::from(!it.is_down))),
        )
    }
}

/// Encodes metric families one after another.
struct Families<'a>(DescriptorEncoder<'a>);

impl Families<'_> {
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let encoder = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(value).encode(encoder)
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let encoder = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(value).encode(encoder)
    }

    fn counters<L: AsRef<str>>(
        &mut self,
        (name, unit): (&str, Option<&Unit>),
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let encoder = self.0.encode_descriptor(name, help, unit, MetricType::Counter)?;
        labeled(encoder, label, values, ConstCounter::new)
    }

    fn gauges<L: AsRef<str>>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, usize)>,
    ) -> fmt::Result {
        let encoder = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        labeled(encoder, label, values, |value| ConstGauge::new(value as u64))
    }
}

/// Encodes one metric of a family for each value of the label `label`.
fn labeled<L: AsRef<str>, V, M: EncodeMetric>(
    mut family: MetricEncoder<'_>,
    label: &str,
    values: impl IntoIterator<Item = (L, V)>,
    metric: impl Fn(V) -> M,
) -> fmt::Result {
    values.into_iter().try_for_each(|(name, value)| {
        metric(value).encode(family.encode_family(&[(label, name.as_ref())])?)
    })
}
