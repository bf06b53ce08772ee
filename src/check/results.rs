//! The results of a run over all files. Some rules compare files, so findings are computed on
//! request.

use super::checked_file::CheckedFile;
use super::coverage::{Coverage, FileRead};
use super::cross_file::Listeners;
use super::finding::Finding;
use super::options::Options;
use super::problem::Problem;

/// The results of a run: the findings, and the files that could not be checked.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Debug)]
pub struct Checked {
    pub(super) options: Options,
    /// The files, ordered by path.
    pub(super) files: Vec<CheckedFile>,
    problems: Vec<Problem>,
    coverage: Coverage,
}

impl Checked {
    pub(super) fn new(
        options: Options,
        files: Vec<CheckedFile>,
        problems: Vec<Problem>,
        coverage: Coverage,
    ) -> Self {
        let mut checked = Self { options, files, problems, coverage };
        checked.problems.extend(checked.files.iter().flat_map(CheckedFile::problems));
        checked.sort();
        checked
    }

    /// Adds the files of another run. Clients in one are compared with the listeners in both.
    pub fn extend(&mut self, other: Self) {
        self.files.extend(other.files);
        self.problems.extend(other.problems);
        self.coverage.add(other.coverage);
        self.sort();
    }

    /// Orders the files by path. Of a file that was checked twice, one result is kept.
    fn sort(&mut self) {
        self.files.sort_by(|a, b| a.path().cmp(b.path()));
        self.files.dedup_by(|a, b| a.path() == b.path());
    }

    /// The findings, ordered by path and place.
    pub fn findings(&self) -> Vec<Finding> {
        self.findings_by_file().concat()
    }

    /// Like [`findings`](Self::findings), but moves them out, to keep a long report in memory only
    /// once.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        let listeners = self.listeners();
        let mut all = Vec::new();
        for file in &mut self.files {
            all.append(&mut file.take_findings(&listeners, &self.options));
        }
        all
    }

    /// The listeners of all files, with which clients are compared.
    pub(super) fn listeners(&self) -> Listeners {
        let mut listeners = Listeners::default();
        for file in &self.files {
            listeners.add(&file.listeners, file.path());
        }
        listeners
    }

    /// The findings, as one list for each file.
    pub(super) fn findings_by_file(&self) -> Vec<Vec<Finding>> {
        let listeners = self.listeners();
        self.files.iter().map(|file| file.findings(&listeners, &self.options)).collect()
    }

    /// How many files and descriptions were checked.
    pub const fn coverage(&self) -> Coverage {
        self.coverage
    }

    /// All files that were read, with their descriptions, ordered by path.
    ///
    /// Without [`Options::listing`](Options::listing), most files and all descriptions are missing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::path::Path;
    ///
    /// use strports::check::{Checker, Configuration, Options};
    ///
    /// let mut options = Options::default();
    /// options.listing = true;
    /// let configuration = Configuration::parse(Path::new(""), "presets = ['daphne']")?;
    /// let checker = Checker::with_configuration(options, configuration);
    /// let checked = checker.check_text(Path::new("Procfile"), b"web: daphne -e tcp:80 a:b\n")?;
    /// let files: Vec<_> = checked.files_read().collect();
    /// assert_eq!(files[0].descriptions[0].text.as_ref(), "tcp:80");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn files_read(&self) -> impl Iterator<Item = FileRead> + '_ {
        self.files.iter().map(CheckedFile::file_read)
    }

    /// Paths that were skipped or could not be read, each with the reason.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}
