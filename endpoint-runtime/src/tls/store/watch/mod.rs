//! Watches files on a thread, and reloads them when they change.
//!
//! 1. The kernel reports a change, or polling finds one.
//! 2. Files are read after a quiet period without changes, or after a fixed time at the latest.
//! 3. Files that are open for writing are not read; closing them is another change.
//! 4. Problems may be temporary, so they count only if they persist after the grace period.
//!
//! The thread ends with the [`Watch`]. It processes no data from peers.

#[cfg(any(target_os = "android", target_os = "linux"))]
mod inotify;
#[cfg(any(target_os = "android", target_os = "linux"))]
mod paths;
mod polling;

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use self::polling::Polling;
use super::reader::{CurrentPath, Reader};
use super::reload::{Configure, Store};
use super::sources::Sources;
use super::unsettled::{GracePeriod, Unsettled};
use crate::error::Problem;

/// The quiet period after which files are read, and the time after which they are read regardless.
///
/// Changes take effect within two seconds, one of which is the grace period.
const QUIET_TIME: Duration = Duration::from_millis(100);
const MAX_DELAY: Duration = Duration::from_millis(700);
const GRACE_TIME: Duration = Duration::from_secs(1);

/// The polling interval if the kernel does not report changes.
const POLL_INTERVAL: Duration = Duration::from_millis(400);

/// The retry interval after a reading that exceeded its time limit.
const RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// Keeps a thread that watches files; dropping it ends the thread.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Closing this socket ends the thread.
    _end: UnixStream,
}

/// A store, and the watch that reloads it; `None` if there are no files or no thread can start.
type Watched<C> = (Arc<Store<C>>, Option<Arc<Watch>>);

/// Records changes from before the first reading, so that none is lost. `None` if that takes too
/// long.
pub(crate) struct Watcher(Option<Changes>);

impl Watcher {
    /// Reads files for the first time, and watches them. Blocks, for a limited time.
    pub(crate) fn load<C: Send + Sync + 'static>(
        sources: Sources,
        configure: impl Configure<C>,
    ) -> Result<Watched<C>, Problem> {
        let watcher = sources.has_files().then(|| Self::new(&sources));
        let store = Arc::new(Store::load(sources, configure)?);
        let watch = watcher.and_then(|watcher| {
            let watch = watcher.start(Arc::clone(&store)).inspect_err(|error| {
                tracing::warn!("certificates are not reloaded when they change: {error}");
            });
            watch.ok().map(Arc::new)
        });
        Ok((store, watch))
    }

    /// Starts to record changes. Blocks, for a limited time.
    fn new(sources: &Sources) -> Self {
        let theirs = sources.clone();
        let changes = Reader::default().run(sources.first_path(), move |_| Changes::new(&theirs));
        Self(changes.ok())
    }

    /// Makes the store reload its files after each change.
    fn start<C: Send + Sync + 'static>(self, store: Arc<Store<C>>) -> std::io::Result<Watch> {
        let (ours, theirs) = UnixStream::pair()?;
        let name = "certificates".to_owned();
        let reloader = Reloader { changes: self.0, store, changed: None, grace_end: None };
        thread::Builder::new().name(name).spawn(move || reloader.run(&theirs))?;
        Ok(Watch { _end: ours })
    }
}

/// How changes of files are detected.
enum Changes {
    #[cfg(any(target_os = "android", target_os = "linux"))]
    Inotify(inotify::Watches),
    Polling(Polling),
}

impl Changes {
    #[cfg(any(target_os = "android", target_os = "linux"))]
    fn new(sources: &Sources) -> Self {
        inotify::Watches::new(sources)
            .map_or_else(|_| Self::Polling(Polling::new(sources)), Self::Inotify)
    }

    #[cfg(not(any(target_os = "android", target_os = "linux")))]
    fn new(sources: &Sources) -> Self {
        Self::Polling(Polling::new(sources))
    }

    /// Watches the directories that the paths of the files lead to now.
    #[cfg(any(target_os = "android", target_os = "linux"))]
    fn update(&mut self, sources: &Sources) {
        match self {
            Self::Inotify(watches) => {
                if watches.update(sources).is_err() {
                    *self = Self::Polling(Polling::new(sources));
                }
            }
            Self::Polling(_) => {
                // A directory that could not be watched before may exist now.
                if let Ok(watches) = inotify::Watches::new(sources) {
                    *self = Self::Inotify(watches);
                }
            }
        }
    }

    /// Does nothing, because each poll resolves the paths again.
    #[cfg(not(any(target_os = "android", target_os = "linux")))]
    fn update(&mut self, _: &Sources) {}

    fn unsettled(&mut self) -> Unsettled {
        match self {
            #[cfg(any(target_os = "android", target_os = "linux"))]
            Self::Inotify(watches) => watches.unsettled(),
            Self::Polling(polling) => polling.unsettled(),
        }
    }

    /// The descriptor that wakes the thread, and the maximum time to sleep; `None` means no limit.
    fn waking(&self) -> (Option<BorrowedFd<'_>>, Option<Duration>) {
        match self {
            #[cfg(any(target_os = "android", target_os = "linux"))]
            Self::Inotify(watches) => (Some(watches.as_fd()), None),
            Self::Polling(_) => (None, Some(POLL_INTERVAL)),
        }
    }
}

/// The state of the thread. It accesses files only through the [`Reader`], whose threads may block.
struct Reloader<C> {
    /// `None` after a reading that exceeded its time limit; then recording starts again.
    changes: Option<Changes>,
    store: Arc<Store<C>>,
    /// When the first and the last change since the last reading were found; `None` without a
    /// change.
    changed: Option<(Instant, Instant)>,
    /// When the grace period of a problem ends; `None` without a problem.
    grace_end: Option<Instant>,
}

