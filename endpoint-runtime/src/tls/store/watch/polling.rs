//! Detects changes by polling, if the kernel does not report them.
//!
//! A file counts as unsettled while each poll finds it changed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use crate::tls::store::sources::Sources;
use crate::tls::store::unsettled::{FileId, Unsettled, file_id};

/// The stamps of all files at the last poll, to which the next poll compares them.
pub(super) struct Polling {
    files: Files,
    /// The files that the last poll found changed.
    unsettled: Vec<FileId>,
}

/// The stamp of each file; `None` if the file is missing.
type Files = BTreeMap<PathBuf, Option<Stamp>>;

/// The attributes of a file, one of which changes whenever the file does.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    file: FileId,
    length: u64,
    /// The times of the last change of the content and of the attributes: seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Polling {
    pub(super) fn new(sources: &Sources) -> Self {
        Self { files: look(sources), unsettled: Vec::new() }
    }

    /// Reads the stamps again, and returns whether one has changed since the last poll.
    pub(super) fn drive_poll(&mut self, sources: &Sources) -> bool {
        let files = look(sources);
        let differs =
            |(path, stamp): &(&PathBuf, &Option<Stamp>)| self.files.get(*path) != Some(stamp);
        let changed = files.iter().filter(differs).filter_map(|(_, stamp)| Some((*stamp)?.file));
        self.unsettled = changed.collect();
        let has_changed = self.files != files;
        self.files = files;
        has_changed
    }

    /// The files that changed between the last two polls.
    pub(super) fn unsettled(&self) -> Unsettled {
        self.unsettled.iter().copied().collect()
    }
}

/// Reads the stamps of all files that can be found now.
fn look(sources: &Sources) -> Files {
    let stamp = |path: PathBuf| {
        let stamp = fs::metadata(&path).ok().map(|it| Stamp {
            file: file_id(&it),
            length: it.len(),
            modified: (it.mtime(), it.mtime_nsec()),
            changed: (it.ctime(), it.ctime_nsec()),
        });
        (path, stamp)
    };
    sources.files().into_iter().map(stamp).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{TlsAccept, TlsIdentitySource};
    use crate::tls::tests::Place;

    #[test]
    fn a_change_settles_when_two_polls_agree() {
        let place = Place::new();
        let path = place.file("a.pem", "1");
        let plan = TlsAccept::new(TlsIdentitySource::Directory(place.0.clone()));
        let sources = Sources::from(&plan);
        let mut polling = Polling::new(&sources);
        assert!(!polling.drive_poll(&sources));
        assert!(polling.unsettled().is_empty());
        place.file("a.pem", "12");
        assert!(polling.drive_poll(&sources));
        assert!(polling.unsettled().contains(&fs::metadata(&path).unwrap()));
        assert!(!polling.drive_poll(&sources));
        assert!(polling.unsettled().is_empty());
        place.file("b.pem", "");
        assert!(polling.drive_poll(&sources), "there is one more");
        fs::remove_dir_all(&place.0).unwrap();
        assert!(polling.drive_poll(&sources), "there is none any more");
    }
}
