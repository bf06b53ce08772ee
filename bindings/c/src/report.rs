//! A report of `check` as a handle.

use core::ffi::c_char;
use core::ptr;

use strports_syntax::{Diagnostic, Fix, check};

use crate::role::{Role, role};
use crate::text::{OwnedText, Status, Text, borrow, free, read, status, write};

/// The findings of one description; freed by `strports_report_free`.
#[derive(Debug)]
pub struct Report {
    is_ok: bool,
    findings: Vec<OwnedFinding>,
    more: usize,
    canonical: Option<OwnedText>,
    corrected: Option<OwnedText>,
}

/// The severity of a finding.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(non_camel_case_types, reason = "the names that C sees")]
pub enum Severity {
    /// A matter of style or portability.
    STRPORTS_INFO = 0,
    /// Valid, but probably a mistake.
    STRPORTS_WARNING = 1,
    /// An error: the text is not a valid description.
    STRPORTS_ERROR = 2,
}

/// Part of a text: from `start` up to, but not including, `end`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The offset of the first unit.
    pub start: usize,
    /// The offset after the last unit.
    pub end: usize,
}

/// One place in three units.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Places {
    /// Counted in bytes.
    pub bytes: Span,
    /// Counted in characters; bytes that are not UTF-8 count as their replacements U+FFFD.
    pub chars: Span,
    /// Counted in UTF-16 code units, as editors do.
    pub utf16: Span,
}

/// One finding, lent by its report.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The stable name of the finding, such as "unescaped-ipv6".
    pub code: Text,
    /// The severity.
    pub severity: Severity,
    /// The place in the checked text.
    pub place: Places,
    /// One clause of UTF-8: what was expected, and what was found.
    pub message: Text,
    /// Advice, if there is any.
    pub help: Text,
    /// The suggested replacement, if there is one; the empty text removes the range.
    pub replacement: Text,
    /// The range that the replacement replaces.
    pub replaced: Places,
    /// Whether the replacement is certain to keep the intended meaning.
    pub is_safe: bool,
}

#[derive(Debug)]
struct OwnedFinding {
    code: OwnedText,
    severity: Severity,
    place: Places,
    message: OwnedText,
    help: Option<OwnedText>,
    fix: Option<OwnedFix>,
}

#[derive(Debug)]
struct OwnedFix {
    replacement: OwnedText,
    replaced: Places,
    is_safe: bool,
}

impl Report {
    pub(crate) fn new(text: &[u8], role: strports_syntax::Role) -> Self {
        let report = check(text, role);
        Self {
            is_ok: report.is_ok(),
            findings: report.diagnostics().iter().map(|it| OwnedFinding::new(text, it)).collect(),
            more: report.more(),
            canonical: report.canonical().map(OwnedText::new),
            corrected: report.corrected().map(OwnedText::new),
        }
    }
}

impl OwnedFinding {
    fn new(text: &[u8], diagnostic: &Diagnostic) -> Self {
        Self {
            code: OwnedText::new(diagnostic.code.slug()),
            severity: match diagnostic.severity() {
                strports_syntax::Severity::Info => Severity::STRPORTS_INFO,
                strports_syntax::Severity::Warning => Severity::STRPORTS_WARNING,
                strports_syntax::Severity::Error => Severity::STRPORTS_ERROR,
            },
            place: Places::new(text, diagnostic.span),
            message: OwnedText::new(diagnostic.message.as_str()),
            help: diagnostic.help.as_deref().map(OwnedText::new),
            fix: diagnostic.fix.as_ref().map(|fix| OwnedFix::new(text, fix)),
        }
    }

    fn lend(&self) -> Finding {
        let fix = self.fix.as_ref();
        Finding {
            code: self.code.lend(),
            severity: self.severity,
            place: self.place,
            message: self.message.lend(),
            help: OwnedText::lend_some(self.help.as_ref()),
            replacement: OwnedText::lend_some(fix.map(|fix| &fix.replacement)),
            replaced: fix.map_or(self.place, |fix| fix.replaced),
            is_safe: fix.is_some_and(|fix| fix.is_safe),
        }
    }
}

