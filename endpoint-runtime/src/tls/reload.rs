//! The certificates that are shown now, and how others take their place.
//!
//! Files are read as a whole and take the place of what was there at one moment, for whoever connects after it:
//! handshakes that have begun go on with what they began with. What cannot be used takes nobody's place. Sessions from
//! before are not resumed after a change, so everybody gets to see the new certificate.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::server::ResolvesServerCert;
use rustls::sign::SingleCertAndKey;

use super::authorities::Authorities;
use super::directory::{Directory, Past, same};
use super::pem::Identity;
use super::reloaded::{Reloads, ShownCertificate};
use super::server::config;
use super::watch::Unsettled;
use super::{KeyLog, left_out};
use crate::error::TlsFileProblem;
use crate::lock;
use crate::plan::{TlsAccept, TlsIdentity, TlsShown};

/// Whether what is missing or wrong may be there a moment later, so that nothing is said of it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    Left,
    Ended,
}

/// What clients get to see.
#[derive(Clone)]
pub(super) enum Shown {
    /// The one certificate.
    Certificate(Arc<Identity>),
    /// That of a directory which is for the name asked for.
    Directory(Arc<Directory>),
}

impl Shown {
    /// How many certificates there are.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Certificate(_) => 1,
            Self::Directory(directory) => directory.len(),
        }
    }

    /// The certificate of those who do not say what they want.
    pub(super) fn default(&self) -> &Identity {
        match self {
            Self::Certificate(it) => it,
            Self::Directory(directory) => directory.default(),
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Certificate(it), Self::Certificate(other)) => same(it, other),
            (Self::Directory(it), Self::Directory(other)) => it.is_like(other),
            _ => false,
        }
    }
}

/// All that the files of a server hold, ready for handshakes.
pub(super) struct Ready {
    pub(super) config: Arc<ServerConfig>,
    pub(super) shown: Shown,
    clients: Option<Authorities>,
}

impl Ready {
    pub(super) fn new(
        plan: &TlsAccept,
        key_log: Option<&KeyLog>,
        shown: Shown,
        clients: Option<Authorities>,
    ) -> Result<Self, TlsFileProblem> {
        let resolver: Arc<dyn ResolvesServerCert> = match &shown {
            Shown::Certificate(it) => Arc::new(SingleCertAndKey::from(Arc::clone(&it.key))),
            Shown::Directory(directory) => Arc::clone(directory) as _,
        };
        let config = Arc::new(config(plan, key_log, resolver, clients.clone())?);
        Ok(Self { config, shown, clients })
    }

    fn trusts_like(&self, other: Option<&Authorities>) -> bool {
        self.clients.as_ref().map(|it| &it.named) == other.map(|it| &it.named)
    }
}

/// What one reading came to.
pub(crate) struct Reading {
    pub(crate) certificates: usize,
    pub(crate) has_changed: bool,
    pub(crate) problems: Vec<TlsFileProblem>,
    /// Whether something is shown whose files have gone.
    has_gone: bool,
}

/// What a server shows, for as long as it listens.
pub(crate) struct State {
    plan: TlsAccept,
    key_log: Option<KeyLog>,
    current: RwLock<Arc<Ready>>,
    /// What was said to be wrong, and still is. Who reads holds it, so that one reading follows the other.
    said: Mutex<HashSet<String>>,
    tally: Tally,
}

/// How often certificates were read again, by what came of it.
#[derive(Default)]
struct Tally {
    succeeded: AtomicU64,
    failed: AtomicU64,
}

