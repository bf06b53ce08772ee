//! `bytes-description`: descriptions that are passed to Twisted as `bytes`.

use super::embedded::Embedded;
use super::finding::{FileFix, FileText, Finding};
use super::judge::Verdict;
use super::rules::{LinterRule, Rule};
use strports_syntax::Types;

/// The finding for a description that is `bytes`, if Twisted rejects it on Python 3. `None` for a
/// `str`, an invalid description, and the types that accept `bytes`.
pub(super) fn finding(
    embedded: &Embedded,
    verdict: &Verdict,
    types: Types<'_>,
    file: &FileText<'_>,
) -> Option<Finding> {
    let bytes = embedded.bytes.as_ref()?;
    let (first, last) = (*bytes.letters.first()?, *bytes.letters.last()?);
    // The error of an invalid description is more important, and may be the only mistake.
    if !verdict.is_ok || types.takes_bytes(embedded.text(), verdict.role) {
        return None;
    }
    let message = "Twisted refuses this description as `bytes` on Python 3".to_owned();
    let range = first..embedded.whole().end.max(first);
    let mut finding =
        Finding::new(file, range, Rule::Linter(LinterRule::BytesDescription), message);
    finding.help = Some("write a `str`: leave out the `b` of the literal".into());
    finding.description = Some(String::from_utf8_lossy(embedded.text()).into());
    finding.role = Some(verdict.role);
    if bytes.fixable {
        // The source from the first prefix `b` to the last one, without these letters.
        let between = (first..=last).filter(|at| !bytes.letters.contains(at));
        let replacement = between.filter_map(|at| file.text.get(at).copied()).collect();
        finding.fix = Some(FileFix::new(file, first..last + 1, replacement, bytes.certain));
    }
    Some(finding)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::check::{Checker, Options};

    /// The findings in a program: the text at the place, and the program with the fix applied.
    fn found(program: &str) -> Vec<(String, Option<(String, bool)>)> {
        let checked = Checker::new(Options::default())
            .check_text(Path::new("a.py"), program.as_bytes())
            .unwrap();
        let of_rule = |it: &Finding| it.rule == Rule::Linter(LinterRule::BytesDescription);
        let findings = checked.findings().into_iter().filter(of_rule);
        findings
            .map(|it| {
                let fixed = it.fix.map(|fix| {
                    let mut fixed = program.as_bytes().to_vec();
                    fixed.splice(fix.range, fix.replacement);
                    (String::from_utf8(fixed).unwrap(), fix.safe)
                });
                (program[it.range].to_owned(), fixed)
            })
            .collect()
    }

    #[track_caller]
    fn fixed(program: &str, expected: &str, safe: bool) {
        let found = found(program);
        assert_eq!(found.len(), 1, "{program}: {found:?}");
        assert_eq!(found[0].1, Some((expected.to_owned(), safe)), "{program}");
    }

    #[test]
    fn the_fix_removes_the_letter_b() {
        assert_eq!(found("serverFromString(r, b'tcp:80')")[0].0, "b'tcp:80");
        fixed("serverFromString(r, b'tcp:80')", "serverFromString(r, 'tcp:80')", true);
        fixed("clientFromString(r, Rb'tcp:h:80')", "clientFromString(r, R'tcp:h:80')", true);
        fixed(
            r"serverFromString(r, b'unix:/a' b':mode=660')",
            r"serverFromString(r, 'unix:/a' ':mode=660')",
            true,
        );
        fixed("strports.service(b'tcp:80', f)", "strports.service('tcp:80', f)", true);
        fixed(
            "serverFromString(r, b'haproxy:tcp6:80')",
            "serverFromString(r, 'haproxy:tcp6:80')",
            true,
        );
    }

    #[test]
    fn shared_bytes_literals_get_a_suggestion() {
        fixed(
            "serverFromString(r, b'tcp:%d' % port)",
            "serverFromString(r, 'tcp:%d' % port)",
            false,
        );
        fixed(
            "where = b'tcp:80'\nserverFromString(r, where)",
            "where = 'tcp:80'\nserverFromString(r, where)",
            false,
        );
    }

    #[test]
    fn a_literal_that_would_change_has_no_fix() {
        for literal in [r"b'unix:/\xff'", r"b'unix:/\\u0041\u0041'"] {
            let found = found(&format!("serverFromString(r, {literal})"));
            assert!(matches!(&found[..], [(_, None)]), "{literal}: {found:?}");
        }
    }

    #[test]
    fn types_that_accept_bytes_have_no_finding() {
        for program in [
            "serverFromString(r, b'tcp6:80')",
            "serverFromString(r, b'stdio:')",
            "serverFromString(r, b'tls:/certs')",
            "clientFromString(r, b'tls:h:443')",
            "serverFromString(r, 'tcp:80')",
            "serverFromString(r, b'tcp:80'.decode())",
            "serverFromString(r, nativeString(b'tcp:80'))",
        ] {
            assert_eq!(found(program), [], "{program}");
        }
        assert_eq!(found(r"clientFromString(r, b'tls:h:443:endpoint=tcp\:i\:1')").len(), 1);
    }
}
