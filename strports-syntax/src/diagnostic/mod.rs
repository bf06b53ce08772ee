//! Findings: a code, a place, a message, and where possible a fix.

mod fix;
pub(crate) mod pages;

use alloc::string::{String, ToString};

pub use fix::{Fix, apply};

use crate::{Code, Error, Severity, Span};

/// One finding: an error, or a lint.
///
/// Made by [`check`](crate::check()), which reports every mistake of a description together.
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
    /// Its stable name.
    pub code: Code,
    /// Where, in the original text.
    pub span: Span,
    /// One clause: what was expected, and what was found.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What to write instead.
    pub fix: Option<Fix>,
    /// The lint that explains the error; its page says more than that of the error.
    pub explained_by: Option<Code>,
    /// What to do about it where an extension is understood; see
    /// [`Report::advise_extensions`](crate::Report::advise_extensions).
    pub(crate) help_with_extensions: Option<String>,
}

impl Diagnostic {
    /// A lint at `span`.
    ///
    /// For checks of more than the text, which [add](crate::Report::add) their findings.
    pub fn lint(code: Code, span: Span, message: String) -> Self {
        let (help, fix, explained_by, help_with_extensions) = (None, None, None, None);
        Self { code, span, message, help, fix, explained_by, help_with_extensions }
    }

    /// Adds a hint that says what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With a hint that only a program with our extensions can follow.
    #[must_use]
    pub(crate) fn with_help_with_extensions(mut self, help: impl Into<String>) -> Self {
        self.help_with_extensions = Some(help.into());
        self
    }

    /// With what to write instead.
    #[must_use]
    pub(crate) fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// How much it weighs.
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
