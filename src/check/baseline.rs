//! Known findings, which are not reported again.
//!
//! A known finding is a path, a code, a description, and a count, but no line: lines move.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::finding::Finding;

/// Known findings, as a JSON file stores them.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    findings: Vec<Known>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Known {
    path: String,
    code: String,
    description: Option<String>,
    count: usize,
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
        let known = |((path, code, description), count)| Known { path, code, description, count };
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
    pub fn remove_known(self, findings: &mut Vec<Finding>) {
        let mut left: BTreeMap<Key, usize> = BTreeMap::new();
        for Known { path, code, description, count } in self.findings {
            *left.entry((path, code, description)).or_default() += count;
        }
        findings.retain(|finding| match left.get_mut(&key(finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
    }
}