impl OwnedFix {
    fn new(text: &[u8], fix: &Fix) -> Self {
        Self {
            replacement: OwnedText::new(fix.replacement.as_slice()),
            replaced: Places::new(text, fix.span),
            is_safe: fix.safe,
        }
    }
}

impl Places {
    fn new(text: &[u8], span: strports_syntax::Span) -> Self {
        Self {
            bytes: span.into(),
            chars: span.in_chars(text).into(),
            utf16: span.in_utf16(text).into(),
        }
    }
}

impl From<strports_syntax::Span> for Span {
    fn from(span: strports_syntax::Span) -> Self {
        Self { start: span.start, end: span.end }
    }
}

/// Checks the description of `role` in the `len` bytes at `text`: every error and lint.
///
/// On `STRPORTS_OK`, `*report` is a new report, even if it has errors; otherwise it is NULL.
///
/// # Safety
///
/// `text` points to `len` readable bytes, or is NULL; `report` is writable, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_check(
    role: Role,
    text: *const c_char,
    len: usize,
    report: *mut *mut Report,
) -> Status {
    // SAFETY: the caller's promises are those of `try_check`.
    status(unsafe { try_check(role, text, len, report) })
}

/// # Safety
///
/// As for [`strports_check`].
unsafe fn try_check(
    number: Role,
    text: *const c_char,
    len: usize,
    report: *mut *mut Report,
) -> Result<Status, Status> {
    // SAFETY: the caller ensures that `report` is writable or NULL.
    unsafe { write(report, ptr::null_mut()) }?;
    let role = role(number)?;
    // SAFETY: the caller ensures that the text is readable, until this call returns.
    let text = unsafe { read(text, len) }?;
    let made = Box::into_raw(Box::new(Report::new(text, role)));
    // SAFETY: it was writable above.
    unsafe { write(report, made) }?;
    Ok(Status::STRPORTS_OK)
}

/// Whether the description has no error; false for NULL.
///
/// # Safety
///
/// `report` is a report that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_report_is_ok(report: *const Report) -> bool {
    // SAFETY: the caller ensures that it is a report or NULL.
    unsafe { borrow(report) }.is_some_and(|it| it.is_ok)
}

/// The number of findings, which are ordered by place.
///
/// # Safety
///
/// `report` is a report that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_report_findings(report: *const Report) -> usize {
    // SAFETY: the caller ensures that it is a report or NULL.
    unsafe { borrow(report) }.map_or(0, |it| it.findings.len())
}

/// The number of omitted findings, because there were too many.
///
/// # Safety
///
/// `report` is a report that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_report_more(report: *const Report) -> usize {
    // SAFETY: the caller ensures that it is a report or NULL.
    unsafe { borrow(report) }.map_or(0, |it| it.more)
}

/// Writes one finding to `*finding`; returns false, and writes nothing, if there is none.
///
/// # Safety
///
/// `report` is a report that is not freed, or NULL; `finding` is writable, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_report_finding(
    report: *const Report,
    index: usize,
    finding: *mut Finding,
) -> bool {
    // SAFETY: the caller ensures that it is a report or NULL.
    let found = unsafe { borrow(report) }.and_then(|it| it.findings.get(index));
    // SAFETY: the caller ensures that `finding` is writable or NULL.
    found.is_some_and(|it| unsafe { write(finding, it.lend()) }.is_ok())
}

/// The canonical form; no text if there are errors.
///
/// # Safety
///
/// `report` is a report that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_report_canonical(report: *const Report) -> Text {
    // SAFETY: the caller ensures that it is a report or NULL.
    OwnedText::lend_some(unsafe { borrow(report) }.and_then(|it| it.canonical.as_ref()))
}

/// The text with its safe fixes applied; no text if there are none, or if errors remain.
///
/// # Safety
///
/// `report` is a report that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_report_corrected(report: *const Report) -> Text {
    // SAFETY: the caller ensures that it is a report or NULL.
    OwnedText::lend_some(unsafe { borrow(report) }.and_then(|it| it.corrected.as_ref()))
}

/// Frees a report, and everything that it has lent; NULL is ignored.
///
/// # Safety
///
/// `report` is a report that is not freed, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strports_report_free(report: *mut Report) {
    // SAFETY: reports are made by `Box::into_raw`; the caller ensures the rest.
    unsafe { free(report) }
}
