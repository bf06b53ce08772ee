//! A description inside a file: its text as the program will read it, and where each byte of that stands.
//!
//! A source reads a file's own quoting (a Python escape, a YAML scalar on several lines) and builds one of these piece
//! by piece. Everything behind it works on plain text, and comes back through the map.

use std::ops::Range;

use super::config::Split;
use crate::{Role, Span};

/// What stands in for text that is known only when the program runs: `{port}`, `$PORT`, `%d`.
///
/// One digit is a port, a number, a name and a host, so that what is around it can be looked at.
const UNKNOWN: &[u8] = b"1";

/// One description, or the template of one, that a file holds.
#[derive(Clone, Debug)]
pub(crate) struct Embedded {
    text: Vec<u8>,
    /// In the order of the text; each begins where the one before it ends.
    pieces: Vec<Piece>,
    /// Where it stands if nothing is in it.
    place: usize,
    /// What it is to do, where its surroundings tell.
    pub(crate) role: Option<Role>,
    /// Descriptions of one unit belong to one program that runs at one time, so that two of them
    /// may get in each other's way. Those of none are judged alone.
    pub(crate) unit: Option<usize>,
    quoting: Quoting,
}

/// What one stretch of the text was made of.
#[derive(Clone, Debug)]
struct Piece {
    /// Where it begins in the text.
    start: usize,
    /// Where it stands in the file.
    file: Range<usize>,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The same bytes.
    Verbatim,
    /// An escape sequence, which is one thing.
    Escape,
    /// Nobody knows before the program runs.
    Unknown,
}

/// How a file wants a text written at the place of a description.
#[derive(Clone, Copy)]
pub(crate) struct Quoting(pub(crate) fn(&[u8]) -> Option<Vec<u8>>);

impl Quoting {
    /// As it is, where that fits on the line.
    pub(crate) const PLAIN: Self = Self(|text| {
        let fits = !text.iter().any(u8::is_ascii_control);
        fits.then(|| text.to_vec())
    });
}

impl std::fmt::Debug for Quoting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Quoting")
    }
}

impl Embedded {
    /// With nothing in it yet; fixes are written as `quoting` says.
    pub(crate) fn new(role: Option<Role>, quoting: Quoting) -> Self {
        Self { text: Vec::new(), pieces: Vec::new(), place: 0, role, unit: None, quoting }
    }

    /// The part of a file at `range`, as it is.
    pub(crate) fn plain(file: &[u8], range: Range<usize>, role: Option<Role>) -> Self {
        let mut it = Self::new(role, Quoting::PLAIN);
        it.verbatim(file, range);
        it
    }

    /// The same, in the unit of that number; numbers count within the file.
    #[must_use]
    pub(crate) fn in_unit(mut self, unit: usize) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Adds what the file says in the same bytes.
    pub(crate) fn verbatim(&mut self, file: &[u8], range: Range<usize>) {
        let text = file.get(range.clone()).unwrap_or_default();
        self.piece(text, range, Kind::Verbatim);
    }

    /// Adds what the file says otherwise, such as `\x3a` for a colon.
    pub(crate) fn escape(&mut self, text: &[u8], range: Range<usize>) {
        self.piece(text, range, Kind::Escape);
    }

    /// Adds what is not known: a placeholder.
    pub(crate) fn unknown(&mut self, range: Range<usize>) {
        self.piece(UNKNOWN, range, Kind::Unknown);
    }

    fn piece(&mut self, text: &[u8], file: Range<usize>, kind: Kind) {
        self.place = file.start;
        if !text.is_empty() {
            self.pieces.push(Piece { start: self.text.len(), file, kind });
            self.text.extend_from_slice(text);
        }
    }

