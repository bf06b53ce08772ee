//! Where a change shows: the directories that the way to a file goes through.
//!
//! Whoever renews a certificate may write the file, put another one in its place, or change a link anywhere on the way
//! to it, as Kubernetes does with `..data`; or move whole directories.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::super::authorities::pem_files;
use super::super::directory::search;
use crate::plan::{TlsAccept, TlsShown};

/// As many links as Linux follows in one path.
const MOST_LINKS: usize = 40;

/// What matters in each directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Trail(pub(super) HashMap<PathBuf, Interest>);

/// What matters in one directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Interest {
    /// Whatever is called `*.pem`, and whatever comes or goes.
    pub(super) all: bool,
    /// Whether files themselves are in it, and not only directories and links on the way to them.
    pub(super) files: bool,
    /// These names.
    pub(super) names: HashSet<OsString>,
}

impl Interest {
    /// Takes in what matters in the same directory by another name.
    pub(super) fn join(&mut self, other: Self) {
        self.all |= other.all;
        self.files |= other.files;
        self.names.extend(other.names);
    }
}

impl Trail {
    /// Of everything that a server reads again.
    pub(super) fn of(plan: &TlsAccept) -> Self {
        let mut trail = Self::default();
        match &plan.identity {
            TlsShown::Certificate(files) => {
                files.paths().for_each(|path| trail.follow(path));
            }
            TlsShown::Directory(path) => trail.enter(path),
        }
        if let Some(path) = &plan.client_cas {
            trail.follow(path);
            if let Ok(files) = pem_files(path) {
                trail.interest(path).all = true;
                files.iter().filter(|it| it.is_symlink()).for_each(|path| trail.follow(path));
            }
        }
        trail
    }

    /// A directory with all below it, or a file.
    fn enter(&mut self, path: &Path) {
        self.follow(path);
        // What is wrong with it is said where it is read.
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

    /// Every step of the way to a file.
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
                Ok(target) if links < MOST_LINKS => {
                    links += 1;
                    for step in target.components().rev().map(part) {
                        ahead.push_front(step);
                    }
                    if target.is_absolute() {
                        here = PathBuf::new();
                    }
                }
                Ok(_) => return,
                // No link; or nothing, whose place is known now.
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
