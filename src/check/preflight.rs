//! Rules that look at a machine: whether it has the files that descriptions name.
//!
//! The linter itself opens none of these files. It asks a [`Machine`], which the caller provides:
//! `endpoint_runtime::ThisMachine` with its feature `tls`, or one of the caller's own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::embedded::Embedded;
use endpoint_runtime::plan::preflight::{Asked, CertificateFacts, Machine, Start, preflight};
use strports_syntax::{Report, Span};

/// A machine to look at, and what to report of its certificates.
#[derive(Clone)]
pub struct Preflight {
    machine: Arc<dyn Machine + Send + Sync>,
    expires_within: Option<Duration>,
}

impl Preflight {
    /// Checks descriptions against `machine`.
    pub fn new(machine: Arc<dyn Machine + Send + Sync>) -> Self {
        Self { machine, expires_within: None }
    }

    /// Reports certificates that expire within this time, in place of 14 days or a quarter of the
    /// time for which they were issued.
    #[must_use]
    pub fn with_expiry(self, expires_within: Duration) -> Self {
        Self { expires_within: Some(expires_within), ..self }
    }

    /// Adds what the machine lacks to the report on one description, whose relative paths start in
    /// the working directory.
    pub fn check(&self, report: &mut Report<'_>) {
        self.ask(report, Vec::new(), Start::Here);
    }

    /// The same for a description in a file. Returns the certificates that a server shows, if they
    /// are known.
    pub(super) fn check_embedded(
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

impl fmt::Debug for Preflight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine: _, expires_within } = self;
        f.debug_struct("Preflight").field("expires_within", expires_within).finish_non_exhaustive()
    }
}
