//! What the server has found in one version of a document: findings and descriptions.

use std::ops::Range;
use std::sync::Arc;

use lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString};

use super::configuration;
use super::document::{Document, Encoding};
use crate::check::{Checked, Checker, Descriptions, Finding, Memory, is_configuration};
use strports_syntax::Severity;

/// The `source` of each diagnostic, by which an editor shows where it comes from.
pub(super) const SOURCE: &str = "strports";

/// The findings and the descriptions in one version of a document.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    pub(super) findings: Vec<Finding>,
    /// The result of the linter; `None` if the format of the file is unknown.
    pub(super) checked: Option<Checked>,
    /// Errors that are not in a description, such as those of `strports.toml`, each with the byte
    /// range that it marks.
    mistakes: Vec<(Range<usize>, String)>,
}

impl Analysis {
    /// Checks a document. `memory` has the results of its previous version, which are reused for
    /// unchanged descriptions.
    pub(super) fn new(checker: &Checker, document: &Document, memory: &Arc<Memory>) -> Self {
        if is_configuration(&document.path) {
            let mistakes = configuration::mistake(document).into_iter().collect();
            return Self { mistakes, ..Self::default() };
        }
        let text = document.text().as_bytes();
        match checker.check_version(&document.path, text, memory) {
            Ok(done) => Self { findings: done.findings(), checked: Some(done), ..Self::default() },
            // Editors also open files that cannot contain descriptions, which is no error.
            Err(problem) if problem.is_unknown_format() => Self::default(),
            Err(problem) => {
                let mistakes = vec![(document.line(0), problem.to_string())];
                Self { mistakes, ..Self::default() }
            }
        }
    }

    /// Returns the descriptions in the document; `None` if its format is unknown.
    pub(super) fn descriptions(&self) -> Option<Descriptions<'_>> {
        self.checked.as_ref()?.descriptions()
    }

    /// Returns all diagnostics of the document: findings, then other errors.
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

/// Converts a finding to a diagnostic of the Language Server Protocol.
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
