//! The loaded files and how they are replaced.
//!
//! All files are read together and take effect at once, for new connections; handshakes in progress
//! continue with the previous state. Unusable files replace nothing. A change also creates a new
//! configuration, so that no earlier session is resumed and every peer gets the new certificate.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::SystemTime;

use super::directory::CertificateDirectory;
use super::identity::Identity;
use super::pem::IN_MEMORY;
use super::reader::{CurrentPath, Reader};
use super::retain::Previous;
use super::sources::Sources;
use super::trust_anchors::TrustAnchors;
use super::unsettled::{GracePeriod, Unsettled};
use crate::error::{Problem, TlsFileProblem};
use crate::lock;
use crate::plan::{TlsIdentity, TlsIdentitySource};
use crate::tls::reloaded::{PresentedCertificate, Reloads};

/// The certificates to present to peers.
#[derive(Clone)]
pub(crate) enum Presented {
    /// One certificate.
    Certificate(Arc<Identity>),
    /// A directory: the certificate for the requested name is presented.
    Directory(Arc<CertificateDirectory>),
}

impl Presented {
    /// The number of certificates that can be presented.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Certificate(_) => 1,
            Self::Directory(directory) => directory.identities().len(),
        }
    }

    /// The certificate for peers that request no name.
    pub(crate) fn default(&self) -> &Identity {
        match self {
            Self::Certificate(identity) => identity,
            Self::Directory(directory) => directory.default(),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Certificate(it), Self::Certificate(other)) => it.presents_same(other),
            (Self::Directory(it), Self::Directory(other)) => it.is_like(other),
            _ => false,
        }
    }
}

/// The content of all files of one side of TLS.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) presented: Option<Presented>,
    pub(crate) anchors: Option<TrustAnchors>,
}

impl Loaded {
    fn is_like(&self, other: &Self) -> bool {
        are_like(self.presented.as_ref(), other.presented.as_ref(), Presented::is_like)
            && are_like(self.anchors.as_ref(), other.anchors.as_ref(), TrustAnchors::is_like)
    }
}

fn are_like<T>(one: Option<&T>, other: Option<&T>, is_like: fn(&T, &T) -> bool) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => is_like(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// The current state: the loaded files, and the configuration created from them.
pub(crate) struct Current<C> {
    pub(crate) config: Arc<C>,
    pub(crate) loaded: Loaded,
}

/// Creates a rustls configuration from loaded files.
pub(crate) trait Configure<C>:
    Fn(&Loaded) -> Result<C, Problem> + Send + Sync + 'static
{
}
impl<C, F: Fn(&Loaded) -> Result<C, Problem> + Send + Sync + 'static> Configure<C> for F {}

/// The files of one side of TLS, and the configuration `C` that is created from them.
pub(crate) struct Store<C> {
    sources: Sources,
    configure: Box<dyn Configure<C>>,
    current: RwLock<Arc<Current<C>>>,
    /// The number of readings that were started.
    begun: AtomicU64,
    /// The number of the reading that is in use. An earlier reading may end later, if a file system
    /// does not respond; its result is ignored.
    in_use: Mutex<u64>,
    /// The messages of problems that were logged and persist, so that each is logged once.
    reported: Mutex<HashSet<String>>,
    count: ReloadCount,
    reader: Reader,
}

/// A store of either side of TLS, independent of the type of its configuration.
pub(crate) trait Reload: Send + Sync {
    /// Calls [`Store::read_now`].
    fn reload(self: Arc<Self>) -> Reading;
    /// Calls [`Store::presented`].
    fn presented(&self) -> Vec<PresentedCertificate>;
    /// Calls [`Store::reloads`].
    fn reloads(&self) -> Reloads;
}

impl<C: Send + Sync + 'static> Reload for Store<C> {
    fn reload(self: Arc<Self>) -> Reading {
        self.read_now()
    }

    fn presented(&self) -> Vec<PresentedCertificate> {
        Self::presented(self)
    }

    fn reloads(&self) -> Reloads {
        Self::reloads(self)
    }
}

/// How many times files were reloaded, by result.
#[derive(Default)]
struct ReloadCount {
    succeeded: AtomicU64,
    failed: AtomicU64,
}

/// What is in use after a reading of the files, and which problems the reading had.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) certificates: usize,
    pub(crate) has_changed: bool,
    pub(crate) problems: Vec<Problem>,
    /// Whether a certificate is kept although its files were removed.
    keeps_removed: bool,
}

impl<C> Store<C> {
    pub(crate) fn current(&self) -> Arc<Current<C>> {
        Arc::clone(&lock::read(&self.current))
    }
}

