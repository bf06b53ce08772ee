//! Rules that check whether the files, certificates and keys in descriptions exist and are valid on
//! a machine.
//!
//! The linter itself opens none of these files. It uses a [`Machine`] that the caller provides:
//! `endpoint_runtime::ThisMachine` with its feature `tls`, or another implementation.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::embedded::Embedded;
use endpoint_runtime::plan::preflight::{
    CertificateFacts, Machine, PreflightOptions, Start, preflight,
};
use strports_syntax::{Report, Span};

/// A machine whose files are checked, and when its certificates are reported as about to expire.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone)]
pub struct Preflight {
    machine: Arc<dyn Machine + Send + Sync>,
    expires_within: Option<Duration>,
}

impl Preflight {
    /// Creates a check of the files on `machine`, with the default for certificates that expire
    /// soon.
    pub fn new(machine: Arc<dyn Machine + Send + Sync>) -> Self {
        Self { machine, expires_within: None }
    }

    /// Sets the remaining validity below which certificates are reported. The default is 14 days,
    /// or a quarter of the validity period if that is shorter.
    #[must_use]
    pub fn with_expiry(self, expires_within: Duration) -> Self {
        Self { expires_within: Some(expires_within), ..self }
    }

    /// Adds findings about the machine to the report of a description, whose relative paths start
    /// in the working directory.
    pub fn check(&self, report: &mut Report<'_>) {
        self.ask(report, Vec::new(), Start::Here);
    }

    /// Adds findings about the machine to the report of a description in a file. Returns the
    /// certificates that a server presents; `None` if they are unknown or the program runs
    /// elsewhere.
    pub(super) fn check_embedded(
        &self,
        embedded: &Embedded,
        report: &mut Report<'_>,
    ) -> Option<Vec<CertificateFacts>> {
        let start = embedded.start.clone()?;
        self.ask(report, embedded.holes().collect(), start)
    }

    /// Checks the files that a description names. `unknown` are the spans of its placeholders, and
    /// relative paths begin at `start`.
    fn ask(
        &self,
        report: &mut Report<'_>,
        unknown: Vec<Span>,
        start: Start,
    ) -> Option<Vec<CertificateFacts>> {
        let options = PreflightOptions { unknown, start, expires_within: self.expires_within };
        let found = preflight(report, &options, &*self.machine);
        report.add(found.findings);
        found.presented
    }
}

impl fmt::Debug for Preflight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine: _, expires_within } = self;
        f.debug_struct("Preflight").field("expires_within", expires_within).finish_non_exhaustive()
    }
}
