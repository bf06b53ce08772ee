//! Watches the files of a server, on a thread of its own, and has them read again when they change.
//!
//! 1. Something changes: the kernel tells of it, or a look finds it.
//! 2. It goes on changing: nothing is read before it has been quiet for a while, or too long has passed.
//! 3. The files are read. Those that somebody is still writing are not; their end will be told of.
//! 4. What is missing or wrong then may be there a moment later, so it counts only if it lasts.
//!
//! The thread ends with the [`Watch`]. Nothing that a client sends gets here.

#[cfg(any(target_os = "android", target_os = "linux"))]
mod inotify;
mod looks;
#[cfg(any(target_os = "android", target_os = "linux"))]
mod trail;
mod unsettled;

use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use self::looks::Looks;
pub(crate) use self::unsettled::Unsettled;
use super::reload::{Patience, State};
use crate::plan::TlsAccept;

/// How long nothing may change before files are read, and how long they may keep that up: changes are to be served
/// within two seconds, and what is missing has one of them to come back.
const QUIET: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_millis(700);
const LASTING: Duration = Duration::from_secs(1);

/// How often to look where the kernel does not tell.
const PERIOD: Duration = Duration::from_millis(400);

/// Watches until it is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The thread sees that it was closed.
    _end: UnixStream,
}

/// Eyes that were opened before the files were read the first time, so that no change is lost.
pub(crate) struct Watcher(Eyes);

impl Watcher {
    /// Begins to collect what changes.
    pub(crate) fn new(plan: &TlsAccept) -> Self {
        Self(Eyes::open(plan))
    }

    /// Has the state read its files again whenever they change.
    pub(crate) fn start(self, state: Arc<State>) -> std::io::Result<Watch> {
        let (ours, theirs) = UnixStream::pair()?;
        let name = "certificates".to_owned();
        let run =
            move || Keeper { eyes: self.0, state, changed: None, doubtful: None }.run(&theirs);
        thread::Builder::new().name(name).spawn(run)?;
        Ok(Watch { _end: ours })
    }
}

/// How changes are noticed.
enum Eyes {
    #[cfg(any(target_os = "android", target_os = "linux"))]
    Told(inotify::Watches),
    Looking(Looks),
}

impl Eyes {
    #[cfg(any(target_os = "android", target_os = "linux"))]
    fn open(plan: &TlsAccept) -> Self {
        inotify::Watches::on(plan).map_or_else(|_| Self::Looking(Looks::at(plan)), Self::Told)
    }

    #[cfg(not(any(target_os = "android", target_os = "linux")))]
    fn open(plan: &TlsAccept) -> Self {
        Self::Looking(Looks::at(plan))
    }

    /// Looks wherever files are now.
    fn follow(&mut self, plan: &TlsAccept) {
        match self {
            #[cfg(any(target_os = "android", target_os = "linux"))]
            Self::Told(watches) => {
                if watches.follow(plan).is_err() {
                    *self = Self::Looking(Looks::at(plan));
                }
            }
            #[cfg(any(target_os = "android", target_os = "linux"))]
            Self::Looking(_) => {
                // What could not be watched may be there now.
                if let Ok(watches) = inotify::Watches::on(plan) {
                    *self = Self::Told(watches);
                }
            }
            #[cfg(not(any(target_os = "android", target_os = "linux")))]
            Self::Looking(_) => {}
        }
    }

    /// Whether something has changed since the last time.
    fn drive_changes(&mut self, plan: &TlsAccept) -> bool {
        match self {
            #[cfg(any(target_os = "android", target_os = "linux"))]
            Self::Told(watches) => watches.drive_events(),
            Self::Looking(looks) => looks.drive_look(plan),
        }
    }

    fn unsettled(&mut self) -> Unsettled {
        match self {
            #[cfg(any(target_os = "android", target_os = "linux"))]
            Self::Told(watches) => watches.unsettled(),
            Self::Looking(looks) => looks.unsettled(),
        }
    }

