//! Builds a description piece by piece: bytes of the file, escapes, placeholders, and spans of
//! another decoded text.

use std::ops::Range;

use super::quoting::{Layers, Quoting};
use super::{BytesLiteral, Embedded, Expander, Kind, Piece, Split};
use strports_syntax::Span;

/// Replaces text that is known only at run time: `{port}`, `$PORT`, `%d`.
///
/// A digit is a valid port, number, name and host, so the text around it can be checked.
const UNKNOWN: &[u8] = b"1";

/// The maximum number of pieces of one text. It bounds the memory for a file full of escapes.
const MOST_PIECES: usize = 8192;

impl Embedded {
    /// Sets the quoting of the text that is added next. Begins a new stretch, so that no fix
    /// extends across the quotation mark.
    pub(crate) fn quoted(&mut self, quoting: Quoting) {
        self.quoting = Layers::new(quoting);
        self.stretch += 1;
        self.read = None;
    }

    /// Adds bytes of the file that are the same in the decoded text.
    pub(crate) fn verbatim(&mut self, file: &[u8], range: Range<usize>) {
        let text = file.get(range.clone()).unwrap_or_default();
        self.piece(text, range, Kind::Verbatim);
    }

    /// Adds text that is written differently in the file, such as `\x3a` for a colon.
    pub(crate) fn escape(&mut self, text: &[u8], range: Range<usize>) {
        self.piece(text, range, Kind::Escape);
    }

    /// Adds a placeholder such as `$PORT`, which is written at `range` of the file.
    pub(crate) fn unknown(&mut self, range: Range<usize>) {
        self.piece(UNKNOWN, range, Kind::Unknown);
    }

    /// Adds `text`, which is written at `file`. Text after the maximum number of pieces is dropped.
    pub(super) fn piece(&mut self, text: &[u8], file: Range<usize>, kind: Kind) {
        self.place = file.start;
        if text.is_empty() {
            return;
        }
        let (start, quoting, stretch) = (self.text.len(), self.quoting, self.stretch);
        let count = self.pieces.len();
        match self.pieces.last_mut().filter(|last| last.goes_on_in(&file, kind, stretch)) {
            Some(last) => last.file.end = file.end,
            None if count == MOST_PIECES => return,
            None => {
                if count == self.pieces.capacity() {
                    // Most words have a single piece, so the usual growth of a vector would waste
                    // memory.
                    self.pieces.reserve_exact(count.max(1));
                }
                self.pieces.push(Piece { start, file, kind, quoting, stretch });
            }
        }
        self.text.extend_from_slice(text);
    }

    /// Adds `span` of the text of `base`, which is decoded a second time. Fixes are quoted for this
    /// text and then for `base`.
    pub(crate) fn read(&mut self, base: &Self, span: Span) {
        self.place = base.before(span.start);
        for (piece, text, file) in base.pieces_in(span) {
            self.layered(piece, text, file, piece.kind);
        }
    }

    /// Adds `text`, the value of an escape sequence that is written as `span` of the text of
    /// `base`.
    pub(crate) fn read_escape(&mut self, base: &Self, text: &[u8], span: Span) {
        if let Some(piece) = base.piece_at(span.start) {
            self.layered(piece, text, base.locate(span), Kind::Escape);
        }
    }

    /// Adds a placeholder that is written as `span` of the text of `base`.
    pub(crate) fn read_unknown(&mut self, base: &Self, span: Span) {
        if let Some(piece) = base.piece_at(span.start) {
            self.layered(piece, UNKNOWN, base.locate(span), Kind::Unknown);
        }
    }

