//! A bounded queue of lines, into which nobody waits to put one.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How many bytes of lines may wait: some thousand lines, and the most that a stalled reader costs.
const CAPACITY: usize = 1024 * 1024;

/// Between those who say something and the thread that writes it.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Something is there to write, or nothing ever will be.
    filled: Condvar,
    /// Everything is written.
    emptied: Condvar,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct State {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    status: Option<String>,
    news: bool,
    lost: u64,
    /// How many lost lines the writer knows of.
    told: u64,
    is_writing: bool,
    is_closed: bool,
    is_hurried: bool,
}

impl State {
    fn has_work(&self) -> bool {
        self.news || !self.lines.is_empty() || self.lost > self.told
    }
}

/// What the writer is to do next.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) lines: VecDeque<Vec<u8>>,
    /// The status line to stand below them.
    pub(super) status: Option<String>,
    /// How many lines were lost so far.
    pub(super) lost: u64,
}

impl Queue {
    /// Puts a line at the end; where it does not fit, it is lost.
    pub(super) fn push(&self, line: Vec<u8>) {
        let mut state = self.lock();
        if state.is_closed || state.bytes + line.len() > CAPACITY {
            state.lost += 1;
            return;
        }
        state.bytes += line.len();
        state.lines.push_back(line);
        drop(state);
        self.filled.notify_one();
    }

    /// Sets the status line.
    pub(super) fn show(&self, status: Option<String>) {
        let mut state = self.lock();
        if state.is_closed || state.status == status {
            return;
        }
        state.status = status;
        state.news = true;
        drop(state);
        self.filled.notify_one();
    }

    /// Counts lines that could not be written.
    pub(super) fn lose(&self, count: u64) {
        self.lock().lost += count;
    }

    /// How many lines were lost.
    pub(super) fn lost(&self) -> u64 {
        self.lock().lost
    }

    /// Waits for something to write; `None` is the end. What was handed out before is written by then.
    pub(super) fn take(&self) -> Option<Work> {
        let mut state = self.lock();
        state.is_writing = false;
        self.emptied.notify_all();
        while !state.has_work() {
            if state.is_closed {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        (state.is_writing, state.news, state.bytes, state.told) = (true, false, 0, state.lost);
        let lines = std::mem::take(&mut state.lines);
        Some(Work { lines, status: state.status.clone(), lost: state.lost })
    }

    /// Has whoever waits for the end wait no longer; whether it ever was asked for is known from then on.
    pub(super) fn hurry(&self) {
        self.lock().is_hurried = true;
        self.emptied.notify_all();
    }

    pub(super) fn is_hurried(&self) -> bool {
        self.lock().is_hurried
    }

    /// Takes nothing more, and waits until what is there is written, or so long, or until it is to hurry.
    pub(super) fn close(&self, patience: Duration) {
        let mut state = self.lock();
        let was_hurried = state.is_hurried;
        (state.status, state.news, state.is_closed) = (None, true, true);
        self.filled.notify_one();
        let is_busy = |state: &mut State| {
            (state.is_writing || state.has_work()) && state.is_hurried == was_hurried
        };
        // Whether it was in time makes no difference to whoever waits.
        let _ = self.emptied.wait_timeout_while(state, patience, is_busy);
    }

    /// A panic leaves nothing half done in here.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_in_order_with_the_latest_status() {
        let queue = Queue::default();
        queue.push(b"1\n".to_vec());
        queue.show(Some("old".into()));
        queue.push(b"2\n".to_vec());
        queue.show(Some("new".into()));
        let lines = VecDeque::from([b"1\n".to_vec(), b"2\n".to_vec()]);
        assert_eq!(queue.take(), Some(Work { lines, status: Some("new".into()), lost: 0 }));
    }

    #[test]
    fn what_does_not_fit_is_lost_and_counted() {
        let queue = Queue::default();
        queue.push(vec![b'x'; CAPACITY]);
        queue.push(b"too much".to_vec());
        queue.push(b"as well".to_vec());
        let work = queue.take().unwrap();
        assert_eq!((work.lines.len(), work.lost), (1, 2));
        queue.push(b"there is room again".to_vec());
        assert_eq!(queue.take().unwrap().lines.len(), 1);
        queue.lose(1);
        assert_eq!(queue.take().unwrap().lost, 3, "it is told of without another line");
    }

    #[test]
    fn who_waits_for_the_end_can_be_hurried() {
        let queue = Queue::default();
        queue.push(b"nobody writes it\n".to_vec());
        std::thread::scope(|scope| {
            let closing = scope.spawn(|| queue.close(Duration::MAX));
            while !queue.lock().is_closed {
                std::thread::yield_now();
            }
            queue.hurry();
            closing.join().unwrap();
        });
        assert!(queue.is_hurried());
    }

    #[test]
    fn the_end_comes_after_what_was_said_before_it() {
        let queue = Queue::default();
        queue.show(Some("status".into()));
        queue.push(b"last words\n".to_vec());
        queue.close(Duration::ZERO);
        queue.push(b"too late\n".to_vec());
        let work = queue.take().unwrap();
        assert_eq!((work.lines.len(), work.status, work.lost), (1, None, 1));
        assert_eq!(queue.take(), None);
    }
}
