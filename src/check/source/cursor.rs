//! A position in a text that is split into words. Each byte that is read becomes part of a word,
//! which keeps its place in the file.

use crate::check::embedded::{Embedded, Expander, Quoting};
use strports_syntax::Span;

/// A position in a text, from which words are read. Words keep their places in the file.
pub(super) struct Cursor<'t> {
    base: &'t Embedded,
    /// The decoded bytes of `base`.
    text: &'t [u8],
    /// The byte offset of the cursor in `text`.
    pub(super) at: usize,
    /// Whether the bytes that are read do not become parts of words, which is faster.
    pub(super) is_muted: bool,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(base: &'t Embedded, at: usize) -> Self {
        Self { base, text: base.text(), at, is_muted: false }
    }

    /// The text from the cursor to the end.
    pub(super) fn rest(&self) -> &'t [u8] {
        &self.text[self.at..]
    }

    /// The text from the offset `start` to the cursor.
    pub(super) fn since(&self, start: usize) -> &'t [u8] {
        &self.text[start..self.at]
    }

    /// The byte offset in the file of the byte at offset `at` of the text.
    pub(super) fn place(&self, at: usize) -> usize {
        self.base.locate(Span::empty(at)).start
    }

    /// The length of the first of `texts` that begins at the cursor; `None` if none does.
    pub(super) fn any_of(&self, texts: &[&str]) -> Option<usize> {
        texts.iter().find(|it| self.rest().starts_with(it.as_bytes())).map(|it| it.len())
    }

    /// Reads a word with `read`. If that reads no byte, skips one byte and returns `None`, so that
    /// every call makes progress.
    pub(super) fn word(&mut self, read: impl FnOnce(&mut Self) -> Embedded) -> Option<Embedded> {
        let start = self.at;
        let word = read(self);
        if self.at == start {
            self.at += 1.min(self.rest().len());
            return None;
        }
        Some(word)
    }

    /// Moves to the line feed at the end of the line, or to the end of the text.
    pub(super) fn skip_line(&mut self) {
        self.at += memchr::memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
    }

    /// Moves to the byte after the first `end`, or to the end of the text.
    pub(super) fn skip_past(&mut self, end: &str) {
        let found = memchr::memmem::find(self.rest(), end.as_bytes());
        self.at += found.map_or(self.rest().len(), |at| at + end.len());
    }

    /// Skips `<` or `>`, and a number after `&`. Returns whether the next word is a file name.
    pub(super) fn skip_redirection(&mut self) -> bool {
        self.at += 1;
        let to_file = self.rest().first() != Some(&b'&');
        self.at += if to_file { 0 } else { 2.min(self.rest().len()) };
        to_file
    }

    /// Reads `length` bytes into the word without a change.
    pub(super) fn read(&mut self, word: &mut Embedded, length: usize) {
        let end = (self.at + length).min(self.text.len());
        if !self.is_muted {
            word.read(self.base, Span::new(self.at, end));
        }
        self.at = end;
    }

    /// Reads `least` bytes, and then all bytes up to the first for which `means` is true: one with
    /// a meaning in this syntax.
    pub(super) fn read_plain(
        &mut self,
        word: &mut Embedded,
        least: usize,
        means: impl Fn(u8) -> bool,
    ) {
        let more = self.rest().iter().skip(least).take_while(|byte| !means(**byte)).count();
        self.read(word, least + more);
    }

    /// Reads an escape sequence of `length` bytes as the bytes `meaning`.
    pub(super) fn read_escape(&mut self, word: &mut Embedded, meaning: &[u8], length: usize) {
        if !self.is_muted {
            word.read_escape(self.base, meaning, Span::new(self.at, self.at + length));
        }
        self.at += length;
    }

    /// Reads `length` bytes as a placeholder.
    pub(super) fn read_unknown(&mut self, word: &mut Embedded, length: usize) {
        if !self.is_muted {
            word.read_unknown(self.base, Span::new(self.at, self.at + length));
        }
        self.at += length;
    }

    /// Reads `length` bytes as a variable that `by` does not expand.
    pub(super) fn read_unexpanded(&mut self, word: &mut Embedded, length: usize, by: Expander) {
        word.read_unexpanded(self.base, Span::new(self.at, self.at + length), by);
        self.at += length;
    }

    /// Adds the bytes from the offset `start` to the cursor as one placeholder.
    pub(super) fn mark_unknown(&self, word: &mut Embedded, start: usize) {
        if !self.is_muted {
            word.read_unknown(self.base, Span::new(start, self.at));
        }
    }

    /// Skips a quote and sets the quoting of the text after it, which may be empty.
    pub(super) fn read_quote(&mut self, word: &mut Embedded, quoting: Quoting) {
        self.at += 1;
        if !self.is_muted {
            word.quoted(quoting);
            word.read(self.base, Span::empty(self.at));
        }
    }
}
