//! Applies fixes in memory, in rounds until none is left, and writes the result.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use tempfile::NamedTempFile;

use super::finding::{FileFix, Finding};
use super::place::Place;
use super::results::Checked;
use super::rules::Rule;
use super::unified_diff;

/// The maximum number of rounds of fixes. A fix may enable another one, but after so many rounds,
/// two fixes undo each other.
const MAX_ROUNDS: usize = 10;

/// Selects the fixes that [`Checked::fix`] applies.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fixes {
    /// Only fixes that certainly have the meaning that the author intended.
    Safe,
    /// Suggestions too, which may change the meaning of a description.
    All,
}

/// A file before and after its fixes; [`write`](Self::write) stores the result.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Debug)]
pub struct FixedFile {
    path: Arc<Path>,
    before: Vec<u8>,
    after: Vec<u8>,
    changes: Vec<Change>,
}

/// A fix that was applied to a file, for a report.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// The line and column of the replaced text, before the fix was applied.
    pub start: Place,
    /// The rule whose violation was fixed.
    pub rule: Rule,
    /// The bytes that the fix replaced.
    pub before: Vec<u8>,
    /// The bytes with which the fix replaced them.
    pub after: Vec<u8>,
}

impl Checked {
    /// Applies fixes in memory, and updates the findings as if the files had been written.
    ///
    /// Returns the changed files; [`FixedFile::write`] writes one.
    ///
    /// # Errors
    ///
    /// Returns an error if a file can no longer be read.
    pub fn fix(&mut self, fixes: Fixes) -> io::Result<Vec<FixedFile>> {
        let mut changing: BTreeMap<usize, FixedFile> = BTreeMap::new();
        for _ in 0..MAX_ROUNDS {
            let mut changed = false;
            for (index, findings) in self.findings_by_file().into_iter().enumerate() {
                if applicable(&findings, fixes).is_empty() {
                    continue;
                }
                let mut file = match changing.remove(&index) {
                    Some(file) => file,
                    None => self.unchanged(index)?,
                };
                changed |= file.apply(&findings, fixes);
                // The file is checked even if no fix was applied, because it may have changed on
                // disk since the last check.
                self.files[index].check_again(&file.after, &self.options);
                changing.insert(index, file);
            }
            if !changed {
                break;
            }
        }
        Ok(changing.into_values().filter(|file| file.before != file.after).collect())
    }

    /// The file with this index, with its current text and no changes yet.
    pub(super) fn unchanged(&self, index: usize) -> io::Result<FixedFile> {
        let file = &self.files[index];
        let path = Arc::clone(file.path());
        let before = match &file.text {
            Some(text) => text.to_vec(),
            None => std::fs::read(&path)?,
        };
        Ok(FixedFile { path, after: before.clone(), before, changes: Vec::new() })
    }
}

impl FixedFile {
    /// Sets the text after the fixes, and appends `changes` to the record.
    pub(super) fn replace(&mut self, after: Vec<u8>, mut changes: Vec<Change>) {
        self.after = after;
        self.changes.append(&mut changes);
    }

    /// The path of the file, as in [`Finding::path`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The text of the file with the fixes applied.
    pub fn text(&self) -> &[u8] {
        &self.after
    }

    /// The applied fixes, in the order in which they were applied.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Applies the fixes of one round that do not overlap; returns whether the text changed. If the
    /// file changed after the check, no fix is applied.
    fn apply(&mut self, findings: &[Finding], fixes: Fixes) -> bool {
        if findings.iter().any(|finding| finding.is_stale(&self.after)) {
            return false;
        }
        let (after, mut changes) = apply(&self.after, &applicable(findings, fixes));
        let any = !changes.is_empty();
        self.after = after;
        self.changes.append(&mut changes);
        any
    }

