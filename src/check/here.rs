//! This machine, for lints that look at files.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::embedded::Embedded;
use crate::runtime::plan::preflight::{Asked, CertificateFacts, Machine, Start, preflight};
use crate::{Report, Span};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The machine that this runs on, and what is asked of it.
///
/// The engine is handed the machine: reading certificates needs TLS, which the engine does without.
#[derive(Clone)]
pub(crate) struct ThisMachine {
    machine: Arc<dyn Machine + Send + Sync>,
    expires_within: Option<Duration>,
}

impl ThisMachine {
    #[cfg_attr(
        not(feature = "__tls"),
        expect(dead_code, reason = "without TLS, the command has no machine to hand over")
    )]
    pub(crate) fn new(machine: impl Machine + Send + Sync + 'static, days: Option<u16>) -> Self {
        let expires_within = days.map(|days| DAY * u32::from(days));
        Self { machine: Arc::new(machine), expires_within }
    }

    /// Adds to a report what is found in files.
    pub(crate) fn look(&self, report: &mut Report<'_>) {
        self.ask(report, Vec::new(), Start::Here);
    }

    /// The same for a description in a file; and the certificates that it shows, where they are known.
    pub(crate) fn look_for(
        &self,
        embedded: &Embedded,
        report: &mut Report<'_>,
    ) -> Option<Vec<CertificateFacts>> {
        let start = embedded.start.clone()?;
        self.ask(report, embedded.holes().collect(), start)
    }

    fn ask(
        &self,
        report: &mut Report<'_>,
        unknown: Vec<Span>,
        start: Start,
    ) -> Option<Vec<CertificateFacts>> {
        let asked = Asked { unknown, start, expires_within: self.expires_within };
        let found = preflight(report, &asked, &*self.machine);
        report.add(found.findings);
        found.shown
    }
}

impl fmt::Debug for ThisMachine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThisMachine")
            .field("expires_within", &self.expires_within)
            .finish_non_exhaustive()
    }
}
