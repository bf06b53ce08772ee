//! The sockets that are waited for, by key.

use std::task::Waker;

use rustix::event::epoll::EventFlags;
use slab::Slab;

/// For how many sources there stays room when there are none.
const KEPT: usize = 64;

/// A source that is not there yet.
pub(super) const NO_KEY: u64 = u64::MAX - 1;

#[derive(Default)]
pub(super) struct Sources {
    slab: Slab<Source>,
    /// Tells a source from the one that had its place before.
    generation: u32,
}

/// A socket that has been waited for.
pub(super) struct Source {
    generation: u32,
    pub(super) ways: [Way; 2],
    /// Nothing more comes than what is there: reading never has to wait.
    pub(super) is_over: bool,
    /// Something other than data and its end has come.
    pub(super) is_odd: bool,
}

/// One direction.
#[derive(Default)]
pub(super) struct Way {
    pub(super) waker: Option<Waker>,
    pub(super) is_watched: bool,
    /// Something came, and nobody has looked since.
    pub(super) is_fresh: bool,
}

/// What somebody knows who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// The last attempt was in vain.
    InVain,
    /// The last attempt gave less than there was room for. Behind that may come the end, or what is urgent.
    Emptied,
    /// There may be more.
    Unknown,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Direction {
    Read,
    Write,
}

impl Source {
    pub(super) fn flags(&self) -> EventFlags {
        let [read, write] = &self.ways;
        let mut flags = EventFlags::ET;
        let reading = EventFlags::IN | EventFlags::RDHUP | EventFlags::PRI;
        flags.set(reading, read.is_watched);
        flags.set(EventFlags::OUT, write.is_watched);
        flags
    }
}

impl Sources {
    pub(super) fn insert(&mut self) -> u64 {
        self.generation = self.generation.wrapping_add(1);
        let generation = self.generation;
        let ways = Default::default();
        let index = self.slab.insert(Source { generation, ways, is_over: false, is_odd: false });
        (index as u64) << 32 | u64::from(generation)
    }

    pub(super) fn get(&mut self, key: u64) -> Option<&mut Source> {
        let source = self.slab.get_mut(usize::try_from(key >> 32).ok()?)?;
        (u64::from(source.generation) == key & u64::from(u32::MAX)).then_some(source)
    }

    pub(super) fn are_waited_for(&self) -> bool {
        self.slab.iter().any(|(_, source)| source.ways.iter().any(|way| way.waker.is_some()))
    }

    pub(super) fn remove(&mut self, key: u64) -> Option<Source> {
        self.get(key)?;
        let removed = self.slab.try_remove(usize::try_from(key >> 32).ok()?);
        if self.slab.is_empty() && self.slab.capacity() > KEPT {
            // What a crowd has taken is given back.
            self.slab.shrink_to_fit();
        }
        removed
    }
}
