//! Walks from paths to the texts of files that may contain descriptions, on all cores.
//!
//! A path argument is always read. A file below a directory is read only if its format is known. It
//! must not be hidden (except for names such as `.env`), excluded, ignored by git, or binary.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::config::{Configuration, Configurations};
use super::paths::display_path;
use super::pattern::FilePattern;
use super::prefilter::{self, TypesFound};
use super::problem::{Problem, ProblemKind};
use super::target::Target;
use super::unreadable::{Unreadable, not_text};
use super::{config, file_system, source};
use crate::lock::lock;

/// The maximum size of a file in bytes. Larger files are neither configurations nor handwritten
/// programs.
const MAX_SIZE: usize = 8 << 20;
/// The capacity in bytes of the buffer that is kept from one file to the next. Above it, memory is
/// freed.
const KEPT_CAPACITY: usize = 1 << 20;

/// The maximum number of bytes of a first line that names an interpreter.
const FIRST_LINE: u64 = 512;

/// Directories for output or installations of tools, which are skipped unless they are named.
const EXCLUDED: &[&str] = &[
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".jj",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "bower_components",
    "node_modules",
    "site-packages",
    "target",
    "venv",
];

/// The settings of one walk over files and directories.
pub(super) struct Walk<'w> {
    pub(super) configurations: &'w Configurations,
    /// Counts the files that were found, for a progress display in another thread.
    pub(super) met: &'w AtomicUsize,
    /// Excluded files, in addition to those of the configurations.
    pub(super) exclude: &'w [FilePattern],
    /// Whether files without descriptions are visited too, as empty texts.
    pub(super) every_file: bool,
}

/// The results of a walk, in no particular order.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) files: Vec<T>,
    pub(super) problems: Vec<Problem>,
    /// How many files were read to their end.
    pub(super) read: usize,
    /// The directories that were walked completely, as paths without symbolic links.
    pub(super) walked: Vec<PathBuf>,
}

impl Walk<'_> {
    /// Calls `visit` with every file in `paths` and below that may contain descriptions. Collects
    /// the results that are not `None`.
    pub(super) fn run<T: Send>(
        &self,
        paths: &[PathBuf],
        visit: impl Fn(Target, &[u8]) -> Option<T> + Sync,
    ) -> Found<T> {
        let found = Mutex::new(Found::default());
        let read = AtomicUsize::new(0);
        let push = |outcome: Result<Option<T>, Problem>| {
            let mut found = lock(&found);
            match outcome {
                Ok(file) => found.files.extend(file),
                Err(problem) => found.problems.push(problem),
            }
        };
        let mut roots = Vec::new();
        for path in paths {
            match Root::new(path) {
                Ok(root) => roots.push(root),
                Err(problem) => push(Err(problem)),
            }
        }
        let named: HashSet<PathBuf> = roots.iter().map(|root| root.real.clone()).collect();
        let mut walked = HashSet::new();
        for root in roots.iter().filter(|root| walked.insert(&root.real)) {
            let path = &root.given;
            let mut builder = WalkBuilder::new(path);
            // Files such as `.gitignore` apply outside of git repositories too.
            builder.require_git(false).hidden(false);
            builder.build_parallel().run(|| {
                let mut visitor =
                    Visitor { walk: self, root, read: &read, known: None, buffer: Vec::new() };
                let (push, visit, named) = (&push, &visit, &named);
                Box::new(move |entry| {
                    let outcome = match entry {
                        Ok(entry) => {
                            // An argument inside another one is walked once, under its own name.
                            let is_other = named.len() > 1
                                && entry.depth() > 0
                                && named.contains(&root.real(entry.path()));
                            if is_other || visitor.is_excluded(&entry) {
                                return WalkState::Skip;
                            }
                            if let Some(problem) = without_files(&entry) {
                                push(Err(problem));
                                return WalkState::Skip;
                            }
                            visitor.visit(&entry, visit)
                        }
                        Err(error) => Err(ProblemKind::Walk(error).into()),
                    };
                    if !matches!(outcome, Ok(None)) {
                        push(outcome);
                    }
                    WalkState::Continue
                })
            });
        }
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let walked = named.into_iter().filter(|path| path.is_dir()).collect();
        Found { read: read.into_inner(), walked, ..found }
    }
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { files: Vec::new(), problems: Vec::new(), read: 0, walked: Vec::new() }
    }
}