impl Tally {
    fn count(&self, reading: &Reading) {
        let counter = if reading.problems.is_empty() { &self.succeeded } else { &self.failed };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

impl State {
    /// Reads what the plan names, for the first time. Blocks.
    pub(super) fn load(plan: &TlsAccept, key_log: Option<&KeyLog>) -> Result<Self, TlsFileProblem> {
        let mut problems = Vec::new();
        let now = SystemTime::now();
        let shown = match &plan.identity {
            TlsShown::Certificate(files) => {
                Shown::Certificate(Arc::new(Identity::load(files, now)?))
            }
            TlsShown::Directory(path) => {
                let unsettled = &Unsettled::default();
                let past = Past { before: None, unsettled, patience: Patience::Ended };
                let (directory, _) = Directory::read(path, now, &past, &mut problems)?;
                Shown::Directory(Arc::new(directory))
            }
        };
        let clients = plan.client_cas.as_ref();
        let clients = clients.map(|path| Authorities::of(path, &mut problems)).transpose()?;
        left_out(&problems);
        let ready = Ready::new(plan, key_log, shown, clients)?;
        Ok(Self::of(plan, key_log, ready, &problems))
    }

    pub(super) fn of(
        plan: &TlsAccept,
        key_log: Option<&KeyLog>,
        ready: Ready,
        problems: &[TlsFileProblem],
    ) -> Self {
        Self {
            plan: plan.clone(),
            key_log: key_log.cloned(),
            current: RwLock::new(Arc::new(ready)),
            said: Mutex::new(problems.iter().map(ToString::to_string).collect()),
            tally: Tally::default(),
        }
    }

    pub(super) fn plan(&self) -> &TlsAccept {
        &self.plan
    }

    pub(super) fn current(&self) -> Arc<Ready> {
        Arc::clone(&lock::read(&self.current))
    }

    /// The certificates that are shown, with the files that they are in.
    pub(crate) fn shown(&self) -> Vec<ShownCertificate> {
        let of = |path: &Path, it: &Identity| ShownCertificate {
            path: path.to_owned(),
            subject: it.facts.subject.clone(),
            expires: it.expires,
        };
        match &self.current().shown {
            Shown::Directory(directory) => directory.all().map(|(path, it)| of(path, it)).collect(),
            Shown::Certificate(identity) => {
                let (TlsShown::Certificate(TlsIdentity { certificate: path, .. })
                | TlsShown::Directory(path)) = &self.plan.identity;
                vec![of(path, identity)]
            }
        }
    }

    /// How often they were read again.
    pub(crate) fn reloads(&self) -> Reloads {
        let Tally { succeeded, failed } = &self.tally;
        Reloads {
            succeeded: succeeded.load(Ordering::Relaxed),
            failed: failed.load(Ordering::Relaxed),
        }
    }

    /// Reads everything again, whatever its state, for somebody who wants to know what comes of it. Blocks.
    pub(crate) fn read_now(&self) -> Reading {
        let mut said = lock::lock(&self.said);
        let reading = self.read(&Unsettled::default(), Patience::Ended);
        *said = reading.problems.iter().map(ToString::to_string).collect();
        self.tally.count(&reading);
        reading
    }

    /// Reads again what has settled, and says what is wrong, once; whether there is something that may pass. Blocks.
    pub(super) fn read_again(&self, unsettled: &Unsettled, patience: Patience) -> bool {
        let mut said = lock::lock(&self.said);
        let reading = self.read(unsettled, patience);
        if reading.has_changed {
            let count = reading.certificates;
            tracing::info!("certificates were read again: showing {count} now");
        }
        let problems: Vec<_> = reading.problems.iter().map(ToString::to_string).collect();
        let is_news = problems.iter().any(|it| !said.contains(it));
        if patience == Patience::Left && (is_news || reading.has_gone) {
            return true;
        }
        for problem in problems.iter().filter(|it| !said.contains(*it)) {
            tracing::warn!("{problem} (what was there before stays)");
        }
        *said = problems.into_iter().collect();
        // Where somebody is still writing and all is as before, nothing was read.
        if reading.has_changed || !reading.problems.is_empty() || unsettled.is_empty() {
            self.tally.count(&reading);
        }
        false
    }

    fn read(&self, unsettled: &Unsettled, patience: Patience) -> Reading {
        let before = self.current();
        let mut problems = Vec::new();
        let (shown, has_gone) = match self.read_shown(&before, unsettled, patience, &mut problems) {
            Ok(read) => read,
            Err(problem) => {
                problems.push(problem);
                (before.shown.clone(), false)
            }
        };
        let clients = self.plan.client_cas.as_ref().and_then(|path| {
            Authorities::of(path, &mut problems)
                .map_err(|problem| problems.push(problem))
                .map_or_else(|()| before.clients.clone(), Some)
        });
        let mut reading =
            Reading { certificates: shown.len(), has_changed: false, problems, has_gone };
        if !shown.is_like(&before.shown) || !before.trusts_like(clients.as_ref()) {
            match Ready::new(&self.plan, self.key_log.as_ref(), shown, clients) {
                Ok(ready) => {
                    *lock::write(&self.current) = Arc::new(ready);
                    reading.has_changed = true;
                }
                Err(problem) => reading.problems.push(problem),
            }
        }
        reading
    }

    fn read_shown(
        &self,
        before: &Ready,
        unsettled: &Unsettled,
        patience: Patience,
        problems: &mut Vec<TlsFileProblem>,
    ) -> Result<(Shown, bool), TlsFileProblem> {
        let now = SystemTime::now();
        match (&self.plan.identity, &before.shown) {
            (TlsShown::Directory(path), Shown::Directory(before)) => {
                let past = Past { before: Some(before), unsettled, patience };
                let (directory, has_gone) = Directory::read(path, now, &past, problems)?;
                Ok((Shown::Directory(Arc::new(directory)), has_gone))
            }
            (TlsShown::Certificate(files), shown) => {
                if unsettled.contains_any(files.paths()) {
                    return Ok((shown.clone(), false));
                }
                Ok((Shown::Certificate(Arc::new(Identity::load(files, now)?)), false))
            }
            (TlsShown::Directory(_), Shown::Certificate(_)) => Ok((before.shown.clone(), false)),
        }
    }
}
