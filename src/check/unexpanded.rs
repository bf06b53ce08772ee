//! `unexpanded-variable` and `cut-off`: variables that stay text, and descriptions that a pager cut
//! off.

use super::embedded::{Embedded, Expander};
use super::finding::{FileFix, FileText, Finding};
use super::rules::{LinterRule, Rule};

impl Expander {
    /// The reason why a variable stays text.
    const fn why(self) -> &'static str {
        match self {
            Self::Docker => "the exec form starts no shell",
            Self::Systemd => "inside a word, systemd expands `${NAME}` alone",
            Self::SystemdEnvironment => "`Environment=` expands no variables",
            Self::Supervisor => "supervisord starts no shell",
            Self::Kubernetes => "Kubernetes starts no shell",
        }
    }

    /// The syntax with which the variable would be expanded; `None` if no syntax is.
    fn written(self, name: &str) -> Option<String> {
        match self {
            Self::Docker | Self::SystemdEnvironment => None,
            Self::Systemd => Some(format!("${{{name}}}")),
            Self::Supervisor => Some(format!("%(ENV_{name})s")),
            Self::Kubernetes => Some(format!("$({name})")),
        }
    }

    fn help(self, name: &str) -> String {
        match (self.written(name), self) {
            (Some(written), _) => format!("write `{written}`"),
            (None, Self::SystemdEnvironment) => "write the value itself".into(),
            (None, _) => {
                "use the shell form, such as `CMD exec daphne …`, in which it is expanded".into()
            }
        }
    }
}

/// The findings for the unexpanded variables of a description.
pub(super) fn findings(embedded: &Embedded, file: &FileText<'_>) -> Vec<Finding> {
    let each = embedded.unexpanded().map(|(range, expander)| {
        let text = String::from_utf8_lossy(file.text.get(range.clone()).unwrap_or_default());
        let name = text.trim_start_matches(['$', '{']).trim_end_matches('}');
        let message = format!("`{text}` stays as it is: {}", expander.why());
        let rule = Rule::Linter(LinterRule::UnexpandedVariable);
        let mut finding = Finding::new(file, range.clone(), rule, message);
        finding.help = Some(expander.help(name));
        finding.description = Some(String::from_utf8_lossy(embedded.text()).into());
        finding.role = embedded.role;
        let written = expander.written(name);
        finding.fix = written.map(|it| FileFix::new(file, range, it.into_bytes(), true));
        finding
    });
    each.collect()
}

/// The finding for a description that was cut off by a pager or an editor. `None` if it does not
/// end with the mark that they write.
pub(super) fn cut_off(embedded: &Embedded, file: &FileText<'_>) -> Option<Finding> {
    let text = embedded.text();
    let mark = ["\u{2026}", ">"].into_iter().find(|mark| text.ends_with(mark.as_bytes()))?;
    let before = text.len() - mark.len();
    if mark == ">" && !matches!(text[..before].last(), Some(b':' | b'=')) {
        return None;
    }
    let span = strports_syntax::Span::new(before, text.len());
    let message = format!("the description looks as if it was cut off at `{mark}`");
    let rule = Rule::Linter(LinterRule::CutOff);
    let mut finding = Finding::new(file, embedded.locate(span), rule, message);
    finding.help = Some("write what the pager or the editor left out".into());
    finding.description = Some(String::from_utf8_lossy(text).into());
    finding.role = embedded.role;
    Some(finding)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::check::{Checker, Fixes, Options};

    /// The codes of a file's findings, and the file with its fixes.
    #[track_caller]
    fn fixed(name: &str, text: &str) -> (Vec<&'static str>, String) {
        let checker = Checker::new(Options::default());
        let mut found = checker.check_text(Path::new(name), text.as_bytes()).unwrap();
        let codes = found.findings().iter().map(|it| it.rule.slug()).collect();
        let fixed = found.fix(Fixes::Safe).unwrap();
        let fixed = fixed.first().map_or(text.into(), |it| String::from_utf8_lossy(it.text()));
        (codes, fixed.into_owned())
    }

    #[test]
    fn variables_without_a_shell_are_reported() {
        for (name, text, from, to) in [
            ("a.service", "[Service]\nExecStart=daphne -e tcp:$PORT a\n", "$PORT", "${PORT}"),
            (
                "supervisord.conf",
                "[program:d]\ncommand=daphne -e tcp:$PORT:interface=a b\n",
                "$PORT",
                "%(ENV_PORT)s",
            ),
            (
                "pod.yaml",
                "kind: Pod\nspec:\n  containers:\n  - command: [\"daphne\", \"-e\", \"tcp:$PORT\"]\n",
                "$PORT",
                "$(PORT)",
            ),
            ("Dockerfile", "FROM x\nCMD [\"daphne\", \"-e\", \"tcp:${PORT}:a=b\"]\n", "", ""),
            (
                "a.service",
                "[Service]\nEnvironment=COWRIE_SSH_LISTEN_ENDPOINTS=tcp:${PORT}:a=b\n",
                "",
                "",
            ),
        ] {
            let (codes, fixed) = fixed(name, text);
            assert!(codes.contains(&"unexpanded-variable"), "{name}: {codes:?}");
            assert_eq!(fixed, text.replacen(from, to, 1), "{name}");
        }
    }

    #[test]
    fn expanded_variables_are_not_reported() {
        for (name, text) in [
            ("a.service", "[Service]\nExecStart=daphne -e $E -e tcp:${PORT} a\n"),
            ("a.service", "[Service]\nExecStart=/bin/sh -c 'daphne -e tcp:$PORT a'\n"),
            ("a.service", "[Service]\nEnvironment=COWRIE_SSH_LISTEN_ENDPOINTS=unix:/a$/b\n"),
            ("Dockerfile", "FROM x\nCMD daphne -e tcp:$PORT a\n"),
            ("Dockerfile", "FROM x\nCMD [\"sh\", \"-c\", \"daphne -e tcp:$PORT\"]\n"),
            (
                "Dockerfile",
                "FROM x\nENTRYPOINT [\"/run.sh\"]\nCMD [\"daphne\", \"-e\", \"tcp:$PORT\"]\n",
            ),
            ("supervisord.conf", "[program:d]\ncommand=bash -c \"daphne -e tcp:$PORT a\"\n"),
            ("compose.yml", "services:\n  a:\n    command: [daphne, -e, \"tcp:$PORT\"]\n"),
            ("pod.yaml", "spec:\n  containers:\n  - command: [daphne, -e, \"tcp:$(PORT)\"]\n"),
            ("pod.yaml", "spec:\n  containers:\n  - command: [sh, -c, \"daphne -e tcp:$PORT\"]\n"),
        ] {
            assert_eq!(fixed(name, text), (Vec::new(), text.to_owned()), "{name}");
        }
    }

    #[test]
    fn truncated_values_are_reported() {
        let unit =
            |text: &str| format!("[Service]\nExecStart=/v/bin/daphne -e {text}\nRestart=no\n");
        assert!(fixed("a.service", &unit("ssl:8000:>")).0.contains(&"cut-off"));
        assert!(
            fixed("a.service", &unit("ssl:8000:privateKey=/etc/l\u{2026}")).0.contains(&"cut-off")
        );
        assert!(!fixed("a.service", &unit("unix:/a>")).0.contains(&"cut-off"));
    }
}
