//! Changes found by looking again and again, where the kernel does not tell of them.
//!
//! A file counts as unsettled while each look finds it different.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::super::authorities::pem_files;
use super::super::directory::search;
use super::unsettled::{FileId, Unsettled, id};
use crate::plan::{TlsAccept, TlsShown};

/// All files, as they were at the last look.
pub(super) struct Looks {
    seen: Seen,
    unsettled: Vec<FileId>,
}

type Seen = BTreeMap<PathBuf, Option<Stamp>>;

/// What changes with a file.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    file: FileId,
    length: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Looks {
    pub(super) fn at(plan: &TlsAccept) -> Self {
        Self { seen: look(plan), unsettled: Vec::new() }
    }

    /// Looks again; whether something has changed.
    pub(super) fn drive_look(&mut self, plan: &TlsAccept) -> bool {
        let seen = look(plan);
        let differs =
            |(path, stamp): &(&PathBuf, &Option<Stamp>)| self.seen.get(*path) != Some(stamp);
        let changed = seen.iter().filter(differs).filter_map(|(_, stamp)| Some((*stamp)?.file));
        self.unsettled = changed.collect();
        let has_changed = self.seen != seen;
        self.seen = seen;
        has_changed
    }

    /// The files that have changed between the last two looks.
    pub(super) fn unsettled(&self) -> Unsettled {
        self.unsettled.iter().copied().collect()
    }
}

fn look(plan: &TlsAccept) -> Seen {
    let mut seen = Seen::new();
    match &plan.identity {
        TlsShown::Certificate(files) => files.paths().for_each(|path| add(&mut seen, path)),
        TlsShown::Directory(path) => {
            let files = search(path, &mut Vec::new()).map(|found| found.files).unwrap_or_default();
            for path in &files {
                add(&mut seen, path);
            }
        }
    }
    if let Some(path) = &plan.client_cas {
        match pem_files(path) {
            Ok(files) => {
                for path in &files {
                    add(&mut seen, path);
                }
            }
            Err(_) => add(&mut seen, path),
        }
    }
    seen
}

fn add(seen: &mut Seen, path: &Path) {
    let stamp = fs::metadata(path).ok().map(|it| Stamp {
        file: id(&it),
        length: it.len(),
        modified: (it.mtime(), it.mtime_nsec()),
        changed: (it.ctime(), it.ctime_nsec()),
    });
    seen.insert(path.to_owned(), stamp);
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::Place;
    use super::*;

    #[test]
    fn what_has_changed_is_unsettled_until_a_look_finds_it_as_it_was() {
        let place = Place::new();
        let path = place.file("a.pem", "1");
        let plan = TlsAccept::new(TlsShown::Directory(place.0.clone()));
        let mut looks = Looks::at(&plan);
        assert!(!looks.drive_look(&plan));
        assert!(looks.unsettled().is_empty());
        place.file("a.pem", "12");
        assert!(looks.drive_look(&plan));
        assert!(looks.unsettled().contains(&fs::metadata(&path).unwrap()));
        assert!(!looks.drive_look(&plan));
        assert!(looks.unsettled().is_empty());
        place.file("b.pem", "");
        assert!(looks.drive_look(&plan), "there is one more");
        fs::remove_dir_all(&place.0).unwrap();
        assert!(looks.drive_look(&plan), "there is none any more");
    }
}