    /// The descriptions in it, where it holds several; none of them is empty.
    pub(crate) fn split(self, how: Split) -> Vec<Self> {
        let separates = |byte: u8| match how {
            Split::No => false,
            Split::Blank => byte.is_ascii_whitespace(),
            Split::Line => matches!(byte, b'\n' | b'\r'),
        };
        if !self.text.iter().any(|byte| separates(*byte)) {
            return vec![self];
        }
        let mut parts = Vec::new();
        let mut start = 0;
        for part in self.text.split(|byte| separates(*byte)) {
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

    /// What stands in `span` of the text, alone.
    fn part(&self, span: Span) -> Self {
        let mut part = Self::new(self.role, self.quoting);
        part.unit = self.unit;
        for (index, piece) in self.pieces.iter().enumerate() {
            let start = span.start.max(piece.start);
            let end = span.end.min(self.end_of(index));
            if start < end {
                let file = match piece.kind {
                    Kind::Verbatim => {
                        let first = piece.file.start + start - piece.start;
                        first..first + end - start
                    }
                    Kind::Escape | Kind::Unknown => piece.file.clone(),
                };
                part.piece(&self.text[start..end], file, piece.kind);
            }
        }
        part
    }

    /// The text that the parser gets.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether part of it is unknown.
    pub(crate) fn is_template(&self) -> bool {
        self.pieces.iter().any(|piece| piece.kind == Kind::Unknown)
    }

    /// Whether nothing of it is known.
    pub(crate) fn is_unknown(&self) -> bool {
        !self.text.is_empty() && self.pieces.iter().all(|piece| piece.kind == Kind::Unknown)
    }

    /// The stretches of the text that are unknown.
    pub(crate) fn holes(&self) -> impl Iterator<Item = Span> + '_ {
        self.pieces
            .iter()
            .enumerate()
            .filter(|(_, piece)| piece.kind == Kind::Unknown)
            .map(|(index, piece)| Span::new(piece.start, self.end_of(index)))
    }

    fn end_of(&self, index: usize) -> usize {
        self.pieces.get(index + 1).map_or(self.text.len(), |next| next.start)
    }

    /// Where the whole of it stands in the file.
    pub(crate) fn whole(&self) -> Range<usize> {
        self.locate(Span::new(0, self.text.len()))
    }

    /// Where `span` of the text stands in the file.
    pub(crate) fn locate(&self, span: Span) -> Range<usize> {
        let start = self.before(span.start);
        if span.is_empty() {
            return start..start;
        }
        start..self.behind(span.end).max(start)
    }

    /// The place in the file of the byte at `offset`, or of the end.
    fn before(&self, offset: usize) -> usize {
        match self.piece_at(offset) {
            Some(piece) if piece.kind == Kind::Verbatim => piece.file.start + offset - piece.start,
            Some(piece) => piece.file.start,
            None => self.pieces.last().map_or(self.place, |last| last.file.end),
        }
    }

    /// The place in the file behind the byte before `offset`.
    fn behind(&self, offset: usize) -> usize {
        match offset.checked_sub(1).and_then(|last| Some((last, self.piece_at(last)?))) {
            Some((last, piece)) if piece.kind == Kind::Verbatim => {
                piece.file.start + last - piece.start + 1
            }
            Some((_, piece)) => piece.file.end,
            None => self.before(0),
        }
    }

    fn piece_at(&self, offset: usize) -> Option<&Piece> {
        if offset >= self.text.len() {
            return None;
        }
        let behind = self.pieces.partition_point(|piece| piece.start <= offset);
        self.pieces.get(behind.checked_sub(1)?)
    }

    /// How the file wants `replacement` written, if it can be written there.
    pub(crate) fn quote(&self, replacement: &[u8]) -> Option<Vec<u8>> {
        (self.quoting.0)(replacement)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `"tcp:\x38{p}:interface=a"`, read as a string with an escape and a placeholder.
    fn sample() -> Embedded {
        let file = br#""tcp:\x38{p}:interface=a""#;
        let mut it = Embedded::new(Some(Role::Server), Quoting::PLAIN);
        it.verbatim(file, 1..5);
        it.escape(b"8", 5..9);
        it.unknown(9..12);
        it.verbatim(file, 12..24);
        it
    }

    #[test]
    fn spans_come_back_to_the_file() {
        let it = sample();
        assert_eq!(it.text(), b"tcp:81:interface=a");
        assert_eq!(it.locate(Span::new(0, 3)), 1..4);
        assert_eq!(it.locate(Span::new(4, 5)), 5..9);
        assert_eq!(it.locate(Span::new(4, 6)), 5..12);
        assert_eq!(it.locate(Span::new(7, 16)), 13..22);
        assert_eq!(it.locate(Span::empty(18)), 24..24);
        assert_eq!(it.locate(Span::empty(4)), 5..5);
        assert_eq!(it.whole(), 1..24);
    }

    #[test]
    fn several_are_split_where_the_text_has_blanks() {
        let file = b"  tcp:1\n\ttcp:$P:x  ";
        let mut it = Embedded::new(None, Quoting::PLAIN);
        it.verbatim(file, 0..13);
        it.unknown(13..15);
        it.verbatim(file, 15..19);
        let parts = it.split(Split::Blank);
        let texts: Vec<_> = parts.iter().map(Embedded::text).collect();
        assert_eq!(texts, [&b"tcp:1"[..], b"tcp:1:x"]);
        assert_eq!(parts[0].whole(), 2..7);
        assert_eq!(parts[1].whole(), 9..17);
        assert_eq!(parts[1].holes().collect::<Vec<_>>(), [Span::new(4, 5)]);
    }

    #[test]
    fn holes_are_where_placeholders_were() {
        let it = sample();
        assert_eq!(it.holes().collect::<Vec<_>>(), [Span::new(5, 6)]);
        assert!(it.is_template() && !it.is_unknown());
        let empty = Embedded::plain(b"x = \"\"", 5..5, None);
        assert_eq!((empty.whole(), empty.is_unknown()), (5..5, false));
        let mut all = Embedded::new(None, Quoting::PLAIN);
        all.unknown(0..4);
        assert!(all.is_unknown());
    }
}