/// The problem of a directory whose file system has no ordinary files; `None` for other entries.
fn without_files(entry: &DirEntry) -> Option<Problem> {
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return None;
    }
    let kind = file_system::without_files(entry.path())?;
    Some(Unreadable::NoFiles(kind).at(&display_path(entry.path()), entry.depth() == 0))
}

/// A path argument, and the same path without symbolic links.
struct Root {
    given: PathBuf,
    real: PathBuf,
}

impl Root {
    fn new(path: &Path) -> Result<Self, Problem> {
        let real = std::fs::canonicalize(path);
        let real = real.map_err(|error| ProblemKind::Path(path.to_owned(), error))?;
        Ok(Self { given: path.to_owned(), real })
    }

    /// Returns a path below the argument with the argument's symbolic links resolved.
    fn real(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.given) {
            Ok(below) if below.as_os_str().is_empty() => self.real.clone(),
            Ok(below) => self.real.join(below),
            Err(_) => path.to_owned(),
        }
    }
}

/// The state of one thread of a walk.
struct Visitor<'w> {
    walk: &'w Walk<'w>,
    root: &'w Root,
    /// How many files all threads have read to their end.
    read: &'w AtomicUsize,
    /// The directory of the last file and its configuration, because the next file is mostly in the
    /// same one.
    known: Option<(PathBuf, Arc<Configuration>)>,
    /// The content of the current file. Its memory is used again for the next one.
    buffer: Vec<u8>,
}