    /// The difference between the original text and the fixed text, as a unified diff.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use strports::check::{Checker, Configuration, Fixes, Options};
    ///
    /// let configuration = Configuration::parse(Path::new(""), "")?;
    /// let checker = Checker::with_configuration(Options::default(), configuration);
    /// let text = b"web: daphne -e tcp:80:interface=::1 a:b\n";
    /// let fixed = checker.check_text(Path::new("Procfile"), text)?.fix(Fixes::Safe)?;
    /// let diff = String::from_utf8(fixed[0].diff())?;
    /// assert!(diff.contains("-web: daphne -e tcp:80:interface=::1 a:b"));
    /// assert!(diff.contains(r"+web: daphne -e tcp:80:interface=\\:\\:1 a:b"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn diff(&self) -> Vec<u8> {
        let name = self.path.display().to_string();
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = unified_diff::write(&name, &self.before, &self.after, &mut text);
        text
    }

    /// Replaces the file atomically, so that no reader gets a partial file.
    ///
    /// The mode is kept. If the path is a symbolic link, its target is replaced.
    ///
    /// # Errors
    ///
    /// Returns any error of the file system, for example if the directory is not writable.
    pub fn write(&self) -> io::Result<()> {
        let path = std::fs::canonicalize(&self.path)?;
        let directory = path.parent().unwrap_or(Path::new("."));
        let mut file = NamedTempFile::new_in(directory)?;
        file.write_all(&self.after)?;
        file.as_file().set_permissions(std::fs::metadata(&path)?.permissions())?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    }
}

/// The fixes to apply, from left to right and without duplicates, with their rules.
fn applicable(findings: &[Finding], fixes: Fixes) -> Vec<(Rule, &FileFix)> {
    let all = findings.iter().filter_map(|it| Some((it.rule, it.fix.as_ref()?)));
    let mut applicable: Vec<_> = all.filter(|(_, fix)| fix.safe || fixes == Fixes::All).collect();
    applicable.sort_by_key(|(_, fix)| (fix.range.start, fix.range.end));
    applicable.dedup_by_key(|(_, fix)| *fix);
    applicable
}

/// Applies the fixes that do not overlap; returns the text and the changes. An overlapping fix is
/// left for the next round.
fn apply(text: &[u8], fixes: &[(Rule, &FileFix)]) -> (Vec<u8>, Vec<Change>) {
    let mut output = Vec::with_capacity(text.len());
    let mut changes = Vec::new();
    let mut done = 0;
    for (rule, fix) in fixes {
        let Some(kept) = text.get(done..fix.range.start) else { continue };
        let Some(before) = text.get(fix.range.clone()).filter(|it| *it != fix.replacement) else {
            continue;
        };
        output.extend_from_slice(kept);
        output.extend_from_slice(&fix.replacement);
        done = fix.range.end;
        let (start, after) = (fix.start, fix.replacement.clone());
        changes.push(Change { start, rule: *rule, before: before.to_vec(), after });
    }
    output.extend_from_slice(text.get(done..).unwrap_or_default());
    (output, changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rules::LinterRule;

    #[test]
    fn overlapping_fixes_wait_for_the_next_round() {
        let place = Place { line: 1, column: 1 };
        let fix = |range, text: &str| FileFix {
            range,
            start: place,
            end: place,
            replacement: text.into(),
            safe: true,
        };
        let fixes =
            [fix(0..2, "x"), fix(1..3, "lost"), fix(3..3, "y"), fix(3..4, "d"), fix(9..10, "z")];
        let rule = Rule::Linter(LinterRule::UnusedIgnore);
        let fixes: Vec<_> = fixes.iter().map(|fix| (rule, fix)).collect();
        let (text, changes) = apply(b"abcde", &fixes);
        let pairs: Vec<_> = changes.iter().map(|it| (&*it.before, &*it.after)).collect();
        assert_eq!(text, b"xcyde");
        assert_eq!(pairs, [(&b"ab"[..], &b"x"[..]), (b"", b"y")]);
    }
}
