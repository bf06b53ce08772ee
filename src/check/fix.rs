//! Writing fixes into files: again and again until none is left, in memory, and then at once.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use similar::TextDiff;
use tempfile::NamedTempFile;

use super::Options;
use super::finding::{FileFix, Finding};
use super::tree::Tree;

/// A fix may make room for another one; more rounds than this mean that two undo one another.
const MOST_ROUNDS: usize = 10;

/// A file before and after.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) path: Arc<Path>,
    before: Vec<u8>,
    after: Vec<u8>,
    /// How many fixes it took.
    pub(crate) fixes: usize,
}

impl Tree {
    /// Fixes what can be fixed, in memory, so that the tree is as if it were written.
    ///
    /// # Errors
    ///
    /// A file that could be read before and cannot any more.
    pub(crate) fn fix(&mut self, unsafe_too: bool, options: &Options) -> io::Result<Vec<Fixed>> {
        let mut fixed: BTreeMap<usize, Fixed> = BTreeMap::new();
        for _ in 0..MOST_ROUNDS {
            let mut changed = false;
            for (index, findings) in self.findings(options).into_iter().enumerate() {
                if fixes(&findings, unsafe_too).is_empty() {
                    continue;
                }
                let path = Arc::clone(&self.files[index].path);
                let file = match fixed.remove(&index) {
                    Some(file) => file,
                    None => Fixed::read(path)?,
                };
                let before = file.fixes;
                let file = self.apply(index, file, &findings, unsafe_too, options);
                changed |= file.fixes > before;
                fixed.insert(index, file);
            }
            if !changed {
                break;
            }
        }
        Ok(fixed.into_values().filter(|file| file.before != file.after).collect())
    }

    fn apply(
        &mut self,
        index: usize,
        mut file: Fixed,
        findings: &[Finding],
        unsafe_too: bool,
        options: &Options,
    ) -> Fixed {
        let stale = findings.iter().any(|finding| finding.is_stale(&file.after));
        if !stale {
            let (after, count) = apply(&file.after, &fixes(findings, unsafe_too));
            file.after = after;
            file.fixes += count;
        }
        // Where the file is another one by now, the next round sees it as it is.
        self.files[index] = self.files[index].target().look(&file.after, options);
        file
    }
}

impl Fixed {
    fn read(path: Arc<Path>) -> io::Result<Self> {
        let before = std::fs::read(&path)?;
        Ok(Self { path, after: before.clone(), before, fixes: 0 })
    }

    /// What changes, for people and for `patch`.
    pub(crate) fn diff(&self) -> Vec<u8> {
        let name = self.path.display().to_string();
        let mut text = Vec::new();
        let diff = TextDiff::from_lines(&self.before, &self.after);
        // Writing into memory does not fail.
        let _ = diff.unified_diff().header(&name, &name).to_writer(&mut text);
        text
    }

    /// Puts the new text in place of the old one, so that nobody ever sees half of it.
    ///
    /// The mode stays; a symbolic link stays one, and the file behind it changes.
    pub(crate) fn write(&self) -> io::Result<()> {
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

/// The fixes to make, the leftmost first, none twice.
fn fixes(findings: &[Finding], unsafe_too: bool) -> Vec<&FileFix> {
    let fixes = findings.iter().filter_map(|finding| finding.fix.as_ref());
    let mut fixes: Vec<_> = fixes.filter(|fix| fix.safe || unsafe_too).collect();
    fixes.sort_by_key(|fix| (fix.range.start, fix.range.end));
    fixes.dedup();
    fixes
}

/// The text with those fixes that do not get in each other's way, and how many these are.
fn apply(text: &[u8], fixes: &[&FileFix]) -> (Vec<u8>, usize) {
    let mut output = Vec::with_capacity(text.len());
    let (mut done, mut count) = (0, 0);
    for fix in fixes {
        let Some(kept) = text.get(done..fix.range.start) else { continue };
        if fix.range.end > text.len() || text.get(fix.range.clone()) == Some(&fix.replacement) {
            continue;
        }
        output.extend_from_slice(kept);
        output.extend_from_slice(&fix.replacement);
        done = fix.range.end;
        count += 1;
    }
    output.extend_from_slice(text.get(done..).unwrap_or_default());
    (output, count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::place::Place;

    #[test]
    fn ok_fixes_that_meet_wait_for_the_next_round() {
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
        let fixes: Vec<_> = fixes.iter().collect();
        assert_eq!(apply(b"abcde", &fixes), (b"xcyde".to_vec(), 2));
    }
}
