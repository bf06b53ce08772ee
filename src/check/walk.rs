//! From paths to the texts of files that may hold descriptions, on every core at once.
//!
//! A path that was named is always read. A file below a directory is read only if it is neither
//! hidden, nor ignored by git, nor binary, and if its format is known.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::config::{Configuration, Configurations};
use super::paths::display_path;
use super::problem::{Problem, ProblemKind};
use super::target::Target;
use super::{file_system, prefilter, source};

/// Larger files are skipped: they are neither configurations nor programs that people write.
const MAX_SIZE: usize = 8 << 20;
/// How much of the buffer is kept from one file to the next.
const KEPT_CAPACITY: usize = 1 << 20;

/// One walk.
pub(super) struct Walk<'w> {
    pub(super) configurations: &'w Configurations,
    /// How many files were met, for a progress display.
    pub(super) met: &'w AtomicUsize,
}

/// What a walk gave, in no order.
#[derive(Debug)]
pub(super) struct Found<T> {
    pub(super) files: Vec<T>,
    pub(super) problems: Vec<Problem>,
}

impl Walk<'_> {
    /// Calls `visit` with every file at and below `paths` that may hold descriptions.
    pub(super) fn run<T: Send>(
        &self,
        paths: &[PathBuf],
        visit: impl Fn(Target, &[u8]) -> Option<T> + Sync,
    ) -> Found<T> {
        let found = Mutex::new(Found { files: Vec::new(), problems: Vec::new() });
        let push = |outcome: Result<Option<T>, Problem>| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match outcome {
                Ok(file) => found.files.extend(file),
                Err(problem) => found.problems.push(problem),
            }
        };
        for path in paths {
            let root = match Root::new(path) {
                Ok(root) => root,
                Err(problem) => {
                    push(Err(problem));
                    continue;
                }
            };
            let mut builder = WalkBuilder::new(path);
            // The rules of git say what is not a source outside of a repository, too.
            builder.require_git(false);
            builder.build_parallel().run(|| {
                let mut visitor =
                    Visitor { walk: self, root: &root, known: None, buffer: Vec::new() };
                let (push, visit) = (&push, &visit);
                Box::new(move |entry| {
                    let outcome = match entry {
                        Ok(entry) => {
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
        found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What to say of a directory whose file system holds no files.
fn without_files(entry: &DirEntry) -> Option<Problem> {
    let is_directory = entry.file_type().is_some_and(|kind| kind.is_dir());
    let kind = file_system::without_files(entry.path()).filter(|_| is_directory)?;
    let path = display_path(entry.path());
    let is_named = entry.depth() == 0;
    Some(if is_named {
        ProblemKind::NamedNoFiles(path, kind).into()
    } else {
        ProblemKind::NoFiles(path, kind).into()
    })
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

    /// A path below the one that was named, without symbolic links in the part above.
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
        let is_file = match entry.file_type() {
            Some(kind) if kind.is_symlink() && is_named => entry.path().is_file(),
            Some(kind) => kind.is_file(),
            None => false,
        };
        if !is_file {
            return Ok(None);
        }
        self.walk.met.fetch_add(1, Ordering::Relaxed);
        let real = self.root.real(entry.path());
        let configuration = self.configuration(&real)?;
        let relative = configuration.relative(&real);
        let sources = configuration.sources(relative);
        let has_source = !sources.is_empty();
        let format = sources.iter().find_map(|source| source.format);
        let by_name = format.or_else(|| source::by_path(entry.path()));
        if by_name.is_none() && !source::may_be_script(entry.path()) {
            return if is_named || has_source {
                Err(ProblemKind::NoFormat(entry.path().to_owned()).into())
            } else {
                Ok(None)
            };
        }
        let at = |error| ProblemKind::Path(entry.path().to_owned(), error);
        let is_whole = self.read(entry.path()).map_err(at)?;
        let text = &self.buffer[..];
        let Some(format) = by_name.or_else(|| source::by_first_line(text)) else {
            return Ok(None);
        };
        let is_worth_reading = prefilter::is_text(text)
            && (has_source
                || prefilter::has_type(text, &configuration.type_names)
                || format.has_word(text, configuration.program_names()));
        if !is_worth_reading {
            return Ok(None);
        }
        if !is_whole {
            return Err(ProblemKind::TooLarge(entry.path().to_owned()).into());
        }
        let (path, relative) = (display_path(entry.path()).into(), relative.into());
        drop(sources);
        Ok(visit(Target { path, relative, configuration, format }, text))
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
