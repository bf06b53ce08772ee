//! The results of `test`, for people and for programs.

pub(in crate::cli) mod human;
pub(in crate::cli) mod json;

use std::time::Duration;

use crate::runtime::Error;
use crate::runtime::probe::Probe;
use strports_syntax::Report;

/// A description that `test` has tested, and the result.
pub(in crate::cli) struct Tested<'a> {
    /// The description, without the values of `env=`, which may be secrets.
    pub(in crate::cli) description: Vec<u8>,
    pub(in crate::cli) report: Report<'a>,
    /// Whether the description is valid in the other role too, so that its role was a guess.
    pub(in crate::cli) both: bool,
    /// The steps that were run; `None` if the description cannot be run.
    pub(in crate::cli) probe: Option<Probe>,
    /// Why a valid description was not tried: its type belongs to a Python package.
    pub(in crate::cli) not_tried: Option<String>,
    /// Why a description without errors cannot be run; `None` if it can, or if it has errors.
    pub(in crate::cli) refused: Option<Error>,
    /// How long parsing the description took.
    pub(in crate::cli) read: Duration,
    /// How long parsing and all steps took.
    pub(in crate::cli) took: Duration,
}

impl Tested<'_> {
    /// Whether every step succeeded; `None` if the description could not be tried.
    pub(in crate::cli) fn is_ok(&self) -> Option<bool> {
        match &self.not_tried {
            Some(_) => None,
            None => Some(self.probe.as_ref().is_some_and(Probe::is_ok)),
        }
    }

    /// Returns why the description cannot be run; `None` if it can.
    fn parse_error(&self) -> Option<String> {
        if let Some(error) = &self.refused {
            return Some(error.problem().to_string());
        }
        let mut errors = self.report.diagnostics().iter();
        let error = errors.find(|it| it.severity() == strports_syntax::Severity::Error);
        error.map(|it| it.message.clone())
    }
}
