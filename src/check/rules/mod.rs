//! The rules about single descriptions, and the linter's own rules, whose pages are in one file
//! each.

mod bytes_description;
mod cut_off;
mod malformed_ignore;
mod page;
mod path_conflict;
mod port_conflict;
mod transport_mismatch;
mod unexpanded_variable;
mod unused_ignore;

use page::Page;

use strports_syntax::{Code, Severity, Text};

/// A rule of the linter. It displays as its code, such as `multiple-values`.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// A rule for a single description.
    Language(Code),
    /// A rule for several descriptions, or for the file around them.
    Linter(LinterRule),
}

/// A rule about several descriptions, or about the text around a description.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LinterRule {
    /// Two listeners on one port.
    PortConflict,
    /// Two listeners on one UNIX socket.
    PathConflict,
    /// A client with TLS on a port whose listeners do not use TLS, or the reverse.
    TransportMismatch,
    /// A comment that ignores a code although there is no finding with it.
    UnusedIgnore,
    /// A description that a Python program passes as `bytes`.
    BytesDescription,
    /// A variable in a place where no shell expands it.
    UnexpandedVariable,
    /// A description that was cut off when it was copied.
    CutOff,
    /// A comment that looks as if it ignored a finding.
    MalformedIgnore,
}

impl LinterRule {
    const ALL: &'static [Self] = &[
        Self::PortConflict,
        Self::PathConflict,
        Self::TransportMismatch,
        Self::UnusedIgnore,
        Self::BytesDescription,
        Self::UnexpandedVariable,
        Self::CutOff,
        Self::MalformedIgnore,
    ];

    const fn page(self) -> &'static Page {
        match self {
            Self::PortConflict => &port_conflict::PAGE,
            Self::PathConflict => &path_conflict::PAGE,
            Self::TransportMismatch => &transport_mismatch::PAGE,
            Self::UnusedIgnore => &unused_ignore::PAGE,
            Self::BytesDescription => &bytes_description::PAGE,
            Self::UnexpandedVariable => &unexpanded_variable::PAGE,
            Self::CutOff => &cut_off::PAGE,
            Self::MalformedIgnore => &malformed_ignore::PAGE,
        }
    }
}

impl Rule {
    /// All rules: errors of the language, its lints, and the linter's own rules.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        let language = Code::ALL.iter().copied().map(Self::Language);
        language.chain(LinterRule::ALL.iter().copied().map(Self::Linter))
    }

    /// Finds the rule with this code; `None` if there is none.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::all().find(|rule| rule.slug() == slug)
    }

    /// The rule with the most similar code; `None` if none is similar enough to suggest it.
    pub fn most_similar(slug: &str) -> Option<Self> {
        let slug = slug.to_ascii_lowercase().replace('_', "-");
        let nearest = || Text::plain(&*slug).most_similar(Self::all().map(Self::slug));
        Self::from_slug(&slug).or_else(|| Self::from_slug(nearest()?))
    }

    /// The code of the rule, such as `multiple-values`, as in reports and ignore comments.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Language(code) => code.slug(),
            Self::Linter(rule) => rule.page().slug,
        }
    }

    /// The severity of the rule's findings.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Language(code) => code.severity(),
            Self::Linter(rule) => rule.page().severity,
        }
    }

    /// The mistake that the rule finds, in one clause.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Language(code) => code.summary(),
            Self::Linter(rule) => rule.page().summary,
        }
    }

    /// Whether the rule needs access to a machine; see [`Preflight`](super::Preflight).
    pub const fn needs_machine(self) -> bool {
        match self {
            Self::Language(code) => code.needs_machine(),
            Self::Linter(_) => false,
        }
    }

    /// Whether the rule is reported only if a configuration or an option selects it.
    pub const fn is_opt_in(self) -> bool {
        matches!(self, Self::Language(Code::NeedsPlugin))
    }

    /// The page on the rule: what it finds, the reason, an example, the correction, and a
    /// reference.
    pub fn page(self) -> &'static str {
        match self {
            Self::Language(code) => code.page(),
            Self::Linter(rule) => rule.page().doc,
        }
    }
}

impl From<Code> for Rule {
    fn from(code: Code) -> Self {
        Self::Language(code)
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.slug())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::check::{Checker, Options};

    /// The rules violated by a list of descriptions, a Python program, or a systemd unit.
    fn broken(text: &str) -> Vec<Rule> {
        let it = Checker::new(Options::default());
        let checked = if text.contains("FromString") {
            it.check_text(Path::new("a.py"), text.trim_ascii().as_bytes()).unwrap()
        } else if text.contains("ExecStart") {
            let lines: Vec<_> = text.lines().map(str::trim).collect();
            it.check_text(Path::new("a.service"), lines.join("\n").as_bytes()).unwrap()
        } else {
            it.check_list(text.as_bytes()).unwrap()
        };
        checked.findings().iter().map(|finding| finding.rule).collect()
    }

    /// The first example of a page violates its rule, and the second one does not.
    #[test]
    fn examples_of_the_pages_are_correct() {
        for rule in LinterRule::ALL {
            let doc = rule.page().doc;
            let blocks: Vec<_> = doc.split("\n\n").filter(|it| it.starts_with("    ")).collect();
            let [wrong, right] = blocks[..] else { panic!("{doc}") };
            assert!(broken(wrong).contains(&Rule::Linter(*rule)), "{wrong}");
            assert!(!broken(right).contains(&Rule::Linter(*rule)), "{right}");
        }
    }

    #[test]
    fn every_page_has_a_reference() {
        for rule in Rule::all() {
            assert!(rule.page().contains("\nReference: "), "{rule}");
        }
    }

    #[test]
    fn rule_names_are_unique() {
        for rule in Rule::all() {
            assert_eq!(Rule::from_slug(rule.slug()), Some(rule));
            assert_eq!(Rule::most_similar(&rule.slug().to_uppercase()), Some(rule));
        }
        let most_similar = |slug| Rule::most_similar(slug).map(Rule::slug);
        assert_eq!(most_similar("unescaped_ipv6"), Some("unescaped-ipv6"));
        assert_eq!(most_similar("mulitple-values"), Some("multiple-values"));
        assert_eq!(most_similar("x"), None);
    }
}
