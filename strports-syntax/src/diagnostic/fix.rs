//! Fixes: replacements of spans that correct a description.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{Excerpt, Span, Text};

/// A correction: replaces a span of the text that was checked.
///
/// ```
/// use strports_syntax::{Fix, Role, Span, check};
/// let report = check("tpc:80", Role::Server);
/// let fix = Fix { span: Span::new(0, 3), replacement: b"tcp".to_vec(), safe: false };
/// assert_eq!(report.fixes().next(), Some(&fix));
/// assert_eq!(report.corrected(), None); // a guess is not applied by itself
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The span of the original text to replace; an empty span inserts text.
    pub span: Span,
    /// The bytes to write in its place; empty to remove the span.
    pub replacement: Vec<u8>,
    /// Whether tools may apply the fix without asking. Otherwise it is a suggestion, which may not
    /// be what was meant.
    pub safe: bool,
}

impl Fix {
    /// Creates a fix that tools may apply without asking.
    pub(crate) fn safe(span: Span, replacement: impl Into<Vec<u8>>) -> Self {
        Self { span, replacement: replacement.into(), safe: true }
    }

    /// The fix in words, such as "write `tcp`" or "perhaps remove it".
    ///
    /// ```
    /// use strports_syntax::{Role, check};
    /// let advice = |text| check(text, Role::Server).fixes().next().map(|fix| fix.advice());
    /// assert_eq!(advice("tpc:80").as_deref(), Some("perhaps write `tcp`"));
    /// assert_eq!(advice("tcp:80\\").as_deref(), Some("remove it"));
    /// ```
    pub fn advice(&self) -> String {
        let perhaps = if self.safe { "" } else { "perhaps " };
        let text = Excerpt::new(Text::plain(&self.replacement));
        match (self.span.is_empty(), self.replacement.is_empty()) {
            (_, true) => format!("{perhaps}remove it"),
            (true, false) => format!("{perhaps}insert {text}"),
            (false, false) => format!("{perhaps}write {text}"),
        }
    }

    /// Creates a fix that a person must confirm.
    pub(crate) fn suggestion(span: Span, replacement: impl Into<Vec<u8>>) -> Self {
        Self { safe: false, ..Self::safe(span, replacement) }
    }
}

/// Returns `text` with `fixes` applied from left to right; skips those that overlap an earlier one.
///
/// ```
/// use strports_syntax::{Role, apply_fixes, check};
/// let report = check("tcp:80:interface=::1", Role::Server);
/// let fixes = report.diagnostics().iter().filter_map(|d| d.fix.as_ref());
/// assert_eq!(apply_fixes(b"tcp:80:interface=::1", fixes), br"tcp:80:interface=\:\:1");
/// ```
pub fn apply<'f>(text: &[u8], fixes: impl IntoIterator<Item = &'f Fix>) -> Vec<u8> {
    let mut fixes: Vec<&Fix> = fixes.into_iter().collect();
    fixes.sort_by_key(|fix| fix.span);
    let mut output = Vec::with_capacity(text.len());
    let mut done = 0;
    for fix in fixes {
        let Some(kept) = text.get(done..fix.span.start) else { continue };
        if fix.span.end > text.len() {
            continue;
        }
        output.extend_from_slice(kept);
        output.extend_from_slice(&fix.replacement);
        done = fix.span.end;
    }
    output.extend_from_slice(text.get(done..).unwrap_or_default());
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_apply_from_left_to_right_without_overlaps() {
        let fixes = [
            Fix::safe(Span::new(4, 5), "Z"),
            Fix::safe(Span::new(0, 2), "xy"),
            Fix::safe(Span::new(1, 3), "lost"),
            Fix::safe(Span::empty(6), "!"),
        ];
        assert_eq!(apply(b"abcdef", &fixes), b"xycdZf!");
    }

    #[test]
    fn a_fix_outside_the_text_is_skipped() {
        assert_eq!(apply(b"ab", &[Fix::safe(Span::new(1, 9), "x")]), b"ab");
    }
}
