//! Buffers for copying: a pool of a few large ones, and small ones when the pool is empty.
//!
//! A large buffer empties the receive buffer of a busy socket in one read. A peer that does not
//! read makes its connection keep its buffer, so only a few large ones are lent at a time. Further
//! connections get small ones. A connection that waits for its peer keeps only the bytes that are
//! left.

use std::mem;
use std::ops::{Deref, DerefMut, Range};
use std::sync::{Mutex, MutexGuard};

use crate::lock::lock;

/// The size in bytes of a large buffer, of which at most [`LENT`] are in use.
pub(super) const LEN: usize = 256 * 1024;

/// The size in bytes of a small buffer, which is allocated when no large one may be lent.
const SMALL: usize = 32 * 1024;

/// How many large buffers are lent at a time: two megabytes in total.
const LENT: usize = 8;

/// How many unused large buffers are kept for reuse; further ones are freed. While peers read, a
/// thread needs one at a time.
const KEPT: usize = 4;

static LARGE: Mutex<Large> = Mutex::new(Large { lent: 0, spare: Vec::new() });

/// The pool of large buffers: how many are lent, and the unused ones.
struct Large {
    lent: usize,
    spare: Vec<Box<[u8]>>,
}

/// A buffer for one direction of a copy; a large one returns to the pool when dropped.
#[derive(Debug)]
pub(super) struct Buffer(Box<[u8]>);

impl Buffer {
    /// Takes a large buffer from the pool, or a small one if too many are lent.
    pub(super) fn lend() -> Self {
        let mut large = large();
        if large.lent >= LENT {
            drop(large);
            return Self(vec![0; SMALL].into_boxed_slice());
        }
        large.lent += 1;
        let spare = large.spare.pop();
        drop(large);
        Self(spare.unwrap_or_else(|| vec![0; LEN].into_boxed_slice()))
    }

    /// Shrinks the buffer to these bytes, for a peer that may not read for a long time.
    ///
    /// Returns `true` if the buffer was shrunk, so that the bytes now begin at index 0. Otherwise
    /// the buffer is unchanged.
    pub(super) fn keep(&mut self, bytes: Range<usize>) -> bool {
        // Shrinks only if that saves more memory than it copies.
        let is_worth_it = bytes.len() <= SMALL && bytes.len() <= self.0.len() / 2;
        let Some(kept) = self.0.get(bytes).filter(|_| is_worth_it) else { return false };
        *self = Self(kept.into());
        true
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.0.len() == LEN {
            let mut large = large();
            large.lent -= 1;
            if large.spare.len() < KEPT {
                large.spare.push(mem::take(&mut self.0));
            }
        }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

fn large() -> MutexGuard<'static, Large> {
    lock(&LARGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_buffers_are_large_and_waiting_data_is_kept_compact() {
        let lent: Vec<_> = (0..LENT + 2).map(|_| Buffer::lend()).collect();
        assert!(lent.iter().filter(|it| it.len() == LEN).count() <= LENT);
        let mut small = lent.into_iter().find(|it| it.len() == SMALL).unwrap();
        small[SMALL - 2..].copy_from_slice(b"ab");
        assert!(!small.keep(10..SMALL), "most of it is there");
        assert!(small.keep(SMALL - 2..SMALL));
        assert_eq!(&*small, b"ab");
    }
}
