//! What is known of one text: its findings and its descriptions.

use std::cell::OnceCell;
use std::ops::Range;

use lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString};

use super::configuration;
use super::document::{Document, Encoding};
use crate::check::{Checked, Checker, Descriptions, Finding, is_configuration};
use strports_syntax::Severity;

/// The name of the source of diagnostics.
pub(super) const SOURCE: &str = "strports";

/// What one version of a text holds.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    pub(super) findings: Vec<Finding>,
    /// The check that has found them, if the format of the file is known.
    pub(super) checked: Option<Checked>,
    /// Once they are asked for; `None` where the format is not known.
    descriptions: OnceCell<Option<Descriptions>>,
    /// What is wrong with the file as a whole, with its place.
    mistakes: Vec<(Range<usize>, String)>,
}

impl Analysis {
    pub(super) fn new(checker: &Checker, document: &Document) -> Self {
        if is_configuration(&document.path) {
            let mistakes = configuration::mistake(document).into_iter().collect();
            return Self { mistakes, ..Self::default() };
        }
        let text = document.text().as_bytes();
        match checker.check_text(&document.path, text) {
            Ok(done) => Self { findings: done.findings(), checked: Some(done), ..Self::default() },
            // Most files that are open are none of ours.
            Err(problem) if problem.is_unknown_format() => Self::default(),
            Err(problem) => {
                let mistakes = vec![(document.line(0), problem.to_string())];
                Self { mistakes, ..Self::default() }
            }
        }
    }

    /// The descriptions of the document, if its format is known.
    pub(super) fn descriptions(
        &self,
        checker: &Checker,
        document: &Document,
    ) -> Option<&Descriptions> {
        let find = || checker.descriptions(&document.path, document.text().as_bytes()).ok();
        self.descriptions.get_or_init(find).as_ref()
    }

    /// The diagnostics in the order of their places.
    pub(super) fn diagnostics(&self, document: &Document, encoding: Encoding) -> Vec<Diagnostic> {
        let findings = self.findings.iter().map(|it| diagnostic(it, document, encoding));
        let mistakes = self.mistakes.iter().map(|(range, message)| Diagnostic {
            range: document.range(range, encoding),
            severity: Some(DiagnosticSeverity::ERROR),
            code: Some(NumberOrString::String("configuration".to_owned())),
            source: Some(SOURCE.to_owned()),
            message: message.clone(),
            ..Diagnostic::default()
        });
        findings.chain(mistakes).collect()
    }
}

/// One finding as the protocol has it.
pub(super) fn diagnostic(finding: &Finding, document: &Document, encoding: Encoding) -> Diagnostic {
    let message = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    Diagnostic {
        range: document.range(&finding.range, encoding),
        severity: Some(match finding.severity() {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(finding.rule.slug().to_owned())),
        source: Some(SOURCE.to_owned()),
        message,
        ..Diagnostic::default()
    }
}