    /// Maps this description, which was found in the text of `base`, to the file of `base`.
    pub(crate) fn within(&self, base: &Self) -> Self {
        let quoting = self.quoting.within(base.quoting);
        let start = base.start.as_ref().and(self.start.clone());
        let bytes = self.bytes.as_ref().map(|bytes| BytesLiteral {
            letters: bytes.letters.iter().map(|letter| base.before(*letter)).collect(),
            ..*bytes
        });
        let mut it = Self {
            text: Vec::with_capacity(self.text.len()),
            pieces: Vec::with_capacity(self.pieces.len()),
            place: base.before(self.place),
            role: self.role,
            unit: self.unit,
            start,
            extensions: self.extensions,
            source: self.source.clone(),
            bytes,
            is_implied: self.is_implied,
            quoting,
            stretch: 0,
            read: None,
        };
        let mut last = None;
        for (index, piece) in self.pieces.iter().enumerate() {
            if last.replace(piece.stretch).is_some_and(|last| last != piece.stretch) {
                it.stretch += 1;
                it.read = None;
            }
            it.quoting = piece.quoting;
            let span = Span::new(piece.file.start, piece.file.end);
            let text = &self.text[piece.start..self.end_of(index)];
            match piece.kind {
                Kind::Verbatim => it.read(base, span),
                Kind::Escape => it.read_escape(base, text, span),
                Kind::Unknown => it.read_unknown(base, span),
                Kind::Unexpanded(by) => it.read_unexpanded(base, span, by),
            }
        }
        it.quoting = quoting;
        it
    }

    /// Adds a variable that stays text because `by` does not expand it. It is written as `span` of
    /// the text of `base`.
    pub(crate) fn read_unexpanded(&mut self, base: &Self, span: Span, by: Expander) {
        if let Some(piece) = base.piece_at(span.start) {
            self.layered(piece, UNKNOWN, base.locate(span), Kind::Unexpanded(by));
        }
    }

    /// Adds a variable that stays text because `by` does not expand it. It is written at `range` of
    /// the file.
    pub(crate) fn unexpanded_at(&mut self, range: Range<usize>, by: Expander) {
        self.piece(UNKNOWN, range, Kind::Unexpanded(by));
    }

    /// Adds a piece of another text. A fix is quoted for this text, and then for the other one.
    fn layered(&mut self, of: &Piece, text: &[u8], file: Range<usize>, kind: Kind) {
        if self.read.is_some_and(|stretch| stretch != of.stretch) {
            self.stretch += 1;
        }
        self.read = Some(of.stretch);
        let own = self.quoting;
        self.quoting = own.within(of.quoting);
        self.piece(text, file, kind);
        self.quoting = own;
    }

    /// Splits a value at its separators into descriptions. Empty ones are left out.
    pub(crate) fn split(self, how: Split) -> Vec<Self> {
        if !self.text.iter().any(|byte| how.separates(*byte)) {
            return vec![self];
        }
        let mut parts = Vec::new();
        let mut start = 0;
        for part in self.text.split(|byte| how.separates(*byte)) {
            let end = start + part.len();
            let blank = part.len() - part.trim_ascii_start().len();
            let text = Span::new(start + blank, start + blank + part.trim_ascii().len());
            if !text.is_empty() {
                parts.push(self.part(text));
            }
            start = end + 1;
        }
        parts
    }

    /// The part of the description at `span` of the text, with the same role, unit and source.
    pub(crate) fn part(&self, span: Span) -> Self {
        let mut part = Self { place: self.before(span.start), ..Self::like(self) };
        part.extend(self, span);
        part
    }

    /// Returns the text without surrounding white space.
    #[must_use]
    pub(crate) fn trimmed(self) -> Self {
        let start = self.text.len() - self.text.trim_ascii_start().len();
        let end = start + self.text.trim_ascii_start().trim_ascii_end().len();
        if end - start == self.text.len() { self } else { self.part(Span::new(start, end)) }
    }

    /// Adds `span` of another text, with the places, the placeholders and the quoting of its
    /// pieces.
    pub(crate) fn extend(&mut self, other: &Self, span: Span) {
        for (piece, text, file) in other.pieces_in(span) {
            (self.quoting, self.stretch) = (piece.quoting, piece.stretch);
            self.piece(text, file, piece.kind);
        }
    }
}