impl<C: Send + Sync + 'static> Store<C> {
    /// Reads the files for the first time. Blocks, for a limited time.
    pub(crate) fn load(sources: Sources, configure: impl Configure<C>) -> Result<Self, Problem> {
        let theirs = sources.clone();
        let read = move |place: &CurrentPath| {
            let mut problems = Vec::new();
            let (unsettled, grace) = (&Unsettled::default(), GracePeriod::Over);
            let (presented, _) =
                read_presented(&theirs, None, unsettled, grace, place, &mut problems)?;
            let anchors = read_anchors(&theirs, place, &mut problems)?;
            Ok::<_, Problem>((presented, anchors, problems))
        };
        let (presented, anchors, problems) =
            Reader::default().run(sources.first_path(), read)??;
        for problem in &problems {
            tracing::warn!("{problem} (it is left out)");
        }
        let store = Self::from_loaded(sources, configure, Loaded { presented, anchors })?;
        *lock::lock(&store.reported) = problems.iter().map(ToString::to_string).collect();
        Ok(store)
    }

    /// Presents given certificates.
    #[cfg(test)]
    pub(crate) fn presenting(
        presented: Presented,
        sources: Sources,
        configure: impl Configure<C>,
    ) -> Result<Self, Problem> {
        let place = CurrentPath::new(sources.first_path());
        let anchors = read_anchors(&sources, &place, &mut Vec::new())?;
        Self::from_loaded(sources, configure, Loaded { presented: Some(presented), anchors })
    }

    fn from_loaded(
        sources: Sources,
        configure: impl Configure<C>,
        loaded: Loaded,
    ) -> Result<Self, Problem> {
        let config = Arc::new(configure(&loaded)?);
        Ok(Self {
            sources,
            configure: Box::new(configure),
            current: RwLock::new(Arc::new(Current { config, loaded })),
            begun: AtomicU64::default(),
            in_use: Mutex::default(),
            reported: Mutex::default(),
            count: ReloadCount::default(),
            reader: Reader::default(),
        })
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// The certificates that are presented now, with their files, subjects and expiry times.
    pub(crate) fn presented(&self) -> Vec<PresentedCertificate> {
        self.identities(|path, it| PresentedCertificate {
            path: path.to_owned(),
            subject: it.info.subject.clone(),
            expires: it.expires,
        })
    }

    /// Applies `look` to each presented certificate and its file.
    pub(crate) fn identities<T>(&self, look: impl Fn(&Path, &Identity) -> T) -> Vec<T> {
        match (&self.current().loaded.presented, &self.sources.identity) {
            (Some(Presented::Directory(directory)), _) => {
                let identities = directory.identities().iter();
                identities.map(|it| look(&it.certificate_path, &it.identity)).collect()
            }
            (
                Some(Presented::Certificate(identity)),
                Some(
                    TlsIdentitySource::Certificate(TlsIdentity { certificate: path, .. })
                    | TlsIdentitySource::Directory(path),
                ),
            ) => vec![look(path, identity)],
            (Some(Presented::Certificate(identity)), Some(TlsIdentitySource::Memory(_))) => {
                vec![look(Path::new(IN_MEMORY), identity)]
            }
            _ => Vec::new(),
        }
    }

    /// How many times the files were reloaded, with and without a problem.
    pub(crate) fn reloads(&self) -> Reloads {
        Reloads {
            succeeded: self.count.succeeded.load(Ordering::Relaxed),
            failed: self.count.failed.load(Ordering::Relaxed),
        }
    }

    /// Reloads everything, without a grace period, for a caller that needs the result.
    ///
    /// Blocks, for a limited time.
    pub(crate) fn read_now(self: &Arc<Self>) -> Reading {
        let store = Arc::clone(self);
        let read =
            move |place: &CurrentPath| store.read(&Unsettled::default(), GracePeriod::Over, place);
        let reading = self.reader.run(self.sources.first_path(), read);
        let reading = reading.unwrap_or_else(|problem| self.unchanged(problem));
        *lock::lock(&self.reported) = reading.problems.iter().map(ToString::to_string).collect();
        self.count(&reading);
        reading
    }

    /// The result of a reading that changed nothing because of a problem.
    fn unchanged(&self, problem: TlsFileProblem) -> Reading {
        let presented = &self.current().loaded.presented;
        let certificates = presented.as_ref().map_or(0, Presented::len);
        Reading { certificates, problems: vec![problem.into()], ..Reading::default() }
    }

    /// Reports that files cannot be read at all, unless that was already reported.
    pub(super) fn report_unread(&self, problem: TlsFileProblem) {
        let reading = self.unchanged(problem);
        self.report(&reading, &Unsettled::default(), GracePeriod::Over);
    }

    /// Logs that certificates have changed, and each problem that was not logged before.
    ///
    /// Returns `true` if a new problem was not logged because it may disappear in the grace period.
    pub(crate) fn report(
        &self,
        reading: &Reading,
        unsettled: &Unsettled,
        grace: GracePeriod,
    ) -> bool {
        let mut reported = lock::lock(&self.reported);
        if reading.has_changed {
            match reading.certificates {
                0 => tracing::info!("trust roots were reloaded, and have changed"),
                count => tracing::info!("certificates were reloaded: {count} in use"),
            }
        }
        let problems: Vec<_> = reading.problems.iter().map(ToString::to_string).collect();
        let has_new = problems.iter().any(|it| !reported.contains(it));
        if grace == GracePeriod::Running && (has_new || reading.keeps_removed) {
            return true;
        }
        for problem in problems.iter().filter(|it| !reported.contains(*it)) {
            tracing::warn!("{problem} (the previous ones stay in use)");
        }
        *reported = problems.into_iter().collect();
        // While a file is being written, nothing is read and nothing has changed.
        if reading.has_changed || !reading.problems.is_empty() || unsettled.is_empty() {
            self.count(reading);
        }
        false
    }

    fn count(&self, reading: &Reading) {
        let ReloadCount { succeeded, failed } = &self.count;
        let counter = if reading.problems.is_empty() { succeeded } else { failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Reloads the files that are not being written. Blocks while file systems do not respond.
    pub(crate) fn read(
        &self,
        unsettled: &Unsettled,
        grace: GracePeriod,
        place: &CurrentPath,
    ) -> Reading {
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let before = self.current();
        let (mut file_problems, mut problems) = (Vec::new(), Vec::new());
        let mut loaded = before.loaded.clone();
        let mut keeps_removed = false;
        let presented = before.loaded.presented.as_ref();
        let presented =
            read_presented(&self.sources, presented, unsettled, grace, place, &mut file_problems);
        match presented {
            Ok(read) => (loaded.presented, keeps_removed) = read,
            Err(problem) => file_problems.push(problem),
        }
        match read_anchors(&self.sources, place, &mut file_problems) {
            Ok(anchors) => loaded.anchors = anchors,
            Err(problem) => problems.push(problem),
        }
        problems.splice(..0, file_problems.into_iter().map(Problem::from));
        let certificates = loaded.presented.as_ref().map_or(0, Presented::len);
        let mut has_changed = false;
        match self.put_in_use(number, loaded) {
            Ok(changed) => has_changed = changed,
            Err(problem) => problems.push(problem),
        }
        Reading { certificates, has_changed, problems, keeps_removed }
    }

    /// Puts a reading in use unless a later one is. Returns whether the certificates have changed.
    fn put_in_use(&self, number: u64, loaded: Loaded) -> Result<bool, Problem> {
        let mut in_use = lock::lock(&self.in_use);
        if *in_use > number {
            return Ok(false);
        }
        *in_use = number;
        if loaded.is_like(&self.current().loaded) {
            return Ok(false);
        }
        let config = Arc::new((self.configure)(&loaded)?);
        *lock::write(&self.current) = Arc::new(Current { config, loaded });
        Ok(true)
    }
}

/// Reads the certificates to present. The second value is whether one is kept although its files
/// were removed.
fn read_presented(
    sources: &Sources,
    before: Option<&Presented>,
    unsettled: &Unsettled,
    grace: GracePeriod,
    place: &CurrentPath,
    problems: &mut Vec<TlsFileProblem>,
) -> Result<(Option<Presented>, bool), TlsFileProblem> {
    let now = SystemTime::now();
    place.set(sources.first_path());
    match &sources.identity {
        None => Ok((None, false)),
        Some(TlsIdentitySource::Certificate(files)) => {
            if unsettled.contains_any(files.paths()) {
                return Ok((before.cloned(), false));
            }
            let identity = Arc::new(Identity::load(files, now)?);
            Ok((Some(Presented::Certificate(identity)), false))
        }
        Some(TlsIdentitySource::Memory(given)) => {
            let identity = Arc::new(Identity::in_memory(given, now)?);
            Ok((Some(Presented::Certificate(identity)), false))
        }
        Some(TlsIdentitySource::Directory(path)) => {
            let identities = match before {
                Some(Presented::Directory(directory)) => directory.identities(),
                _ => &[],
            };
            let previous = Previous { identities, unsettled, grace };
            let (directory, keeps_removed) =
                CertificateDirectory::read(path, now, &previous, problems)?;
            Ok((Some(Presented::Directory(Arc::new(directory))), keeps_removed))
        }
    }
}

fn read_anchors(
    sources: &Sources,
    place: &CurrentPath,
    problems: &mut Vec<TlsFileProblem>,
) -> Result<Option<TrustAnchors>, Problem> {
    if let Some(path) = sources.anchor_path() {
        place.set(path);
    }
    sources.anchors.as_ref().map(|source| TrustAnchors::load(source, problems)).transpose()
}