impl Visitor<'_> {
    /// Visits a file. Returns the result, or `Ok(None)` for a file that is skipped.
    fn visit<T>(
        &mut self,
        entry: &DirEntry,
        visit: impl Fn(Target, &[u8]) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let is_named = entry.depth() == 0;
        let kind = match entry.file_type() {
            // The walk follows links only if they are arguments.
            Some(kind) if kind.is_symlink() && is_named => {
                entry.path().metadata().ok().map(|it| it.file_type())
            }
            kind => kind,
        };
        if !kind.is_some_and(|kind| kind.is_file()) {
            let is_missed = is_named && !kind.is_some_and(|kind| kind.is_dir());
            return if is_missed {
                Err(Unreadable::NotRegular.at(&display_path(entry.path()), true))
            } else {
                Ok(None)
            };
        }
        self.walk.met.fetch_add(1, Ordering::Relaxed);
        let real = self.root.real(entry.path());
        let configuration = self.configuration(&real)?;
        let is_configuration =
            config::is_configuration(entry.path()) || config::is_hidden_configuration(entry.path());
        if !is_named && is_configuration {
            return Ok(None);
        }
        let relative = configuration.relative(&real);
        let outcome = self.visit_text(entry, &configuration, relative, visit);
        if outcome.is_err() {
            configuration.has_unread(relative);
        }
        outcome
    }

    /// Reads a file, and visits its text if it may contain descriptions. `relative` is the path
    /// below the root of `configuration`.
    fn visit_text<T>(
        &mut self,
        entry: &DirEntry,
        configuration: &Arc<Configuration>,
        relative: &Path,
        visit: impl Fn(Target, &[u8]) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let is_named = entry.depth() == 0;
        let unreadable =
            |why: Unreadable, is_explicit| why.at(&display_path(entry.path()), is_explicit);
        let sources = configuration.sources(relative);
        let has_source = sources.iter().any(|source| !source.is_typed());
        sources.iter().filter(|source| source.is_own()).for_each(|source| source.met.set());
        let is_explicit = is_named || sources.iter().any(|source| source.is_own());
        let format = sources.iter().find_map(|source| source.format);
        let by_name = format.or_else(|| source::by_path(entry.path()));
        let no_format = || {
            let problem = unreadable(Unreadable::NoFormat, true);
            if is_explicit { Err(problem) } else { Ok(None) }
        };
        if by_name.is_none() && !source::may_be_script(entry.path()) {
            return no_format();
        }
        let at = |error| ProblemKind::Path(entry.path().to_owned(), error);
        let is_whole = self.read(entry.path(), by_name.is_some()).map_err(at)?;
        let text = &self.buffer[..];
        let Some(format) = by_name.or_else(|| source::by_first_line(text)) else {
            return no_format();
        };
        if let Some(why) = not_text(text) {
            return if is_explicit { Err(unreadable(why, true)) } else { Ok(None) };
        }
        let types = || prefilter::types_in(text, &configuration.type_names);
        let is_worth_reading = has_source
            || match types() {
                TypesFound::Descriptions => true,
                TypesFound::Urls => !format.commands || configuration.takes_urls(text, &sources),
                TypesFound::None => false,
            }
            || format.commands && configuration.words().are_in(text);
        if !is_whole && (is_explicit || is_worth_reading) {
            return Err(unreadable(Unreadable::TooLarge, is_explicit));
        }
        self.read.fetch_add(usize::from(is_whole), Ordering::Relaxed);
        if !is_worth_reading && !self.walk.every_file {
            return Ok(None);
        }
        let text = if is_worth_reading { text } else { b"" };
        let (path, relative) = (display_path(entry.path()).into(), relative.into());
        let configuration = Arc::clone(configuration);
        Ok(visit(Target { path, relative, configuration, format }, text))
    }

    /// Whether an entry that is not an argument is excluded.
    fn is_excluded(&mut self, entry: &DirEntry) -> bool {
        let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
        if entry.depth() == 0 {
            return false;
        }
        if is_directory && EXCLUDED.iter().any(|name| entry.file_name() == *name) {
            return true;
        }
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // A hidden configuration is visited in spite of its name, to report its error.
        let is_walked =
            source::is_walked(entry.file_name()) || config::is_hidden_configuration(entry.path());
        if is_hidden && !is_walked {
            return true;
        }
        let shown = || display_path(entry.path());
        if !self.walk.exclude.is_empty() && self.walk.exclude.iter().any(|it| it.fits(&shown())) {
            return true;
        }
        let real = self.root.real(entry.path());
        // An error in the configuration is reported when its files are visited.
        self.configuration(&real).is_ok_and(|it| it.excludes(it.relative(&real)))
    }

    /// The configuration of the file at `real`, which is a path without symbolic links.
    fn configuration(&mut self, real: &Path) -> Result<Arc<Configuration>, Problem> {
        let directory = real.parent().unwrap_or(Path::new("/"));
        if let Some((known, configuration)) = &self.known
            && known == directory
        {
            return Ok(Arc::clone(configuration));
        }
        let configuration = self.walk.configurations.for_directory(directory)?;
        self.known = Some((directory.to_owned(), Arc::clone(&configuration)));
        Ok(configuration)
    }

    /// Reads a file into the buffer. Returns `false` if the file is too large, and only its
    /// beginning was read.
    ///
    /// A file whose name determines no format is read only if it is a script: most such files are
    /// programs and data.
    fn read(&mut self, path: &Path, has_format: bool) -> io::Result<bool> {
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_CAPACITY);
        let mut file = File::open(path)?;
        if !has_format {
            file.by_ref().take(FIRST_LINE).read_to_end(&mut self.buffer)?;
            if source::by_first_line(&self.buffer).is_none() {
                return Ok(true);
            }
        }
        let length = file.metadata()?.len().min(MAX_SIZE as u64);
        self.buffer.reserve_exact(usize::try_from(length).unwrap_or(MAX_SIZE) + 1);
        file.by_ref().take(MAX_SIZE as u64 + 1).read_to_end(&mut self.buffer)?;
        Ok(self.buffer.len() <= MAX_SIZE)
    }
}
