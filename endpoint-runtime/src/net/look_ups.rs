//! Blocking name lookups on a bounded number of threads.
//!
//! 1. A name is looked up once at a time. A further request for it waits for the same answer.
//! 2. At most [`THREADS`] lookups run at a time; further names are queued in order.
//! 3. A queued name is skipped if all its callers have gone.
//! 4. Threads are detached, so the process can exit without waiting for them.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use smol::channel::{Receiver, Sender, bounded};

use crate::lock::lock;

/// The maximum number of concurrent lookups.
const THREADS: usize = 64;

/// The addresses of a name, whose ports are not set yet.
type Found = io::Result<Vec<SocketAddr>>;

/// Runs lookups with one blocking function, such as `getaddrinfo`, on threads.
pub(super) struct LookUps {
    look_up: fn(&str) -> Found,
    state: Mutex<State>,
}

struct State {
    /// Lookups that threads are running.
    running: Vec<LookUp>,
    /// Names that wait for a thread, in the order of their first requests.
    waiting: VecDeque<LookUp>,
}

/// One name, and a channel to each task that waits for its addresses.
struct LookUp {
    name: Arc<str>,
    requests: Vec<Sender<Found>>,
}

impl LookUps {
    pub(super) const fn new(look_up: fn(&str) -> Found) -> Self {
        let state = State { running: Vec::new(), waiting: VecDeque::new() };
        Self { look_up, state: Mutex::new(state) }
    }

    /// Looks up a name, or waits for the running lookup of the same name.
    pub(super) async fn find(&'static self, name: &str) -> Found {
        let answer = self.request(name)?;
        // The channel is closed if the lookup panicked.
        answer.recv().await.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
    }

    /// Starts or queues a lookup, or joins the one of the same name; the channel returns its
    /// result.
    fn request(&'static self, name: &str) -> io::Result<Receiver<Found>> {
        let (request, answer) = bounded(1);
        let mut state = lock(&self.state);
        let State { running, waiting } = &mut *state;
        if let Some(same) = running.iter_mut().chain(waiting).find(|it| &*it.name == name) {
            // Requests whose callers have dropped their futures are removed, so that they use no
            // memory.
            same.requests.retain(|request| !request.is_closed());
            same.requests.push(request);
            return Ok(answer);
        }
        let look_up = LookUp { name: name.into(), requests: vec![request] };
        if state.running.len() >= THREADS {
            state.waiting.push_back(look_up);
            return Ok(answer);
        }
        let name = Arc::clone(&look_up.name);
        let has_others = !state.running.is_empty();
        match thread::Builder::new().name("look-up".to_owned()).spawn(|| self.run(name)) {
            Ok(_) => state.running.push(look_up),
            // No thread can be created now, so a running one takes the name from the queue.
            Err(_) if has_others => state.waiting.push_back(look_up),
            Err(error) => return Err(error),
        }
        Ok(answer)
    }

    /// Runs on a thread: looks up `first`, and then queued names until there are none.
    fn run(&self, first: Arc<str>) {
        let mut next = Some(first);
        while let Some(name) = next {
            let found = (self.look_up)(&name);
            let (requests, following) = lock(&self.state).finish(&name);
            for request in requests {
                // Sending fails if the caller has dropped its future.
                let _ = request.try_send(copy(&found));
            }
            next = following;
        }
    }
}

impl State {
    /// Ends the lookup of `name`; returns the channels of its requests, and the next queued name.
    fn finish(&mut self, name: &str) -> (Vec<Sender<Found>>, Option<Arc<str>>) {
        let at = self.running.iter().position(|it| &*it.name == name);
        let requests = at.map(|at| self.running.swap_remove(at).requests).unwrap_or_default();
        let is_wanted = |it: &LookUp| it.requests.iter().any(|request| !request.is_closed());
        while let Some(next) = self.waiting.pop_front() {
            if is_wanted(&next) {
                let name = Arc::clone(&next.name);
                self.running.push(next);
                return (requests, Some(name));
            }
        }
        (requests, None)
    }
}

/// Duplicates a result for a further request, because `io::Error` is not `Clone`.
fn copy(found: &Found) -> Found {
    match found {
        Ok(found) => Ok(found.clone()),
        Err(error) => Err(match error.raw_os_error() {
            Some(number) => io::Error::from_raw_os_error(number),
            None => io::Error::new(error.kind(), error.to_string()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Condvar;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use smol::future::{block_on, poll_once, zip};

    use super::*;

    /// A name server that answers on demand.
    struct Server {
        /// The names that were queried, in order.
        asked: Mutex<Vec<String>>,
        changed: Condvar,
        /// Whether queries are answered; until then they block.
        answers: Mutex<bool>,
    }

    impl Server {
        const fn new() -> Self {
            Self {
                asked: Mutex::new(Vec::new()),
                changed: Condvar::new(),
                answers: Mutex::new(false),
            }
        }

        fn look_up(&self, name: &str) -> Found {
            lock(&self.asked).push(name.to_owned());
            self.changed.notify_all();
            drop(self.changed.wait_while(lock(&self.answers), |answers| !*answers));
            match name {
                "unknown" => Err(io::Error::other("no such name")),
                _ => Ok(vec![([127, 0, 0, 1], 0).into()]),
            }
        }

        fn answer(&self) {
            *lock(&self.answers) = true;
            self.changed.notify_all();
        }
    }

    #[test]
    fn equal_names_share_a_look_up() {
        static SERVER: Server = Server::new();
        static LOOK_UPS: LookUps = LookUps::new(|name| SERVER.look_up(name));
        let mut both = Box::pin(zip(LOOK_UPS.find("same"), LOOK_UPS.find("same")));
        assert!(block_on(poll_once(&mut both)).is_none());
        SERVER.answer();
        let (one, other) = block_on(both);
        assert_eq!(one.unwrap(), other.unwrap());
        assert_eq!(*lock(&SERVER.asked), ["same"]);
        let (one, other) = block_on(zip(LOOK_UPS.find("unknown"), LOOK_UPS.find("unknown")));
        assert_eq!(one.unwrap_err().to_string(), "no such name");
        assert_eq!(other.unwrap_err().to_string(), "no such name");
    }

    #[test]
    fn a_silent_name_server_blocks_a_bounded_number_of_threads() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        static SERVER: Server = Server::new();
        static LOOK_UPS: LookUps = LookUps::new(|name| {
            MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let found = SERVER.look_up(name);
            RUNNING.fetch_sub(1, Ordering::SeqCst);
            found
        });
        let names: Vec<_> = (0..700).map(|number| format!("name-{number}")).collect();
        let mut all: Vec<_> = names.iter().map(|name| Box::pin(LOOK_UPS.find(name))).collect();
        for one in &mut all {
            assert!(block_on(poll_once(one)).is_none());
        }
        // Drops the queued requests except the last one.
        let last = all.pop().unwrap();
        all.truncate(THREADS);
        SERVER.answer();
        block_on(last).unwrap();
        for one in all {
            block_on(one).unwrap();
        }
        assert!(MOST.load(Ordering::SeqCst) <= THREADS);
        assert_eq!(lock(&SERVER.asked).len(), THREADS + 1, "the others were not looked up");
    }
}
