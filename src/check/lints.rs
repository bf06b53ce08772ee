//! Which findings are wanted: by name, by weight, by path.

use std::path::Path;
use std::str::FromStr;

use globset::GlobMatcher;

use super::rules::Rule;
use crate::Severity;

/// One name in a list of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    All,
    /// Every code of this weight: `error`, `warning`, `info`.
    Severity(Severity),
    Rule(Rule),
}

/// What was asked for that is no code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownCode(String);

impl std::fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "unknown code `{}` (`strports rule` lists them)", self.0)
    }
}

impl std::error::Error for UnknownCode {}

impl FromStr for Selector {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        match text {
            "all" => Ok(Self::All),
            "error" => Ok(Self::Severity(Severity::Error)),
            "warning" => Ok(Self::Severity(Severity::Warning)),
            "info" => Ok(Self::Severity(Severity::Info)),
            _ => Rule::from_slug(text).map(Self::Rule).ok_or_else(|| UnknownCode(text.to_owned())),
        }
    }
}

impl Selector {
    pub(crate) fn covers(self, rule: Rule) -> bool {
        match self {
            Self::All => true,
            Self::Severity(severity) => rule.severity() == severity,
            Self::Rule(one) => one == rule,
        }
    }
}

/// `[lints]`: what one configuration wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lints {
    /// All where it is absent.
    pub(crate) select: Option<Vec<Selector>>,
    pub(crate) ignore: Vec<Selector>,
    pub(crate) per_path: Vec<PerPath>,
}

/// What is wanted of some files.
#[derive(Clone, Debug)]
pub(crate) struct PerPath {
    pub(crate) files: GlobMatcher,
    pub(crate) select: Option<Vec<Selector>>,
    pub(crate) ignore: Vec<Selector>,
}

/// What the command line wants.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// In place of what the configuration selects.
    pub(crate) select: Option<Vec<Selector>>,
    /// Beside what the configuration ignores.
    pub(crate) ignore: Vec<Selector>,
    pub(crate) min_severity: Severity,
}

impl Wanted {
    /// Whether `rule` is wanted for the file at `path`, which counts from where the configuration
    /// is.
    pub(crate) fn wants(&self, rule: Rule, lints: &Lints, path: &Path) -> bool {
        let covered = |list: &[Selector]| list.iter().any(|selector| selector.covers(rule));
        let selected = |list: &Option<Vec<Selector>>| list.as_deref().is_none_or(covered);
        let here = || lints.per_path.iter().filter(|it| it.files.is_match(path));
        let selected = match &self.select {
            Some(list) => covered(list),
            None => selected(&lints.select) && here().all(|it| selected(&it.select)),
        };
        selected
            && rule.severity() >= self.min_severity
            && !covered(&self.ignore)
            && !covered(&lints.ignore)
            && !here().any(|it| covered(&it.ignore))
    }
}
