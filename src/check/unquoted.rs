//! Finds backslashes that a shell removes before the program reads the description.

use super::embedded::Embedded;
use super::finding::{FileFix, FileText, Finding};
use super::judge;
use super::rules::Rule;
use strports_syntax::{Diagnostic, Report, Severity, Types};

/// The description with the backslashes that the shell removes, and the finding about their loss.
///
/// `None` unless the backslashes would make the description valid, or reduce its errors.
pub(super) fn finding(
    embedded: &Embedded,
    types: Types<'static>,
    file: &FileText<'_>,
) -> Option<(Embedded, Finding)> {
    let (lost, meant) = embedded.without_escapes(file.text, b":")?;
    let (start, end) = (lost.first()?.start, lost.last()?.end);
    let report = judge::report(embedded, types);
    let is_error = |it: &&Diagnostic| it.code.severity() == Severity::Error;
    let first = report.diagnostics().iter().find(is_error)?;
    let errors = |report: &Report<'_>| report.diagnostics().iter().filter(is_error).count();
    if errors(&judge::report(&meant, types)) >= errors(&report) {
        return None;
    }
    let message = "the shell removes the backslash: quote the argument".to_owned();
    let mut finding = Finding::new(file, start..end, Rule::Language(first.code), message);
    finding.description = Some(String::from_utf8_lossy(report.text()).into());
    finding.role = Some(report.role());
    finding.fix = quoted(embedded, file).or_else(|| {
        let mut replacement = Vec::new();
        let mut at = start;
        for range in lost {
            replacement.extend_from_slice(&file.text[at..range.start]);
            replacement.extend(embedded.quote_at(range.start, br"\:")?);
            at = range.end;
        }
        Some(FileFix::new(file, start..end, replacement, true))
    });
    Some((meant, finding))
}

/// The fix that puts the argument in double quotes. `None` if a shell does not read the file
/// directly, or if quotes would change the meaning of other characters.
fn quoted(embedded: &Embedded, file: &FileText<'_>) -> Option<FileFix> {
    let range = embedded.whole();
    let text = file.text.get(range.clone()).filter(|_| embedded.is_quoted_once())?;
    let mut pairs = text.iter().zip(text.iter().skip(1).chain([&b' ']));
    // In double quotes, a backslash stays before a colon, but not before the other characters here.
    let fits = pairs.all(|(byte, next)| match byte {
        b'\\' => *next == b':',
        b'"' | b'\'' | b'!' | b'`' => false,
        byte => byte.is_ascii_graphic(),
    });
    let replacement = [b"\"", text, b"\""].concat();
    fits.then(|| FileFix::new(file, range, replacement, true))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::check::{Checker, Fixes, Options};

    /// The messages about a file, and the file with its fixes.
    #[track_caller]
    fn fixed(name: &str, text: &str) -> (Vec<String>, String) {
        let checker = Checker::new(Options::default());
        let mut found = checker.check_text(Path::new(name), text.as_bytes()).unwrap();
        let messages = found.findings().into_iter().map(|it| it.message).collect();
        let fixed = found.fix(Fixes::Safe).unwrap();
        let fixed = fixed.first().map_or(text.into(), |it| String::from_utf8_lossy(it.text()));
        (messages, fixed.into_owned())
    }

    #[test]
    fn the_fix_quotes_the_argument() {
        let said = ["the shell removes the backslash: quote the argument"];
        for (line, wanted) in [
            (r"daphne -e tcp6:80:interface=\:\: x", r#"daphne -e "tcp6:80:interface=\:\:" x"#),
            (
                r"tahoe create-node --port=tcp:interface=\:\:1:3456",
                r#"tahoe create-node --port="tcp:interface=\:\:1:3456""#,
            ),
            (r"daphne -e tcp6:$P:interface=\:\:1", r#"daphne -e "tcp6:$P:interface=\:\:1""#),
            (r"daphne -e 'tcp6:80':interface=\:\:1", r"daphne -e 'tcp6:80':interface=\\:\\:1"),
            (
                r"bash -c 'daphne -e tcp6:80:interface=\:\:1'",
                r"bash -c 'daphne -e tcp6:80:interface=\\:\\:1'",
            ),
        ] {
            let (messages, fixed) = fixed("a.sh", line);
            assert_eq!((messages, fixed.as_str()), (said.map(str::to_owned).to_vec(), wanted));
        }
        let json = r#"{"scripts": {"start": "daphne -e tcp6:80:interface=\\:\\:1"}}"#;
        let (messages, fixed) = fixed("package.json", json);
        assert_eq!(messages, said);
        assert_eq!(fixed, json.replace(r"\\:", r"\\\\:"));
    }

    #[test]
    fn correct_backslashes_are_not_reported() {
        for line in [r#"daphne -e "tcp6:80:interface=\:\:""#, r"daphne -e tcp6:80:interface=\\:\\:"]
        {
            assert_eq!(fixed("a.sh", line), (Vec::new(), line.to_owned()));
        }
        let (messages, _) = fixed("a.sh", r"daphne -e tcp\:x");
        assert!(messages.iter().all(|it| !it.contains("shell")), "{messages:?}");
    }
}