    /// What wakes the thread, and how long it sleeps at most.
    fn waking(&self) -> (Option<BorrowedFd<'_>>, Option<Duration>) {
        match self {
            #[cfg(any(target_os = "android", target_os = "linux"))]
            Self::Told(watches) => (Some(watches.as_fd()), None),
            Self::Looking(_) => (None, Some(PERIOD)),
        }
    }
}

/// What the thread knows.
struct Keeper {
    eyes: Eyes,
    state: Arc<State>,
    /// When something changed that has not been read: first, and last.
    changed: Option<(Instant, Instant)>,
    /// When to find out whether what was missing or wrong still is.
    doubtful: Option<Instant>,
}

impl Keeper {
    fn run(mut self, end: &UnixStream) {
        while self.wait(end) {
            let now = Instant::now();
            if self.eyes.drive_changes(self.state.plan()) {
                let first = self.changed.map_or(now, |(first, _)| first);
                self.changed = Some((first, now));
            }
            if self.due().is_some_and(|due| due <= now) {
                self.read(now);
            }
        }
    }

    /// Waits until something may have to be done; whether the watch goes on.
    fn wait(&self, end: &UnixStream) -> bool {
        let (told, period) = self.eyes.waking();
        let due = self.due().map(|due| due.saturating_duration_since(Instant::now()));
        let sleep = [due, period].into_iter().flatten().min();
        let sleep = sleep.and_then(|sleep| Timespec::try_from(sleep).ok());
        let mut polled = vec![PollFd::from_borrowed_fd(end.as_fd(), PollFlags::IN)];
        polled.extend(told.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        match poll(&mut polled, sleep.as_ref()) {
            Ok(_) => polled[0].revents().is_empty(),
            Err(error) => error == Errno::INTR,
        }
    }

    /// When to read.
    fn due(&self) -> Option<Instant> {
        let quiet = self.eyes.waking().1.unwrap_or(QUIET);
        let changed = self.changed.map(|(first, last)| (last + quiet).min(first + PATIENCE));
        [changed, self.doubtful].into_iter().flatten().min()
    }

    fn read(&mut self, now: Instant) {
        self.eyes.follow(self.state.plan());
        let patience = match self.doubtful {
            Some(end) if end <= now => Patience::Ended,
            _ => Patience::Left,
        };
        let unsettled = self.eyes.unsettled();
        let is_doubtful = self.state.read_again(&unsettled, patience);
        // Whoever is told is told of the end, too.
        let (told, _) = self.eyes.waking();
        self.changed = (told.is_none() && !unsettled.is_empty()).then_some((now, now));
        self.doubtful = is_doubtful.then(|| self.doubtful.unwrap_or(now + LASTING));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Place;
    use super::super::tests::pki::{Authority, Issued};
    use super::*;
    use crate::plan::TlsShown;

    #[test]
    fn where_nothing_is_told_looking_finds_it() {
        let (place, authority) = (Place::new(), Authority::new("root"));
        let put = |issued: &Issued| place.file("a.pem", &issued.both());
        put(&authority.issue("a.test"));
        let plan = TlsAccept::new(TlsShown::Directory(place.0.clone()));
        let watcher = Watcher(Eyes::Looking(Looks::at(&plan)));
        let state = Arc::new(State::load(&plan, None).unwrap());
        let watch = watcher.start(Arc::clone(&state)).unwrap();
        // After the first change it is tried anew whether somebody tells.
        for _ in 0..2 {
            let before = state.current();
            put(&authority.issue("a.test"));
            let start = Instant::now();
            while Arc::ptr_eq(&before, &state.current()) {
                assert!(start.elapsed() < Duration::from_secs(20), "nobody has seen it");
                thread::yield_now();
            }
        }
        drop(watch);
        let start = Instant::now();
        while Arc::strong_count(&state) > 1 {
            assert!(start.elapsed() < Duration::from_secs(20), "the thread goes on");
            thread::yield_now();
        }
    }
}
