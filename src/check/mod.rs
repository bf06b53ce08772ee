//! The linter: finds descriptions in files, checks each one, and compares them with one another.
//!
//! A [`Checker`] is created from [`Options`] and optionally a [`Configuration`]. It checks texts or
//! paths and returns [`Checked`]: [`Finding`]s with their places, and [fixes](Checked::fix) that
//! keep the quoting of each file.
//!
//! The linter opens no sockets and prints nothing. It reads only the files to check and the
//! `strports.toml` above them. Files that descriptions name, such as certificates, are accessed
//! only through the machine in [`Options::preflight`].
//!
//! # Examples
//!
//! ```
//! use std::path::Path;
//!
//! use strports::check::{Checker, Configuration, Fixes, Options};
//!
//! let configuration = Configuration::parse(Path::new(""), "presets = ['daphne']")?;
//! let checker = Checker::with_configuration(Options::default(), configuration);
//! let procfile = b"web: daphne -e tcp:8000:interface=::1 project.asgi:application\n";
//! let mut checked = checker.check_text(Path::new("Procfile"), procfile)?;
//!
//! let findings = checked.findings();
//! assert_eq!(findings[0].rule.slug(), "multiple-values");
//! assert_eq!((findings[0].start.line, findings[0].start.column), (1, 35));
//!
//! let fixed = checked.fix(Fixes::Safe)?;
//! let fixed = String::from_utf8_lossy(fixed[0].text());
//! assert!(fixed.starts_with(r"web: daphne -e tcp:8000:interface=\\:\\:1 project"));
//! assert!(checked.findings().is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How a file is checked
//!
//! `walk` finds the file, and `prefilter` decides whether to read it. A reader in `source` finds
//! the `embedded` descriptions. `judge` checks each one, `cross_file` compares them, and `suppress`
//! applies comments that ignore a rule.

mod add_ignores;
mod baseline;
mod by_look;
mod bytes;
mod checked_file;
pub(crate) mod config;
mod coverage;
mod cross_file;
#[cfg(feature = "cli")]
mod descriptions;
mod embedded;
mod file_system;
mod finding;
mod fix;
mod judge;
mod memory;
mod near_miss;
mod options;
mod paths;
mod pattern;
mod place;
mod prefilter;
mod preflight;
mod problem;
mod program;
mod recent;
mod report;
mod results;
mod rules;
mod selection;
mod source;
pub(crate) mod stop;
mod suppress;
mod target;
mod unexpanded;
mod unified_diff;
mod unquoted;
mod unreadable;
mod variable;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(feature = "cli")]
pub(crate) use add_ignores::Inserted;
pub use baseline::{Baseline, Known, KnownFinding};
use checked_file::CheckedFile;
use config::Configurations;
#[cfg(feature = "cli")]
pub(crate) use config::is_configuration;
pub use config::{ConfigError, Configuration};
pub use coverage::{Coverage, DescriptionRead, FileRead};
#[cfg(feature = "cli")]
pub(crate) use descriptions::Descriptions;
#[cfg(feature = "cli")]
pub(crate) use embedded::Embedded;
pub use finding::{FileFix, Finding};
pub use fix::{Change, FixedFile, Fixes};
#[cfg(feature = "cli")]
pub(crate) use memory::Memory;
pub use options::Options;
pub(crate) use paths::with_slashes;
pub use pattern::FilePattern;
pub use place::Place;
pub use preflight::Preflight;
pub use problem::Problem;
use problem::ProblemKind;
pub use report::Reported;
pub use results::Checked;
pub use rules::{LinterRule, Rule};
pub use selection::{Selection, Selector, UnknownCode};
use target::Target;
use unreadable::{Unreadable, not_text};
use walk::{Found, Walk};

/// Checks texts and files.
///
/// It caches configurations, so one checker should be used for many calls. All methods take
/// `&self`, and a checker may be shared between threads.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Debug)]
pub struct Checker {
    options: Options,
    configurations: Configurations,
}

impl Checker {
    /// Creates a checker that reads the nearest `strports.toml` above each file.
    pub fn new(options: Options) -> Self {
        Self { options, configurations: Configurations::default() }
    }

    /// Creates a checker with one configuration for all files, which reads no `strports.toml`.
    pub fn with_configuration(options: Options, configuration: Configuration) -> Self {
        Self { options, configurations: Configurations::from_one(configuration) }
    }

    /// Checks files and directories with their subdirectories, on all cores.
    ///
    /// Files that cannot be read are listed by [`Checked::problems`]; the others are checked.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use strports::check::{Checker, Options};
    ///
    /// let checked = Checker::new(Options::default()).check_paths(&[".".into()]);
    /// for finding in checked.findings() {
    ///     let (path, line) = (finding.path.display(), finding.start.line);
    ///     println!("{path}:{line}: {} [{}]", finding.message, finding.rule);
    /// }
    /// ```
    pub fn check_paths(&self, paths: &[PathBuf]) -> Checked {
        self.check_paths_and_count(paths, &AtomicUsize::new(0))
    }