impl<C: Send + Sync + 'static> Reloader<C> {
    fn run(mut self, end: &UnixStream) {
        while self.wait(end) {
            let now = Instant::now();
            if self.drive_changes() {
                let first = self.changed.map_or(now, |(first, _)| first);
                self.changed = Some((first, now));
            }
            if self.due().is_some_and(|due| due <= now) {
                self.read(now);
            }
        }
    }

    /// Waits for a change or until files must be read; returns false when the watch ends.
    fn wait(&self, end: &UnixStream) -> bool {
        let (changes, interval) = self.waking();
        let due = self.due().map(|due| due.saturating_duration_since(Instant::now()));
        let timeout = [due, interval].into_iter().flatten().min();
        let timeout = timeout.and_then(|it| Timespec::try_from(it).ok());
        let mut polled = vec![PollFd::from_borrowed_fd(end.as_fd(), PollFlags::IN)];
        polled.extend(changes.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        match poll(&mut polled, timeout.as_ref()) {
            Ok(_) => polled[0].revents().is_empty(),
            Err(error) => error == Errno::INTR,
        }
    }

    /// The descriptor that wakes the thread, and the maximum time to sleep; `None` means no limit.
    fn waking(&self) -> (Option<BorrowedFd<'_>>, Option<Duration>) {
        self.changes.as_ref().map_or((None, Some(RETRY_INTERVAL)), Changes::waking)
    }

    /// Polls for changes, and returns whether there was one since the last call.
    fn drive_changes(&mut self) -> bool {
        match self.changes.take() {
            None => {
                self.changes = self.read_by(|sources, _| Changes::new(sources));
                // Changes before this moment were not recorded, so this counts as a change.
                self.changes.is_some()
            }
            #[cfg(any(target_os = "android", target_os = "linux"))]
            Some(Changes::Inotify(mut watches)) => {
                let matters = watches.drive_events();
                self.changes = Some(Changes::Inotify(watches));
                matters
            }
            Some(Changes::Polling(mut polling)) => {
                let polled = self.read_by(move |sources, _| {
                    let has_changed = polling.drive_poll(sources);
                    (polling, has_changed)
                });
                let Some((polling, has_changed)) = polled else { return false };
                self.changes = Some(Changes::Polling(polling));
                has_changed
            }
        }
    }

    /// Runs `read` on a separate thread; reports it and returns `None` if it takes too long.
    fn read_by<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Sources, &CurrentPath) -> T + Send + 'static,
    ) -> Option<T> {
        let sources = self.store.sources().clone();
        let path = self.store.sources().first_path();
        let read = self.store.reader().run(path, move |place| read(&sources, place));
        read.map_err(|problem| self.store.report_unread(problem)).ok()
    }

    /// When files must be read; `None` if nothing has changed and no grace period is running.
    fn due(&self) -> Option<Instant> {
        let quiet = self.waking().1.unwrap_or(QUIET_TIME);
        let changed = self.changed.map(|(first, last)| (last + quiet).min(first + MAX_DELAY));
        [changed, self.grace_end].into_iter().flatten().min()
    }

    /// Reads the files, reports the result, and starts or ends the grace period.
    fn read(&mut self, now: Instant) {
        let grace = match self.grace_end {
            Some(end) if end <= now => GracePeriod::Over,
            _ => GracePeriod::Running,
        };
        self.changed = None;
        let Some(mut changes) = self.changes.take() else { return };
        let store = Arc::clone(&self.store);
        let read = self.read_by(move |sources, place| {
            changes.update(sources);
            let unsettled = changes.unsettled();
            let reading = store.read(&unsettled, grace, place);
            (changes, unsettled, reading)
        });
        let Some((changes, unsettled, reading)) = read else {
            self.grace_end = None;
            return;
        };
        let has_problem = self.store.report(&reading, &unsettled, grace);
        // inotify reports when an unsettled file is closed; polling must look again.
        let is_polling = changes.waking().0.is_none();
        self.changes = Some(changes);
        self.changed = (is_polling && !unsettled.is_empty()).then_some((now, now));
        self.grace_end = has_problem.then(|| self.grace_end.unwrap_or(now + GRACE_TIME));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{TlsAccept, TlsIdentitySource};
    use crate::tls::server::configure;
    use crate::tls::tests::Place;
    use crate::tls::tests::pki::{Authority, Issued};

    #[test]
    fn polling_finds_changes_that_inotify_does_not_report() {
        let (place, authority) = (Place::new(), Authority::new("root"));
        let put = |issued: &Issued| place.file("a.pem", &issued.both());
        put(&authority.issue("a.test"));
        let plan = TlsAccept::new(TlsIdentitySource::Directory(place.0.clone()));
        let sources = Sources::from(&plan);
        let watcher = Watcher(Some(Changes::Polling(Polling::new(&sources))));
        let store = Arc::new(Store::load(sources, configure(&plan, None)).unwrap());
        let watch = watcher.start(Arc::clone(&store)).unwrap();
        // After the first change, inotify is tried again.
        for _ in 0..2 {
            let before = store.current();
            put(&authority.issue("a.test"));
            let start = Instant::now();
            while Arc::ptr_eq(&before, &store.current()) {
                assert!(start.elapsed() < Duration::from_secs(20), "the change is not noticed");
                thread::yield_now();
            }
        }
        drop(watch);
        let start = Instant::now();
        while Arc::strong_count(&store) > 1 {
            assert!(start.elapsed() < Duration::from_secs(20), "the thread goes on");
            thread::yield_now();
        }
    }
}
