//! From paths to the texts of files that may hold descriptions, on every core at once.
//!
//! A path that was named is always read. A file below a directory is read only if its format is
//! known, and if it is neither hidden (but for such as `.env`), nor excluded, nor ignored by git,
//! nor binary.

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
use super::problem::{Problem, ProblemKind};
use super::target::Target;
use super::unreadable::{Unreadable, not_text};
use super::{config, file_system, prefilter, source};

/// Larger files are skipped: they are neither configurations nor programs that people write.
const MAX_SIZE: usize = 8 << 20;
/// How much of the buffer is kept from one file to the next.
const KEPT_CAPACITY: usize = 1 << 20;

/// Directories that hold what tools have written or installed, unless they are named.
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

/// One walk.
pub(super) struct Walk<'w> {
    pub(super) configurations: &'w Configurations,
    /// How many files were met, for a progress display.
    pub(super) met: &'w AtomicUsize,
    /// What is left out, besides what the configurations exclude.
    pub(super) exclude: &'w [FilePattern],
    /// Whether files without descriptions are visited too.
    pub(super) every_file: bool,
}

/// What a walk gave, in no order.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) files: Vec<T>,
    pub(super) problems: Vec<Problem>,
    /// How many files were read.
    pub(super) read: usize,
    /// The directories that were walked as a whole, without symbolic links.
    pub(super) walked: Vec<PathBuf>,
}

impl Walk<'_> {
    /// Calls `visit` with every file at and below `paths` that may hold descriptions.
    pub(super) fn run<T: Send>(
        &self,
        paths: &[PathBuf],
        visit: impl Fn(Target, &[u8]) -> Option<T> + Sync,
    ) -> Found<T> {
        let found = Mutex::new(Found::default());
        let read = AtomicUsize::new(0);
        let push = |outcome: Result<Option<T>, Problem>| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
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
            // Ignore files count outside of a repository, too.
            builder.require_git(false).hidden(false);
            builder.build_parallel().run(|| {
                let mut visitor =
                    Visitor { walk: self, root, read: &read, known: None, buffer: Vec::new() };
                let (push, visit, named) = (&push, &visit, &named);
                Box::new(move |entry| {
                    let outcome = match entry {
                        Ok(entry) => {
                            // A path that was named itself is walked once, under that name.
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

/// What to say of a directory whose file system holds no files.
fn without_files(entry: &DirEntry) -> Option<Problem> {
    let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
    let kind = file_system::without_files(entry.path()).filter(|_| is_directory)?;
    Some(Unreadable::NoFiles(kind).at(&display_path(entry.path()), entry.depth() == 0))
}

/// A path that was named, and the same without symbolic links.
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

    /// A path below the named one, with the symbolic links of the named one resolved.
    fn real(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.given) {
            Ok(below) if below.as_os_str().is_empty() => self.real.clone(),
            Ok(below) => self.real.join(below),
            Err(_) => path.to_owned(),
        }
    }
}

/// One thread of a walk.
struct Visitor<'w> {
    walk: &'w Walk<'w>,
    root: &'w Root,
    /// How many files were read.
    read: &'w AtomicUsize,
    /// The directory of the last file, and its configuration.
    known: Option<(PathBuf, Arc<Configuration>)>,
    buffer: Vec<u8>,
}

impl Visitor<'_> {
    fn visit<T>(
        &mut self,
        entry: &DirEntry,
        visit: impl Fn(Target, &[u8]) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let is_named = entry.depth() == 0;
        let kind = match entry.file_type() {
            // The walk follows a link that was named, and no other.
            Some(kind) if kind.is_symlink() && is_named => {
                entry.path().metadata().ok().map(|it| it.file_type())
            }
            kind => kind,
        };
        let unreadable = |why: Unreadable, is_asked| why.at(&display_path(entry.path()), is_asked);
        if !kind.is_some_and(|kind| kind.is_file()) {
            let is_missed = is_named && !kind.is_some_and(|kind| kind.is_dir());
            return if is_missed {
                Err(unreadable(Unreadable::NotRegular, true))
            } else {
                Ok(None)
            };
        }
        self.walk.met.fetch_add(1, Ordering::Relaxed);
        let real = self.root.real(entry.path());
        let configuration = self.configuration(&real)?;
        if !is_named && config::is_configuration(entry.path()) {
            return Ok(None);
        }
        let relative = configuration.relative(&real);
        let sources = configuration.sources(relative);
        let has_source = sources.iter().any(|source| !source.is_typed());
        sources.iter().filter(|source| source.is_own()).for_each(|source| source.met.set());
        let is_asked = is_named || sources.iter().any(|source| source.is_own());
        let format = sources.iter().find_map(|source| source.format);
        let by_name = format.or_else(|| source::by_path(entry.path()));
        let no_format = || {
            let problem = unreadable(Unreadable::NoFormat, true);
            if is_asked { Err(problem) } else { Ok(None) }
        };
        if by_name.is_none() && !source::may_be_script(entry.path()) {
            return no_format();
        }
        let at = |error| ProblemKind::Path(entry.path().to_owned(), error);
        let is_whole = self.read(entry.path()).map_err(at)?;
        let text = &self.buffer[..];
        let Some(format) = by_name.or_else(|| source::by_first_line(text)) else {
            return no_format();
        };
        if let Some(why) = not_text(text) {
            return if is_asked { Err(unreadable(why, true)) } else { Ok(None) };
        }
        let is_worth_reading = has_source
            || prefilter::has_type(text, &configuration.type_names)
            || format.has_word(text, configuration.names());
        if !is_whole && (is_asked || is_worth_reading) {
            return Err(unreadable(Unreadable::TooLarge, is_asked));
        }
        self.read.fetch_add(usize::from(is_whole), Ordering::Relaxed);
        if !is_worth_reading && !self.walk.every_file {
            return Ok(None);
        }
        let text = if is_worth_reading { text } else { b"" };
        let (path, relative) = (display_path(entry.path()).into(), relative.into());
        drop(sources);
        Ok(visit(Target { path, relative, configuration, format }, text))
    }

    /// Whether an entry that was not named is left out.
    fn is_excluded(&mut self, entry: &DirEntry) -> bool {
        let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
        if entry.depth() == 0 {
            return false;
        }
        if is_directory && EXCLUDED.iter().any(|name| entry.file_name() == *name) {
            return true;
        }
        let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        if is_hidden && !source::is_walked(entry.file_name()) {
            return true;
        }
        let shown = || display_path(entry.path());
        if !self.walk.exclude.is_empty() && self.walk.exclude.iter().any(|it| it.fits(&shown())) {
            return true;
        }
        let real = self.root.real(entry.path());
        // A configuration with a mistake is reported with the files that it is for.
        self.configuration(&real).is_ok_and(|it| it.excludes(it.relative(&real)))
    }

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

    /// Reads a file into the buffer; `false` if it is too large, and only its beginning was read.
    fn read(&mut self, path: &Path) -> io::Result<bool> {
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_CAPACITY);
        let mut file = File::open(path)?;
        let length = file.metadata()?.len().min(MAX_SIZE as u64);
        self.buffer.reserve_exact(usize::try_from(length).unwrap_or(MAX_SIZE) + 1);
        file.by_ref().take(MAX_SIZE as u64 + 1).read_to_end(&mut self.buffer)?;
        Ok(self.buffer.len() <= MAX_SIZE)
    }
}
