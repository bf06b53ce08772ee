//! Certificates in a probe: the root that verifies them, advice without one, and their expiry.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::ProbeOptions;
use super::recorder::Recorded;
use super::report::{ProbeFacts, ProbeStep, StepKind};
use crate::error::TlsProblem;
use crate::net::Client;
use crate::quoted::Quoted;
use crate::tls::{CertificateDetails, Connector};
use crate::utc_date::UtcDate;

/// A certificate with less remaining validity is a warning.
///
/// Certificates for 90 days are usually renewed 30 days before they expire, so this one was not.
const SHORT: Duration = Duration::from_secs(14 * DAY);

/// A day in seconds.
const DAY: u64 = 24 * 60 * 60;

/// Adds the verifying root, advice and expiry to each TLS step of a client's probe.
///
/// `refusal` is the TLS error of the handshake that failed; `None` if none did.
pub(super) async fn examine(
    client: &Client,
    mut recorded: Recorded,
    refusal: Option<TlsProblem>,
    options: &ProbeOptions,
) -> Recorded {
    let connectors = client.connectors();
    if let Some(step) = recorded.steps.iter_mut().find(|step| step.kind == StepKind::Files) {
        let trusted: Vec<_> = connectors.iter().filter_map(Connector::trusted).collect();
        if step.is_ok && !trusted.is_empty() {
            let trusted: Vec<_> = trusted.iter().map(authorities).collect();
            step.message = format!("trusts {}", trusted.join(", then "));
        }
    }
    let chains = std::mem::take(&mut recorded.chains);
    let steps = recorded.steps.iter_mut().filter(|step| step.kind == StepKind::Tls);
    for ((step, chain), connector) in steps.zip(chains).zip(connectors) {
        let ProbeFacts::Tls(tls) = &mut step.facts else { continue };
        let is_verified = tls.facts.is_some();
        let refusal = refusal.clone().filter(|_| !is_verified);
        let diagnosis = smol::unblock(move || connector.diagnose(&chain, refusal.as_ref())).await;
        tls.root = diagnosis.root.filter(|_| is_verified);
        if let (Some(root), true) = (&tls.root, step.is_ok) {
            step.message = format!("{}, verified by {}", step.message, Quoted::new(root));
        }
        let certificates = tls.certificates.clone();
        step.advice.splice(0..0, diagnosis.advice);
        if step.is_ok {
            check_remaining(step, &certificates, options);
        }
    }
    recorded
}

/// Names a store of trusted roots: `145 authorities of this platform`, or of a path.
fn authorities((count, path): &(usize, Option<PathBuf>)) -> String {
    let noun = if *count == 1 { "authority" } else { "authorities" };
    match path {
        Some(path) => format!("{count} {noun} in {}", Quoted::new(path)),
        None => format!("{count} {noun} of this platform"),
    }
}

/// Warns of certificates that expire soon, or fails the step if they have less than the required
/// time.
pub(super) fn check_remaining(
    step: &mut ProbeStep,
    certificates: &[CertificateDetails],
    options: &ProbeOptions,
) {
    let now = SystemTime::now();
    for certificate in certificates {
        let Ok(left) = certificate.not_after.duration_since(now) else { continue };
        let days = left.as_secs() / DAY;
        let subject = Quoted::new(&certificate.subject);
        let message = format!(
            "the certificate {subject} expires on {}, in {days} {}",
            UtcDate(certificate.not_after),
            if days == 1 { "day" } else { "days" }
        );
        match options.min_remaining {
            Some(minimum) if left < minimum => {
                step.is_ok = false;
                let wanted = minimum.as_secs() / DAY;
                step.message = format!("{message} (expected {wanted} days or more)");
            }
            _ if left < SHORT => step.warnings.push(message),
            _ => {}
        }
    }
}
