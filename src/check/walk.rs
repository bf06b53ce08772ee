//! From paths to files that were looked at, on every core at once.
//!
//! What a path names is looked at, come what may; what is found below a directory only if it is
//! neither hidden, nor ignored by git, nor binary, and of a format that is known.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use super::config::{ConfigError, Configurations, Settings};
use super::source::Format;
use super::{Looked, Options, Target, prefilter};

/// A larger file is no configuration and no program that anybody wrote.
const LARGEST: usize = 8 << 20;
/// What is kept of memory from one file to the next.
const KEPT: usize = 1 << 20;

/// What a walk goes wrong of.
#[derive(Debug)]
pub(crate) enum Problem {
    /// A path cannot be read.
    Path(PathBuf, io::Error),
    /// A directory cannot be walked.
    Walk(ignore::Error),
    Config(ConfigError),
    /// A path was named whose format nobody knows.
    NoFormat(PathBuf),
    /// A file is too large to be read.
    TooLarge(PathBuf),
}

impl Problem {
    /// Whether the run failed for it; the others are only said.
    pub(crate) const fn is_failure(&self) -> bool {
        !matches!(self, Self::NoFormat(_) | Self::TooLarge(_))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Walk(error) => write!(f, "{error}"),
            Self::Config(error) => write!(f, "{error}"),
            Self::NoFormat(path) => write!(
                f,
                "{}: skipped, as its name tells no format (a `[[source]]` of strports.toml does)",
                path.display()
            ),
            Self::TooLarge(path) => {
                write!(f, "{}: skipped, as it has more than 8 MiB", path.display())
            }
        }
    }
}

/// One walk.
pub(crate) struct Walk<'w> {
    pub(crate) options: &'w Options,
    pub(crate) configurations: &'w Configurations,
    /// How many files were met, for whoever waits.
    pub(crate) met: &'w AtomicUsize,
}

/// What a walk gave, in no order.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) files: Vec<Looked>,
    pub(crate) problems: Vec<Problem>,
}

impl Walk<'_> {
    /// Looks at `paths` and everything below them.
    pub(crate) fn run(&self, paths: &[PathBuf]) -> Found {
        let found = Mutex::new(Found::default());
        let push = |outcome: Outcome| {
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match outcome {
                Ok(Some(looked)) => found.files.push(looked),
                Ok(None) => {}
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
            // Outside a repository, too, its rules say what is not a source.
            builder.require_git(false);
            builder.build_parallel().run(|| {
                let mut visitor =
                    Visitor { walk: self, root: &root, known: None, buffer: Vec::new() };
                let push = &push;
                Box::new(move |entry| {
                    let outcome = match entry {
                        Ok(entry) => visitor.visit(&entry),
                        Err(error) => Err(Problem::Walk(error)),
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

type Outcome = Result<Option<Looked>, Problem>;

/// A path that was named, and what it is without symbolic links.
struct Root {
    given: PathBuf,
    real: PathBuf,
}

impl Root {
    fn new(path: &Path) -> Result<Self, Problem> {
        let real = std::fs::canonicalize(path);
        let real = real.map_err(|error| Problem::Path(path.to_owned(), error))?;
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
    /// The directory of the last file, and what holds there.
    known: Option<(PathBuf, Arc<Settings>)>,
    buffer: Vec<u8>,
}

impl Visitor<'_> {
    fn visit(&mut self, entry: &DirEntry) -> Outcome {
        let named = entry.depth() == 0;
        let is_file = match entry.file_type() {
            Some(kind) if kind.is_symlink() && named => entry.path().is_file(),
            Some(kind) => kind.is_file(),
            None => false,
        };
        if !is_file {
            return Ok(None);
        }
        self.walk.met.fetch_add(1, Ordering::Relaxed);
        let real = self.root.real(entry.path());
        let settings = self.settings(&real)?;
        let relative: Arc<Path> = settings.path(&real).into();
        let context = settings.context(&relative, self.walk.options.role);
        let wanted = !context.sources.is_empty();
        let format = context.sources.iter().find_map(|source| source.format);
        let by_name = format.or_else(|| Format::of(entry.path()));
        let may_be_script = by_name.is_none() && Format::may_be_script(entry.path());
        if by_name.is_none() && !may_be_script {
            return if named || wanted {
                Err(Problem::NoFormat(entry.path().to_owned()))
            } else {
                Ok(None)
            };
        }
        let at = |error| Problem::Path(entry.path().to_owned(), error);
        let whole = self.read(entry.path()).map_err(at)?;
        let text = &self.buffer[..];
        let Some(format) = by_name.or_else(|| Format::of_script(text)) else { return Ok(None) };
        let worth = prefilter::is_text(text)
            && (wanted
                || prefilter::has_type(text)
                || prefilter::has_word(text, format, settings.program_names()));
        if !worth {
            return Ok(None);
        }
        if !whole {
            return Err(Problem::TooLarge(entry.path().to_owned()));
        }
        drop(context);
        let path = shown(entry.path()).into();
        let target = Target { path, named: relative, settings, format };
        let looked = target.look(text, self.walk.options);
        Ok((!looked.is_empty()).then_some(looked))
    }

    fn settings(&mut self, real: &Path) -> Result<Arc<Settings>, Problem> {
        let directory = real.parent().unwrap_or(Path::new("/"));
        if let Some((known, settings)) = &self.known
            && known == directory
        {
            return Ok(Arc::clone(settings));
        }
        let settings = self.walk.configurations.of(directory).map_err(Problem::Config)?;
        self.known = Some((directory.to_owned(), Arc::clone(&settings)));
        Ok(settings)
    }

    /// Reads a file into the buffer; `false` where it is too large, and this is its beginning.
    fn read(&mut self, path: &Path) -> io::Result<bool> {
        self.buffer.clear();
        self.buffer.shrink_to(KEPT);
        let mut file = File::open(path)?;
        let length = file.metadata()?.len().min(LARGEST as u64);
        self.buffer.reserve_exact(usize::try_from(length).unwrap_or(LARGEST) + 1);
        file.by_ref().take(LARGEST as u64 + 1).read_to_end(&mut self.buffer)?;
        Ok(self.buffer.len() <= LARGEST)
    }
}

/// A path as people want to see it.
pub(super) fn shown(path: &Path) -> PathBuf {
    let relative = path.strip_prefix(".").unwrap_or(path);
    if relative.is_relative() {
        return relative.to_owned();
    }
    let here = std::env::current_dir().ok();
    let inside = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    inside.unwrap_or(path).to_owned()
}
