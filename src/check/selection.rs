//! Selects the rules to report, by name, severity and path.

use std::path::Path;
use std::str::FromStr;

use globset::GlobMatcher;

use super::rules::Rule;
use strports_syntax::{Excerpt, Severity, Text};

/// An item of `select` or `ignore`: all rules, the rules of a severity, or one rule.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Every rule: `all`.
    All,
    /// Every rule of this severity: `error`, `warning`, `info`.
    Severity(Severity),
    /// One rule, by its name.
    Rule(Rule),
}

/// A name that is not a code, a severity or `all`.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownCode(String);

impl std::fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = Excerpt::new(Text::plain(&self.0));
        let near = Rule::most_similar(&self.0).map(|rule| format!("did you mean `{rule}`? "));
        write!(f, "unknown code {found} ({}`strports rule` lists them)", near.unwrap_or_default())
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
    /// Whether the selector includes a finding with these rules: the violated rule, then the one
    /// that explains it. A severity is compared with that of the violated rule.
    pub(crate) fn covers_any(self, rules: &[Rule]) -> bool {
        match self {
            Self::Rule(one) => rules.contains(&one),
            Self::All | Self::Severity(_) => rules.first().is_some_and(|first| self.covers(*first)),
        }
    }

    fn covers(self, rule: Rule) -> bool {
        match self {
            Self::All => true,
            Self::Severity(severity) => rule.severity() == severity,
            Self::Rule(one) => one == rule,
        }
    }
}

/// `[lints]`: the rules that a configuration selects.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lints {
    /// The rules to report; `None` selects all except those that are off by default.
    pub(crate) select: Option<Vec<Selector>>,
    pub(crate) ignore: Vec<Selector>,
    /// Additional selections for the files that match a pattern.
    pub(crate) per_path: Vec<PerPath>,
}

/// An entry of `[lints.per-path]`: the rules to report for the files that match a pattern.
#[derive(Clone, Debug)]
pub(crate) struct PerPath {
    pub(crate) files: GlobMatcher,
    pub(crate) select: Option<Vec<Selector>>,
    pub(crate) ignore: Vec<Selector>,
}

/// The rules that a run reports. They are combined with `[lints]` of each configuration.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Selection {
    /// Replaces the selection of the configuration; `None` keeps it.
    pub select: Option<Vec<Selector>>,
    /// Adds to the ignored rules of the configuration.
    pub ignore: Vec<Selector>,
    /// The lowest severity that is reported; by default `Info`, the lowest of all.
    pub min_severity: Severity,
}

impl Default for Selection {
    /// The selection of the configuration, with all severities.
    fn default() -> Self {
        Self { select: None, ignore: Vec::new(), min_severity: Severity::Info }
    }
}

impl Selection {
    /// Whether `rule` is reported for the file at `path`, which is relative to the configuration.
    pub(crate) fn includes(&self, rule: Rule, lints: &Lints, path: &Path) -> bool {
        self.includes_any(&[rule], lints, path)
    }

    /// Whether a finding is reported for the file at `path`. The first of `rules` is the violated
    /// rule, and another one explains it.
    pub(crate) fn includes_any(&self, rules: &[Rule], lints: &Lints, path: &Path) -> bool {
        let covered = |list: &[Selector]| list.iter().any(|selector| selector.covers_any(rules));
        let all = rules.iter().any(|rule| !rule.is_opt_in());
        let selected = |list: &Option<Vec<Selector>>| list.as_deref().map_or(all, covered);
        let for_path = || lints.per_path.iter().filter(|it| it.files.is_match(path));
        let selected = if let Some(list) = &self.select {
            covered(list)
        } else {
            let narrows = |it: &PerPath| it.select.as_deref().is_none_or(covered);
            let names = |it: &PerPath| it.select.as_deref().is_some_and(covered);
            let opts_in = || lints.select.is_none() && for_path().any(names);
            (selected(&lints.select) || opts_in()) && for_path().all(narrows)
        };
        selected
            && rules.first().is_some_and(|rule| rule.severity() >= self.min_severity)
            && !covered(&self.ignore)
            && !covered(&lints.ignore)
            && !for_path().any(|it| covered(&it.ignore))
    }
}
