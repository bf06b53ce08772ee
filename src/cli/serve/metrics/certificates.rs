//! Metrics of TLS certificates: when they expire, and how many reloads succeeded and failed.

use std::collections::BTreeMap;
use std::fmt;
use std::time::UNIX_EPOCH;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::runtime::{Listener, Reloader};

/// The certificate reloaders of listeners, each with its server's description as a label.
#[derive(Debug, Default)]
pub(in crate::cli) struct CertificateMetrics(Vec<(String, Reloader)>);

impl CertificateMetrics {
    /// Collects from the certificates of these listeners; one without TLS has no metrics.
    pub(in crate::cli) fn new<'a>(listeners: impl IntoIterator<Item = &'a Listener>) -> Self {
        let named = listeners.into_iter().map(|it| (it.endpoint().to_owned(), it.reloader()));
        Self(named.filter(|(_, it)| !it.is_empty()).collect())
    }
}

/// Merges samples with equal labels, which OpenMetrics forbids: it takes the earliest expiry, and
/// adds up reloads. They occur if a file holds two certificates with one name, or a description is
/// given twice.
impl Collector for CertificateMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (mut expiry, mut reloads) = (BTreeMap::new(), BTreeMap::new());
        for (server, reloader) in &self.0 {
            for shown in reloader.presented() {
                let since_1970 = shown.expires.duration_since(UNIX_EPOCH).unwrap_or_default();
                let certificate = shown.path.to_string_lossy().into_owned();
                let first = expiry.entry((server, certificate, shown.subject)).or_insert(u64::MAX);
                *first = since_1970.as_secs().min(*first);
            }
            let counted = reloader.reloads();
            *reloads.entry((server, "success")).or_insert(0) += counted.succeeded;
            *reloads.entry((server, "failure")).or_insert(0) += counted.failed;
        }
        let mut family = encoder.encode_descriptor(
            "certificate_expiry_timestamp",
            "Unix time at which a certificate, or the first one of its chain, expires",
            Some(&Unit::Seconds),
            MetricType::Gauge,
        )?;
        for ((server, certificate, subject), time) in expiry {
            let labels =
                [("server", &**server), ("certificate", &*certificate), ("subject", &*subject)];
            ConstGauge::new(time).encode(family.encode_family(&labels)?)?;
        }
        let mut family = encoder.encode_descriptor(
            "certificate_reloads",
            "Reloads of certificates, by result",
            None,
            MetricType::Counter,
        )?;
        for ((server, result), count) in reloads {
            let labels = [("server", &**server), ("result", result)];
            ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }
}
