//! This machine, for lints that look at files.

use std::sync::Arc;
use std::time::Duration;

use super::embedded::Embedded;
use crate::runtime;
use crate::runtime::plan::preflight::{Asked, CertificateFacts, Start, preflight};
use crate::{Report, Span};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The machine that this runs on, and what is asked of it.
#[derive(Clone, Debug)]
pub(crate) struct ThisMachine {
    machine: Arc<runtime::ThisMachine>,
    expires_within: Option<Duration>,
}

impl ThisMachine {
    pub(crate) fn new(days: Option<u16>) -> Self {
        let expires_within = days.map(|days| DAY * u32::from(days));
        Self { machine: Arc::default(), expires_within }
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