    /// Like [`check_paths`](Self::check_paths). Increments `met` for every file that is found, for
    /// a progress display in another thread.
    pub fn check_paths_and_count(&self, paths: &[PathBuf], met: &AtomicUsize) -> Checked {
        let Options { listing: every_file, ref exclude, .. } = self.options;
        let walk = Walk { configurations: &self.configurations, met, exclude, every_file };
        let descriptions = AtomicUsize::new(0);
        let Found { files, mut problems, read, walked } = walk.run(paths, |target, text| {
            let file = CheckedFile::new(target, text, &self.options);
            descriptions.fetch_add(file.coverage().descriptions, Ordering::Relaxed);
            (every_file || !file.is_empty()).then_some(file)
        });
        problems.extend(self.unused(&walked).into_iter().map(Problem::warning));
        let coverage = Coverage { files: read, descriptions: descriptions.into_inner() };
        Checked::new(self.options.clone(), files, problems, coverage)
    }

    /// Warnings about entries of configurations that matched nothing in a walk of `walked`. A
    /// configuration counts only if its whole directory was walked.
    fn unused(&self, walked: &[PathBuf]) -> Vec<ConfigError> {
        let all = self.configurations.all().into_iter();
        let whole = all.filter(|it| walked.iter().any(|root| it.root().starts_with(root)));
        whole.flat_map(|it| it.unused()).collect()
    }

    /// Checks a text like the file at `path`, which need not exist.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - neither the path nor the first line of the text determines a format, as for `notes.xyz`;
    /// - the `strports.toml` above the path has an error.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use strports::check::{Checker, Configuration, Options};
    ///
    /// let configuration = Configuration::parse(Path::new(""), "")?;
    /// let checker = Checker::with_configuration(Options::default(), configuration);
    /// let checked = checker.check_text(Path::new("Procfile"), b"web: daphne -e tcp:http a:b\n")?;
    /// assert_eq!(checked.findings()[0].rule.slug(), "not-an-integer");
    ///
    /// let error = checker.check_text(Path::new("notes.xyz"), b"tcp:http").unwrap_err();
    /// assert!(error.to_string().contains("notes.xyz"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_text(&self, path: &Path, text: &[u8]) -> Result<Checked, Problem> {
        Ok(Self::in_memory(self.target(path, text)?, text, self.options.clone()))
    }

    /// Determines the configuration and the format of a text at `path`.
    fn target(&self, path: &Path, text: &[u8]) -> Result<Target, Problem> {
        let absolute =
            std::path::absolute(path).map_err(|error| ProblemKind::Path(path.to_owned(), error))?;
        let directory = absolute.parent().unwrap_or(Path::new("/"));
        let configuration = self.configurations.for_directory(directory)?;
        let relative = configuration.relative(&absolute);
        let format = configuration.sources(relative).iter().find_map(|source| source.format);
        let format = format
            .or_else(|| source::by_path(path))
            .or_else(|| source::by_first_line(text).filter(|_| source::may_be_script(path)))
            .ok_or_else(|| Unreadable::NoFormat.at(path, true))?;
        let relative = relative.into();
        Ok(Target { path: with_slashes(path).into(), relative, configuration, format })
    }

    /// Checks bytes that may not be text, such as standard input.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`check_text`](Self::check_text), and an error if the bytes are
    /// UTF-16 or contain NUL.
    pub fn check_bytes(&self, path: &Path, bytes: &[u8]) -> Result<Checked, Problem> {
        match not_text(bytes) {
            Some(why) => Err(why.at(path, true)),
            None => self.check_text(path, bytes),
        }
    }

    /// Checks a list: one description per line, empty lines, and comments that begin with `#`.
    ///
    /// Findings have the path `-`. The configuration is that of the working directory.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no working directory, or if its configuration has an error.
    pub fn check_list(&self, text: &[u8]) -> Result<Checked, Problem> {
        self.check_without_file(finding::STANDARD_INPUT, &source::LIST, text)
    }

    /// Checks descriptions, which may contain any bytes except a line feed.
    ///
    /// Findings have the path `-e`, and the line is the number of the description.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no working directory, or if its configuration has an error.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use strports::check::{Checker, Configuration, Options};
    ///
    /// let configuration = Configuration::parse(Path::new(""), "")?;
    /// let checker = Checker::with_configuration(Options::default(), configuration);
    /// let checked = checker.check_descriptions(&[b"tcp:80", b"tcp:http"])?;
    /// let findings = checked.findings();
    /// assert_eq!(findings.len(), 1);
    /// assert_eq!(findings[0].start.line, 2); // the second description
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_descriptions(&self, descriptions: &[&[u8]]) -> Result<Checked, Problem> {
        let text = descriptions.join(&b'\n');
        self.check_without_file(finding::OPTIONS, &source::OPTIONS, &text)
    }

    /// The configuration of the working directory.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no working directory, or if its configuration has an error.
    pub fn configuration_here(&self) -> Result<Arc<Configuration>, Problem> {
        let directory = std::env::current_dir()
            .map_err(|error| ProblemKind::Path(PathBuf::from("."), error))?;
        Ok(self.configurations.for_directory(&directory)?)
    }

    fn check_without_file(
        &self,
        name: &'static str,
        format: &'static source::format::Format,
        text: &[u8],
    ) -> Result<Checked, Problem> {
        let configuration = self.configuration_here()?;
        let target = Target::without_file(name, format, configuration);
        Ok(Self::in_memory(target, text, self.options.clone()))
    }

    fn in_memory(target: Target, text: &[u8], options: Options) -> Checked {
        let file = CheckedFile::in_memory(target, text, &options);
        let coverage = file.coverage();
        Checked::new(options, vec![file], Vec::new(), coverage)
    }
}
