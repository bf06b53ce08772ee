//! Baselines: known findings, which are not reported again.
//!
//! A known finding is a path, a code, a description and a count. It has no line, because edits
//! elsewhere in the file move lines.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fmt, io};

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use strports_syntax::{Excerpt, Text};

/// Findings that were known when the file was written, and are not reported again. Stored as JSON.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    findings: Vec<KnownFinding>,
}

/// Known findings with the same path, code and description, and their number.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KnownFinding {
    /// The path of the file, as in [`Finding::path`].
    pub path: String,
    /// The code of the violated rule, such as `multiple-values`.
    pub code: String,
    /// The description that the findings refer to; `None` if they are about other text.
    pub description: Option<String>,
    /// How many findings have this path, code and description.
    pub count: usize,
}

/// The result of comparing findings with a baseline.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Known {
    /// How many findings were in the baseline, and therefore removed from the list.
    pub hidden: usize,
    /// The known findings that the run did not find, each with the number that is missing.
    pub fixed: Vec<KnownFinding>,
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

/// The path, the code and the description, by which findings are compared with known ones.
type Key = (String, String, Option<String>);

fn key(finding: &Finding) -> Key {
    let path = finding.path.to_string_lossy().into_owned();
    (path, finding.rule.slug().to_owned(), finding.description.as_deref().map(str::to_owned))
}

impl Baseline {
    /// Creates a baseline that contains exactly these findings.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use strports::check::{Baseline, Checker, Configuration, Options};
    ///
    /// let configuration = Configuration::parse(Path::new(""), "")?;
    /// let checker = Checker::with_configuration(Options::default(), configuration);
    /// let mut findings = checker.check_descriptions(&[b"tcp:http"])?.take_findings();
    ///
    /// let baseline = Baseline::from_findings(&findings);
    /// let known = baseline.remove_known(&mut findings);
    /// assert_eq!((known.hidden, findings.len()), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_findings(findings: &[Finding]) -> Self {
        let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
        for finding in findings {
            *counts.entry(key(finding)).or_default() += 1;
        }
        Self { findings: counts.into_iter().map(known).collect() }
    }

    /// Reads a baseline from a JSON file that [`write`](Self::write) has written.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or is not a baseline.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = std::fs::read(path)?;
        serde_json::from_slice(&text).map_err(io::Error::from)
    }

    /// Writes the baseline to a file as JSON, and replaces the content of the file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        std::fs::write(path, text)
    }

    /// Removes the findings that are in the baseline. Of findings with equal path, code and
    /// description, only the first [`count`](KnownFinding::count) are removed.
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
        let fixed = left.into_iter().filter(|(_, count)| *count > 0).map(known).collect();
        Known { hidden: before - findings.len(), fixed }
    }
}

fn known(((path, code, description), count): (Key, usize)) -> KnownFinding {
    KnownFinding { path, code, description, count }
}
