//! Buffers for copying, and a pool of spare ones.

use std::mem;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard};

use crate::lock::lock;

/// The size of a buffer: one read empties the receive buffer of a busy socket.
pub(super) const LEN: usize = 256 * 1024;

/// How many spare buffers are kept. A thread needs one at a time as long as peers read.
const KEPT: usize = 4;

static SPARE: Mutex<Vec<Box<[u8]>>> = Mutex::new(Vec::new());

/// A buffer that returns to the pool when dropped.
#[derive(Debug)]
pub(super) struct Buffer(Box<[u8]>);

impl Buffer {
    pub(super) fn lend() -> Self {
        let spare = spare().pop();
        Self(spare.unwrap_or_else(|| vec![0; LEN].into_boxed_slice()))
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut spare = spare();
        if spare.len() < KEPT {
            spare.push(mem::take(&mut self.0));
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

fn spare() -> MutexGuard<'static, Vec<Box<[u8]>>> {
    lock(&SPARE)
}
