//! The names of findings: those of the language, and those that need more than one description or
//! a file around it, a rule a file.

mod path_conflict;
mod port_conflict;
mod transport_mismatch;
mod unused_ignore;

use crate::{Code, Severity};

/// The name of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// One description tells.
    Language(Code),
    /// It takes a file.
    Linter(Linter),
}

/// The linter's own rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Linter {
    PortConflict,
    PathConflict,
    TransportMismatch,
    UnusedIgnore,
}

/// What there is to say of one of them.
pub(super) struct Page {
    pub(super) slug: &'static str,
    pub(super) severity: Severity,
    pub(super) summary: &'static str,
    /// What, why, an example as a list of descriptions, and what to write instead.
    pub(super) doc: &'static str,
}

impl Linter {
    const ALL: &'static [Self] =
        &[Self::PortConflict, Self::PathConflict, Self::TransportMismatch, Self::UnusedIgnore];

    const fn page(self) -> &'static Page {
        match self {
            Self::PortConflict => &port_conflict::PAGE,
            Self::PathConflict => &path_conflict::PAGE,
            Self::TransportMismatch => &transport_mismatch::PAGE,
            Self::UnusedIgnore => &unused_ignore::PAGE,
        }
    }
}

impl Rule {
    /// Every one: errors of the language, its lints, then the linter's own.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let language = Code::ALL.iter().copied().map(Self::Language);
        language.chain(Linter::ALL.iter().copied().map(Self::Linter))
    }

    /// The one with this name.
    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        Self::all().find(|rule| rule.slug() == slug)
    }

    /// The name that tools see.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::Language(code) => code.slug(),
            Self::Linter(rule) => rule.page().slug,
        }
    }

    /// How much it weighs.
    pub(crate) const fn severity(self) -> Severity {
        match self {
            Self::Language(code) => code.severity(),
            Self::Linter(rule) => rule.page().severity,
        }
    }

    /// What it stands for, in one clause.
    pub(crate) const fn summary(self) -> &'static str {
        match self {
            Self::Language(code) => code.summary(),
            Self::Linter(rule) => rule.page().summary,
        }
    }

    /// Whether it is found on request alone, by looking at files.
    pub(crate) const fn needs_machine(self) -> bool {
        match self {
            Self::Language(code) => code.needs_machine(),
            Self::Linter(_) => false,
        }
    }

    /// What it finds, why, an example, what to write instead, and a reference.
    pub(crate) fn page(self) -> &'static str {
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
    use std::sync::Arc;

    use super::*;
    use crate::check::config::Configurations;
    use crate::check::lints::Wanted;
    use crate::check::source::Format;
    use crate::check::tree::Tree;
    use crate::check::{Options, Target, Twisted};

    /// The rules that a list of descriptions, as it stands in a page, breaks.
    fn broken(list: &str) -> Vec<Rule> {
        let wanted = Wanted { select: None, ignore: Vec::new(), min_severity: Severity::Info };
        let twisted = Twisted { year: 26, month: 10 };
        let options = Options { wanted, role: None, twisted, here: None };
        let settings = Configurations::default_settings(Path::new("/")).unwrap();
        let looked = Target::no_file("page", Format::list(), &Arc::new(settings));
        let looked = looked.look(list.as_bytes(), &options);
        let findings = Tree::new(vec![looked]).findings(&options).concat();
        findings.iter().map(|finding| finding.rule).collect()
    }

    /// The first example of a page breaks its rule, the second one does not.
    #[test]
    fn ok_the_pages_are_true() {
        for rule in Linter::ALL {
            let doc = rule.page().doc;
            let blocks: Vec<_> = doc.split("\n\n").filter(|it| it.starts_with("    ")).collect();
            let [wrong, right] = blocks[..] else { panic!("{doc}") };
            assert!(broken(wrong).contains(&Rule::Linter(*rule)), "{wrong}");
            assert!(!broken(right).contains(&Rule::Linter(*rule)), "{right}");
        }
    }

    #[test]
    fn ok_every_page_has_a_reference() {
        for rule in Rule::all() {
            assert!(rule.page().contains("\nReference: "), "{rule}");
        }
    }

    #[test]
    fn ok_every_name_is_one_rule() {
        for rule in Rule::all() {
            assert_eq!(Rule::from_slug(rule.slug()), Some(rule));
        }
    }
}
