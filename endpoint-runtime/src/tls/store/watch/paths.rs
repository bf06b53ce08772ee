//! The directories to watch: all those on the resolved path of a file.
//!
//! Renewing a certificate may write the file, replace it, move whole directories, or change a link
//! anywhere on the path, as Kubernetes does with `..data`.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::plan::TlsIdentitySource;
use crate::tls::store::search::search;
use crate::tls::store::sources::Sources;
use crate::tls::store::trust_anchors::anchor_files;

/// The maximum number of links on a path, as on Linux.
const MAX_LINKS: usize = 40;

/// The directories to watch, and the entries that matter in each.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct WatchedPaths(pub(super) HashMap<PathBuf, Interest>);

/// The entries of one directory whose changes matter.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Interest {
    /// Whether all `*.pem` files matter, and every entry that is added or removed.
    pub(super) all: bool,
    /// Whether the directory contains files, and not only parts of their paths.
    pub(super) files: bool,
    /// The names of single entries that matter.
    pub(super) names: HashSet<OsString>,
}

impl Interest {
    /// Adds the names that matter in the same directory under another path.
    pub(super) fn join(&mut self, other: Self) {
        self.all |= other.all;
        self.files |= other.files;
        self.names.extend(other.names);
    }
}

impl WatchedPaths {
    pub(super) fn new(sources: &Sources) -> Self {
        let mut paths = Self::default();
        match &sources.identity {
            None | Some(TlsIdentitySource::Memory(_)) => {}
            Some(TlsIdentitySource::Certificate(files)) => {
                files.paths().for_each(|path| paths.follow(path));
            }
            Some(TlsIdentitySource::Directory(path)) => paths.enter(path),
        }
        if let Some(path) = sources.anchor_path() {
            paths.follow(path);
            if let Ok(files) = anchor_files(path) {
                paths.interest(path).all = true;
                files.iter().filter(|it| it.is_symlink()).for_each(|path| paths.follow(path));
            }
        }
        paths
    }

    /// Adds a directory of certificates with its subdirectories, or a single file.
    fn enter(&mut self, path: &Path) {
        self.follow(path);
        // Reading the directory reports its problems.
        let Ok(found) = search(path, &mut Vec::new()) else { return };
        for directory in found.directories {
            if directory.is_symlink() {
                self.follow(&directory);
            }
            self.interest(&directory).all = true;
        }
        for file in found.files {
            if file.is_symlink() {
                self.follow(&file);
            }
        }
    }

    /// Adds each directory on a path and on the targets of its links, with the entry that follows.
    fn follow(&mut self, path: &Path) {
        let mut ahead: VecDeque<_> = path.components().map(part).collect();
        let mut here = PathBuf::new();
        let mut links = 0;
        while let Some(step) = ahead.pop_front() {
            let next = here.join(&step);
            if step == "/" || step == "." || step == ".." {
                here = next;
                continue;
            }
            let directory = if here.as_os_str().is_empty() { Path::new(".") } else { &here };
            let interest = self.interest(directory);
            interest.names.insert(step);
            interest.files |= ahead.is_empty();
            match fs::read_link(&next) {
                Ok(target) if links < MAX_LINKS => {
                    links += 1;
                    for step in target.components().rev().map(part) {
                        ahead.push_front(step);
                    }
                    if target.is_absolute() {
                        here = PathBuf::new();
                    }
                }
                Ok(_) => return,
                // The component is not a link, or does not exist yet; its directory is watched now.
                Err(_) => here = next,
            }
        }
    }

    fn interest(&mut self, directory: &Path) -> &mut Interest {
        self.0.entry(directory.to_owned()).or_default()
    }
}

fn part(component: Component<'_>) -> OsString {
    component.as_os_str().to_owned()
}
