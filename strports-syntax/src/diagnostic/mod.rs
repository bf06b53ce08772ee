//! Findings of a check: each has a code, a span, a message, and often a fix.

mod fix;
pub(crate) mod pages;

use alloc::string::{String, ToString};

pub use fix::{Fix, apply};

use crate::{Code, Error, Severity, Span};

/// One finding of a check: an error, which makes the text invalid, or a lint.
///
/// [`check`](crate::check()) returns one for every error and lint of a description.
///
/// ```
/// use strports_syntax::{Code, Role, Severity, check};
/// let report = check("unix:/run/a:mode=666", Role::Server);
/// let [finding] = report.diagnostics() else { unreachable!() };
/// assert_eq!(finding.code, Code::WorldWritableSocket);
/// assert_eq!(finding.severity(), Severity::Warning);
/// assert_eq!(finding.span.slice(report.text()), b"mode=666");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Which error or lint this is.
    pub code: Code,
    /// The bytes of the checked text that the finding is about; empty if something is missing
    /// there.
    pub span: Span,
    /// The message in one clause: what was expected, and what was found.
    pub message: String,
    /// Advice on how to correct the text; `None` if the message or the fix says it.
    pub help: Option<String>,
    /// The correction as a replacement of text; `None` if none is known.
    pub fix: Option<Fix>,
    /// The lint whose explanation replaced that of this error. Its page has more detail than that
    /// of `code`. `None` if no lint explains the error.
    pub explained_by: Option<Code>,
    /// The help for programs that support the extensions; see
    /// [`Report::advise_extensions`](crate::Report::advise_extensions).
    pub(crate) help_with_extensions: Option<String>,
}

impl Diagnostic {
    /// Creates a finding with the given code, place and message, without help or a fix.
    ///
    /// It is meant for checks that use more than the text, such as files;
    /// [`Report::add`](crate::Report::add) takes their findings.
    pub fn lint(code: Code, span: Span, message: String) -> Self {
        let (help, fix, explained_by, help_with_extensions) = (None, None, None, None);
        Self { code, span, message, help, fix, explained_by, help_with_extensions }
    }

    /// Sets [`help`](Self::help), the advice on how to correct the text.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the help that replaces `help` for programs that support the extensions.
    #[must_use]
    pub(crate) fn with_help_with_extensions(mut self, help: impl Into<String>) -> Self {
        self.help_with_extensions = Some(help.into());
        self
    }

    /// Sets [`fix`](Self::fix), the correction.
    #[must_use]
    pub(crate) fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The severity of the finding, which its code determines.
    pub const fn severity(&self) -> Severity {
        self.code.severity()
    }
}

impl From<Error> for Diagnostic {
    fn from(error: Error) -> Self {
        Self {
            code: error.code(),
            span: error.span(),
            message: error.to_string(),
            help: None,
            fix: None,
            explained_by: None,
            help_with_extensions: None,
        }
    }
}
