//! A run that passes the findings of each file to a function, so that a long report needs little
//! memory.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Checker;
use super::checked_file::CheckedFile;
use super::coverage::Coverage;
use super::cross_file::Listeners;
use super::finding::Finding;
use super::problem::Problem;
use super::target::Target;
use super::walk::{Found, Walk};

/// The result of [`Checker::report_paths`], which passes the findings of each file to a function.
///
/// See the [module](mod@crate::check) for an example.
#[derive(Debug)]
#[non_exhaustive]
pub struct Reported<R> {
    /// The results of the function for each file with findings, ordered by path.
    pub reports: Vec<R>,
    /// The files that were skipped or could not be read.
    pub problems: Vec<Problem>,
    /// How many files and descriptions were read.
    pub coverage: Coverage,
}

/// The result of one file, kept until the listeners of all files are known.
struct Kept<R> {
    path: Arc<Path>,
    /// The result of the caller's function; `None` if the file has no findings.
    report: Option<R>,
    /// The clients in the file that connect to this machine: their ports, and whether they use TLS.
    peers: Vec<(u16, bool)>,
    /// The file, which is checked again if it has such clients.
    target: Option<Target>,
    problems: Vec<Problem>,
}

impl Checker {
    /// Checks files and everything below directories, as [`check_paths`](Self::check_paths) does.
    ///
    /// Calls `report` with the findings of each file, on all cores, and collects the results. A
    /// file whose clients do not fit the listeners of other files is checked again at the end. Its
    /// second report then replaces the first one. Increments `met` for every file.
    pub fn report_paths<R: Send>(
        &self,
        paths: &[PathBuf],
        met: &AtomicUsize,
        report: impl Fn(&[Finding]) -> R + Sync,
    ) -> Reported<R> {
        let listeners = Mutex::new(Listeners::default());
        let descriptions = AtomicUsize::new(0);
        let report = |findings: &[Finding]| (!findings.is_empty()).then(|| report(findings));
        let exclude = &self.options.exclude;
        let walk = Walk { configurations: &self.configurations, met, exclude, every_file: false };
        let Found { mut files, mut problems, read, walked } = walk.run(paths, |target, text| {
            let mut file = CheckedFile::new(target, text, &self.options);
            descriptions.fetch_add(file.coverage().descriptions, Ordering::Relaxed);
            if file.is_empty() {
                return None;
            }
            if !file.listeners.is_empty() {
                let mut listeners = listeners.lock().unwrap_or_else(PoisonError::into_inner);
                listeners.add(&file.listeners, file.path());
            }
            // Clients are compared later, when the listeners of all files are known.
            let findings = file.take_findings(&Listeners::default(), &self.options);
            Some(Kept::new(file, report(&findings))).filter(Kept::has_any)
        });
        let listeners = listeners.into_inner().unwrap_or_else(PoisonError::into_inner);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        for file in &mut files {
            // With preflight, a client is compared with the certificates of the listeners as well.
            let is_reached = |(port, tls): &(u16, bool)| {
                self.options.preflight.is_some() || listeners.all_differ(*port, *tls)
            };
            let again = file.target.take().filter(|_| file.peers.iter().any(is_reached));
            // A file that was removed in the meantime keeps its first report.
            if let Some((target, text)) = again.zip(std::fs::read(&file.path).ok()) {
                let mut checked = CheckedFile::new(target, &text, &self.options);
                file.report = report(&checked.take_findings(&listeners, &self.options));
            }
            problems.append(&mut file.problems);
        }
        problems.extend(self.unused(&walked).into_iter().map(Problem::warning));
        let coverage = Coverage { files: read, descriptions: descriptions.into_inner() };
        let reports = files.into_iter().filter_map(|file| file.report).collect();
        Reported { reports, problems, coverage }
    }
}

impl<R> Kept<R> {
    fn new(file: CheckedFile, report: Option<R>) -> Self {
        let mut peers: Vec<_> = file.peers.iter().map(|it| (it.port, it.has_tls())).collect();
        peers.sort_unstable();
        peers.dedup();
        let (path, problems) = (Arc::clone(file.path()), file.problems().collect());
        let target = (!peers.is_empty()).then(|| file.into_target());
        Self { path, report, peers, target, problems }
    }

    /// Whether the file has a result, problems, or clients to compare with listeners.
    fn has_any(&self) -> bool {
        self.report.is_some() || !self.peers.is_empty() || !self.problems.is_empty()
    }
}
