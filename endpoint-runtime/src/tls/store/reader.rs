//! Reads files on a separate thread, and waits for a limited time.
//!
//! A file system that does not respond, for example of a network server that is down, blocks the
//! thread, which cannot be interrupted. The thread is abandoned, and ends when the file system
//! responds.

use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::error::TlsFileProblem;
use crate::lock;

/// The time limit for reading files.
pub(super) const READ_TIME: Duration = Duration::from_secs(10);

/// The maximum number of abandoned threads; beyond it, reading fails immediately.
const MAX_LEFT_BEHIND: usize = 4;

/// Reads files on threads, each of which is abandoned after its time limit.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    /// The number of threads that are running, including abandoned ones.
    running: Arc<AtomicUsize>,
}

/// The path that a thread is reading, for the message if it takes too long.
pub(crate) struct CurrentPath(Mutex<PathBuf>);

impl CurrentPath {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self(Mutex::new(path.into()))
    }

    /// Sets the path that is read next.
    pub(super) fn set(&self, path: impl Into<PathBuf>) {
        *lock::lock(&self.0) = path.into();
    }
}

impl Reader {
    /// Runs `read`, which begins with the files at `path`, for at most [`READ_TIME`]. Blocks.
    ///
    /// # Errors
    ///
    /// Returns an error if the time limit passes, which abandons the thread, or if no thread can be
    /// started.
    pub(super) fn run<T: Send + 'static>(
        &self,
        path: &Path,
        read: impl FnOnce(&CurrentPath) -> T + Send + 'static,
    ) -> Result<T, TlsFileProblem> {
        self.run_within(READ_TIME, path, read)
    }

    fn run_within<T: Send + 'static>(
        &self,
        limit: Duration,
        path: &Path,
        read: impl FnOnce(&CurrentPath) -> T + Send + 'static,
    ) -> Result<T, TlsFileProblem> {
        let place = Arc::new(CurrentPath::new(path));
        let late = |place: &CurrentPath| {
            let error = format!("it takes longer than {} seconds", limit.as_secs_f64());
            let path = lock::lock(&place.0).clone();
            TlsFileProblem::unreadable(path, io::Error::new(io::ErrorKind::TimedOut, error))
        };
        let running = Running::new(&self.running);
        if self.running.load(Ordering::Relaxed) > MAX_LEFT_BEHIND {
            return Err(late(&place));
        }
        let (sender, receiver) = channel();
        let theirs = Arc::clone(&place);
        let thread = thread::Builder::new().name("file reader".into()).spawn(move || {
            let result = read(&theirs);
            drop(running);
            // After the time limit there is no receiver.
            let _ = sender.send(result);
        });
        let thread = thread.map_err(|error| TlsFileProblem::unreadable(path, error))?;
        match receiver.recv_timeout(limit) {
            Ok(result) => Ok(result),
            Err(RecvTimeoutError::Timeout) => Err(late(&place)),
            Err(RecvTimeoutError::Disconnected) => match thread.join() {
                Err(panic) => resume_unwind(panic),
                Ok(()) => Err(late(&place)),
            },
        }
    }
}

/// Counts a thread as running until it is dropped.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(running: &Arc<AtomicUsize>) -> Self {
        running.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(running))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hanging_threads_are_abandoned_up_to_a_limit() {
        let reader = Reader::default();
        let limit = Duration::from_millis(1);
        let (release, hang) = channel::<()>();
        let hang = Arc::new(Mutex::new(hang));
        for _ in 0..MAX_LEFT_BEHIND {
            let hang = Arc::clone(&hang);
            let read = move |place: &CurrentPath| {
                place.set("/net/a.pem");
                // All senders are dropped at the end of the test.
                lock::lock(&hang).recv().ok()
            };
            assert!(reader.run_within(limit, Path::new("/net"), read).is_err());
        }
        let problem = reader.run(Path::new("/net"), |_| ()).unwrap_err();
        assert_eq!(problem.to_string(), "cannot read `/net`: it takes longer than 10 seconds");
        drop(release);
        while reader.run(Path::new("/net"), |_| ()).is_err() {
            thread::yield_now();
        }
        assert_eq!(reader.run(Path::new("/net"), |_| 7).unwrap(), 7);
    }

    #[test]
    fn the_slow_path_is_named() {
        let (release, hang) = channel::<()>();
        let read = move |place: &CurrentPath| {
            place.set("/net/a.pem");
            hang.recv().ok()
        };
        let problem = Reader::default().run_within(Duration::from_secs(1), Path::new("/"), read);
        let said = "cannot read `/net/a.pem`: it takes longer than 1 seconds";
        assert_eq!(problem.unwrap_err().to_string(), said);
        drop(release);
    }
}
