//! Keeps texts that arrive in one order and are written in another, without much memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// The maximum number of bytes in memory; more bytes go to a temporary file.
const IN_MEMORY: usize = 8 << 20;

/// Texts that were added, one after another, in memory or in an unnamed temporary file.
pub(super) struct Spool {
    memory: Vec<u8>,
    file: Option<File>,
    length: u64,
    limit: usize,
}

impl Default for Spool {
    fn default() -> Self {
        Self { memory: Vec::new(), file: None, length: 0, limit: IN_MEMORY }
    }
}

impl Spool {
    /// Keeps a text. Returns the range of bytes by which [`Spool::write`] finds it.
    pub(super) fn add(&mut self, text: &[u8]) -> io::Result<Range<u64>> {
        if self.file.is_none() && self.memory.len() + text.len() > self.limit {
            self.leave_memory()?;
        }
        match &mut self.file {
            Some(file) => file.write_all(text)?,
            None => self.memory.extend_from_slice(text),
        }
        let start = self.length;
        self.length += text.len() as u64;
        Ok(start..self.length)
    }

    /// Moves all text to a temporary file; if none can be created, text stays in memory.
    fn leave_memory(&mut self) -> io::Result<()> {
        match tempfile::tempfile() {
            Ok(mut file) => {
                file.write_all(&self.memory)?;
                self.memory = Vec::new();
                self.file = Some(file);
            }
            Err(_) => self.limit = usize::MAX,
        }
        Ok(())
    }

    /// Writes the texts in the ranges `places`, in this order.
    pub(super) fn write(
        mut self,
        places: impl Iterator<Item = Range<u64>>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let mut text = Vec::new();
        for place in places {
            let length = usize::try_from(place.end - place.start).unwrap_or(usize::MAX);
            let Some(file) = &mut self.file else {
                let start = usize::try_from(place.start).unwrap_or(usize::MAX);
                out.write_all(&self.memory[start..start + length])?;
                continue;
            };
            text.resize(length, 0);
            file.seek(SeekFrom::Start(place.start))?;
            file.read_exact(&mut text)?;
            out.write_all(&text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_any_order() {
        for limit in [0, 5, usize::MAX] {
            let mut spool = Spool { limit, ..Spool::default() };
            let places: Vec<_> =
                [&b"one"[..], b"", b"three"].iter().map(|text| spool.add(text).unwrap()).collect();
            assert_eq!(spool.file.is_some(), limit < 8);
            let mut out = Vec::new();
            spool.write(places.into_iter().rev(), &mut out).unwrap();
            assert_eq!(out, b"threeone");
        }
    }
}
