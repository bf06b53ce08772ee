//! The results of `test`, for people and for programs.

pub(in crate::cli) mod human;
pub(in crate::cli) mod json;

use std::time::Duration;

use crate::runtime::Error;
use crate::runtime::probe::Probe;
use strports_syntax::Report;

/// A description that was tested.
pub(in crate::cli) struct Tested<'a> {
    /// The text, without the values of `env=`.
    pub(in crate::cli) description: Vec<u8>,
    pub(in crate::cli) report: Report<'a>,
    /// Whether the description also fits the other role.
    pub(in crate::cli) both: bool,
    /// The probe; `None` if the description cannot be run.
    pub(in crate::cli) probe: Option<Probe>,
    /// Why a valid description is not tried: its type belongs to a Python package.
    pub(in crate::cli) not_tried: Option<String>,
    /// Why a description without errors cannot be run.
    pub(in crate::cli) refused: Option<Error>,
    /// The time for parsing the description.
    pub(in crate::cli) read: Duration,
    /// The total time.
    pub(in crate::cli) took: Duration,
}

impl Tested<'_> {
    /// Whether every step succeeded; `None` if none was tried.
    pub(in crate::cli) fn is_ok(&self) -> Option<bool> {
        match &self.not_tried {
            Some(_) => None,
            None => Some(self.probe.as_ref().is_some_and(Probe::is_ok)),
        }
    }

    /// Why the description cannot be run.
    fn parse_error(&self) -> Option<String> {
        if let Some(error) = &self.refused {
            return Some(error.problem().to_string());
        }
        let mut errors = self.report.diagnostics().iter();
        let error = errors.find(|it| it.severity() == strports_syntax::Severity::Error);
        error.map(|it| it.message.clone())
    }
}
