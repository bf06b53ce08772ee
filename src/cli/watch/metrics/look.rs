//! The counters of a relay, as they were when somebody asked.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::cli::log::failed_handshakes;
use crate::relay::Snapshot;

/// What was seen last.
#[derive(Debug, Default)]
pub(super) struct Look(Mutex<(Snapshot, u64)>);

impl Look {
    /// Looks again; `lost` lines of the log never got out.
    pub(super) fn take(&self, snapshot: Snapshot, lost: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (snapshot, lost);
    }
}

impl Collector for Look {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (seen, lost) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut families = Families(encoder);
        let ended = &seen.ended;
        families.counter(
            "connections_accepted",
            "Connections that were accepted and let in",
            seen.accepted,
        )?;
        families.counters(
            "connections_refused",
            "Connections that were accepted and closed at once, by reason",
            "reason",
            [("denied", seen.refused.denied), ("full", seen.refused.full)],
        )?;
        families.counters(
            "connections_ended",
            "Connections that are over, by how they ended",
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
            "Connections at the moment, by what they are doing",
            "state",
            [("connecting", seen.connecting), ("open", seen.open)],
        )?;
        families.bytes(
            "relayed",
            "Bytes that were delivered, those of open connections included, by receiver",
            [("target", seen.transferred.a_to_b), ("peer", seen.transferred.b_to_a)],
        )?;
        families.counters(
            "handshake_failures",
            "Connections that were lost before they were accepted, in TLS or for a PROXY header, by reason",
            "reason",
            failed_handshakes(),
        )?;
        families.gauge(
            "draining",
            "Whether no more connections are accepted",
            usize::from(seen.draining),
        )?;
        families.counter(
            "log_lines_lost",
            "Lines of the log that were lost, as nobody took them in time",
            *lost,
        )?;
        let targets = || seen.targets.iter();
        families.counters(
            "target_connections",
            "Connections to a target that were made",
            "target",
            targets().map(|it| (it.target.endpoint(), it.connected)),
        )?;
        families.gauges(
            "target_connections_open",
            "Connections to a target at the moment",
            "target",
            targets().map(|it| (it.target.endpoint(), it.open)),
        )?;
        families.gauges(
            "target_up",
            "Whether a target answers, as far as is known",
            "target",
            targets().map(|it| (it.target.endpoint(), usize::from(!it.is_down))),
        )
    }
}

/// Writes one family after the other.
struct Families<'a>(DescriptorEncoder<'a>);

impl Families<'_> {
    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let encoder = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(value).encode(encoder)
    }

    fn counters<L: AsRef<str>>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, u64)>,
    ) -> fmt::Result {
        let mut encoder = self.0.encode_descriptor(name, help, None, MetricType::Counter)?;
        values.into_iter().try_for_each(|(of, value)| {
            let labels = [(label, of.as_ref())];
            ConstCounter::new(value).encode(encoder.encode_family(&labels)?)
        })
    }

    fn bytes(&mut self, name: &str, help: &str, values: [(&str, u64); 2]) -> fmt::Result {
        let unit = Unit::Bytes;
        let mut encoder = self.0.encode_descriptor(name, help, Some(&unit), MetricType::Counter)?;
        values.into_iter().try_for_each(|(to, value)| {
            ConstCounter::new(value).encode(encoder.encode_family(&[("to", to)])?)
        })
    }

    fn gauge(&mut self, name: &str, help: &str, value: usize) -> fmt::Result {
        let encoder = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        ConstGauge::new(value as u64).encode(encoder)
    }

    fn gauges<L: AsRef<str>>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (L, usize)>,
    ) -> fmt::Result {
        let mut encoder = self.0.encode_descriptor(name, help, None, MetricType::Gauge)?;
        values.into_iter().try_for_each(|(of, value)| {
            let labels = [(label, of.as_ref())];
            ConstGauge::new(value as u64).encode(encoder.encode_family(&labels)?)
        })
    }
}
