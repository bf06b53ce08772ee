//! Known findings, which are not reported again.
//!
//! A known finding is a path, a code, a description, and a count, but no line: lines move.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fmt, io};

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use strports_syntax::{Excerpt, Text};

/// Known findings, as a JSON file stores them.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    findings: Vec<KnownFinding>,
}

/// Findings of one kind that a baseline knows.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KnownFinding {
    /// The path as findings show it.
    pub path: String,
    /// The code of the rule.
    pub code: String,
    /// The description, if they are about one.
    pub description: Option<String>,
    /// How many there are.
    pub count: usize,
}

/// What came of the findings that a baseline knows.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Known {
    /// How many of them are still there.
    pub hidden: usize,
    /// Those that are not there any more.
    pub mended: Vec<KnownFinding>,
}

impl fmt::Display for KnownFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, code, description, count } = self;
        write!(f, "{path}: {code}")?;
        if let Some(description) = description {
            write!(f, " in {}", Excerpt::new(Text::plain(description)))?;
        }
        if *count > 1 { write!(f, ", {count} times") } else { Ok(()) }
    }
}

type Key = (String, String, Option<String>);

fn key(finding: &Finding) -> Key {
    let path = finding.path.to_string_lossy().into_owned();
    (path, finding.rule.slug().to_owned(), finding.description.as_deref().map(str::to_owned))
}

impl Baseline {
    /// A baseline of these findings.
    pub fn from_findings(findings: &[Finding]) -> Self {
        let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
        for finding in findings {
            *counts.entry(key(finding)).or_default() += 1;
        }
        Self { findings: counts.into_iter().map(known).collect() }
    }

    /// Reads a baseline from a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or does not hold a baseline.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = std::fs::read(path)?;
        serde_json::from_slice(&text).map_err(io::Error::from)
    }

    /// Writes the baseline into a file.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        std::fs::write(path, text)
    }

    /// Removes the findings that are known; of a kind with more than the known count, the first
    /// ones.
    pub fn remove_known(self, findings: &mut Vec<Finding>) -> Known {
        let mut left: BTreeMap<Key, usize> = BTreeMap::new();
        for KnownFinding { path, code, description, count } in self.findings {
            *left.entry((path, code, description)).or_default() += count;
        }
        let before = findings.len();
        findings.retain(|finding| match left.get_mut(&key(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        let mended = left.into_iter().filter(|(_, count)| *count > 0).map(known).collect();
        Known { hidden: before - findings.len(), mended }
    }
}

fn known(((path, code, description), count): (Key, usize)) -> KnownFinding {
    KnownFinding { path, code, description, count }
}
