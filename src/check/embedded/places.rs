//! Maps the decoded text of a description back to the file: places, and quoting for fixes.

use std::ops::Range;

use super::{Embedded, Expander, Kind, Piece};
use strports_syntax::Span;

impl Embedded {
    /// The byte ranges in the file of variables that stay text, each with the program that leaves
    /// it unchanged.
    pub(crate) fn unexpanded(&self) -> impl Iterator<Item = (Range<usize>, Expander)> + '_ {
        self.pieces.iter().filter_map(|piece| match piece.kind {
            Kind::Unexpanded(by) => Some((piece.file.clone(), by)),
            _ => None,
        })
    }

    /// The parts of pieces in `span` of the text: each piece, the text of its part, and the range
    /// in the file.
    pub(super) fn pieces_in(
        &self,
        span: Span,
    ) -> impl Iterator<Item = (&Piece, &[u8], Range<usize>)> {
        let first = self.pieces.partition_point(|piece| piece.start <= span.start);
        let pieces = self.pieces.iter().enumerate().skip(first.saturating_sub(1));
        let pieces = pieces.take_while(move |(_, piece)| piece.start < span.end);
        pieces.filter_map(move |(index, piece)| {
            let start = span.start.max(piece.start);
            let end = span.end.min(self.end_of(index));
            let text = self.text.get(start..end).filter(|text| !text.is_empty())?;
            let file = match piece.kind {
                Kind::Verbatim => {
                    let first = piece.file.start + start - piece.start;
                    first..first + text.len()
                }
                Kind::Escape | Kind::Unknown | Kind::Unexpanded(_) => piece.file.clone(),
            };
            Some((piece, text, file))
        })
    }

    /// The spans of the decoded text that replace placeholders.
    pub(crate) fn holes(&self) -> impl Iterator<Item = Span> + '_ {
        self.pieces
            .iter()
            .enumerate()
            .filter(|(_, piece)| piece.kind.is_hole())
            .map(|(index, piece)| Span::new(piece.start, self.end_of(index)))
    }

    /// The offset in the text at which the piece with this index ends.
    pub(super) fn end_of(&self, index: usize) -> usize {
        self.pieces.get(index + 1).map_or(self.text.len(), |next| next.start)
    }

    /// The byte range of the whole description in the file.
    pub(crate) fn whole(&self) -> Range<usize> {
        self.locate(Span::new(0, self.text.len()))
    }

    /// The byte range of the file at which `span` of the text is written.
    pub(crate) fn locate(&self, span: Span) -> Range<usize> {
        let start = self.before(span.start);
        if span.is_empty() {
            return start..start;
        }
        start..self.behind(span.end).max(start)
    }

    /// The offset in the file of the byte at `offset` of the text, or of the end of the text.
    pub(super) fn before(&self, offset: usize) -> usize {
        match self.piece_at(offset) {
            Some(piece) if piece.kind == Kind::Verbatim => piece.file.start + offset - piece.start,
            Some(piece) => piece.file.start,
            None => self.pieces.last().map_or(self.place, |last| last.file.end),
        }
    }

    /// The offset in the file after the byte that precedes `offset` in the text.
    pub(super) fn behind(&self, offset: usize) -> usize {
        match offset.checked_sub(1).and_then(|last| Some((last, self.piece_at(last)?))) {
            Some((last, piece)) if piece.kind == Kind::Verbatim => {
                piece.file.start + last - piece.start + 1
            }
            Some((_, piece)) => piece.file.end,
            None => self.before(0),
        }
    }

    /// The offset in the text of the byte at `offset` of the file, or of the end. `None` if the
    /// description does not contain that byte.
    ///
    /// Within an escape sequence or a placeholder, it is the offset of the character that this
    /// stands for.
    #[cfg(feature = "cli")]
    pub(crate) fn offset_of(&self, offset: usize) -> Option<usize> {
        let behind = self.pieces.iter().position(|piece| offset < piece.file.end);
        let Some((index, piece)) = behind.and_then(|at| Some((at, self.pieces.get(at)?))) else {
            return (offset == self.whole().end).then_some(self.text.len());
        };
        if offset < piece.file.start {
            // Only quotation marks and similar syntax are between two pieces.
            return (index > 0).then_some(piece.start);
        }
        Some(match piece.kind {
            Kind::Verbatim => piece.start + offset - piece.file.start,
            Kind::Escape | Kind::Unknown | Kind::Unexpanded(_) => piece.start,
        })
    }

    /// The piece with the byte at `offset` of the text; `None` at or after the end.
    pub(super) fn piece_at(&self, offset: usize) -> Option<&Piece> {
        if offset >= self.text.len() {
            return None;
        }
        let behind = self.pieces.partition_point(|piece| piece.start <= offset);
        self.pieces.get(behind.checked_sub(1)?)
    }

    /// Undoes escapes that consist of a backslash and one of `bytes`. Returns their ranges in the
    /// file, and the text with these backslashes in it. `None` if the text has no escapes.
    pub(crate) fn without_escapes(
        &self,
        file: &[u8],
        bytes: &[u8],
    ) -> Option<(Vec<Range<usize>>, Self)> {
        if self.pieces.iter().all(|piece| piece.kind != Kind::Escape) {
            return None;
        }
        let mut places = Vec::new();
        let mut it = Self::like(self);
        for (index, piece) in self.pieces.iter().enumerate() {
            let text = &self.text[piece.start..self.end_of(index)];
            let is_lost = piece.kind == Kind::Escape
                && text.len() == 1
                && bytes.contains(&text[0])
                && file.get(piece.file.clone()).is_some_and(|it| it.ends_with(&[b'\\', text[0]]));
            (it.quoting, it.stretch) = (piece.quoting, piece.stretch);
            if is_lost {
                places.push(piece.file.clone());
                it.piece(&[b'\\', text[0]], piece.file.clone(), piece.kind);
            } else {
                it.piece(text, piece.file.clone(), piece.kind);
            }
        }
        Some((places, it))
    }

    /// Whether the text was decoded only once, so that fixes need only one quoting.
    pub(crate) fn is_quoted_once(&self) -> bool {
        self.pieces.iter().all(|piece| piece.quoting.is_one())
    }

    /// Quotes `replacement` for the byte offset `place` in the file; `None` if it cannot be written
    /// there.
    pub(crate) fn quote_at(&self, place: usize, replacement: &[u8]) -> Option<Vec<u8>> {
        let piece = self.pieces.iter().find(|piece| piece.file.contains(&place))?;
        piece.quoting.quote(replacement)
    }

    /// Quotes `replacement` for `span` of the text; `None` if it cannot be written there.
    pub(crate) fn quote(&self, span: Span, replacement: &[u8]) -> Option<Vec<u8>> {
        let Some(first) = self.piece_at(span.start).or(self.pieces.last()) else {
            return self.quoting.quote(replacement);
        };
        // A span from one literal into another includes the quotes between them.
        let one = self.pieces_in(span).all(|(piece, ..)| piece.stretch == first.stretch);
        one.then(|| first.quoting.quote(replacement))?
    }
}
