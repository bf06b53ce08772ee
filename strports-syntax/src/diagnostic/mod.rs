//! Findings: a code, a place, a message, and often a fix.

mod fix;
pub(crate) mod pages;

use alloc::string::{String, ToString};

pub use fix::{Fix, apply};

use crate::{Code, Error, Severity, Span};

/// One finding: an error, or a lint.
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
    /// The stable name of the finding.
    pub code: Code,
    /// The place in the original text.
    pub span: Span,
    /// One clause: what was expected, and what was found.
    pub message: String,
    /// Advice on how to correct it.
    pub help: Option<String>,
    /// The correction as a replacement of text.
    pub fix: Option<Fix>,
    /// The lint that explains the error. Its page has more detail than that of the error.
    pub explained_by: Option<Code>,
    /// The advice for programs that support the extensions; see
    /// [`Report::advise_extensions`](crate::Report::advise_extensions).
    pub(crate) help_with_extensions: Option<String>,
}

impl Diagnostic {
    /// Creates a lint at `span`.
    ///
    /// For checks that use more than the text; [`Report::add`](crate::Report::add) takes them.
    pub fn lint(code: Code, span: Span, message: String) -> Self {
        let (help, fix, explained_by, help_with_extensions) = (None, None, None, None);
        Self { code, span, message, help, fix, explained_by, help_with_extensions }
    }

    /// Sets the advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the advice for programs that support the extensions.
    #[must_use]
    pub(crate) fn with_help_with_extensions(mut self, help: impl Into<String>) -> Self {
        self.help_with_extensions = Some(help.into());
        self
    }

    /// Sets the fix.
    #[must_use]
    pub(crate) fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The severity of the code.
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
