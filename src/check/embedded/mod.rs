//! A description embedded in a file: the text that the program reads, and its mapping to the file.
//!
//! A reader decodes the quoting of a file (a Python escape, a YAML scalar on several lines) and
//! builds an [`Embedded`] piece by piece. The linter works on the decoded text, and maps findings
//! and fixes back to the file.

mod quoting;
mod split;

use std::ops::Range;

use quoting::Layers;
pub(crate) use quoting::{Quoting, double_each, escape_each};
pub(crate) use split::Split;

use endpoint_runtime::plan::preflight::Start;
use strports_syntax::{Role, Span};

/// Replaces text that is known only at run time: `{port}`, `$PORT`, `%d`.
///
/// A digit is a valid port, number, name and host, so the text around it can be checked.
const UNKNOWN: &[u8] = b"1";

/// The most pieces of one text. It bounds the memory for a file full of escapes.
const MOST_PIECES: usize = 8192;

/// A description, or a template of one, in a file.
#[derive(Clone, Debug)]
pub(crate) struct Embedded {
    text: Vec<u8>,
    /// The pieces in order; each begins where the previous one ends.
    pieces: Vec<Piece>,
    /// The place of the text if it is empty.
    place: usize,
    /// The role, if the surrounding file determines it.
    pub(crate) role: Option<Role>,
    /// The number of its unit. Descriptions of one unit belong to one run of a program, so two of
    /// them may conflict. Descriptions without a unit are checked separately.
    pub(crate) unit: Option<usize>,
    /// The base of relative paths on this machine; `None` if the program runs elsewhere, for
    /// example in a container with other files.
    pub(crate) start: Option<Start>,
    /// The Python literals that make the description `bytes`.
    pub(crate) bytes: Option<BytesLiteral>,
    /// Whether a program derives the description from other options. It is compared with others,
    /// but not checked itself.
    pub(crate) is_implied: bool,
    /// Whether the program is strports, which supports the extensions.
    pub(crate) extensions: bool,
    /// The quoting of the text that follows.
    quoting: Layers,
    /// The number of the next stretch; see [`Piece::stretch`].
    stretch: usize,
    /// The stretch of the other text from which the last piece was read.
    read: Option<usize>,
}

/// The Python literals that make a description `bytes`.
#[derive(Clone, Debug)]
pub(crate) struct BytesLiteral {
    /// The places of the prefixes `b` in the file.
    pub(crate) letters: Vec<usize>,
    /// Whether the literals have the same text without the prefix.
    pub(crate) fixable: bool,
    /// Whether no other code can need them to be `bytes`.
    pub(crate) certain: bool,
}

/// A piece of the text and its source in the file.
#[derive(Clone, Debug)]
struct Piece {
    /// The start of the piece in the text.
    start: usize,
    /// The place of the piece in the file.
    file: Range<usize>,
    kind: Kind,
    quoting: Layers,
    /// Pieces with the same number are between the same quotes, so a fix may replace them together.
    stretch: usize,
}

impl Piece {
    /// Whether text at `file` can be appended to this piece.
    fn goes_on_in(&self, file: &Range<usize>, kind: Kind, stretch: usize) -> bool {
        let both = (self.kind, kind) == (Kind::Verbatim, Kind::Verbatim);
        both && self.stretch == stretch && self.file.end == file.start
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The same bytes in the file.
    Verbatim,
    /// An escape sequence, which cannot be divided.
    Escape,
    /// A placeholder, known only at run time.
    Unknown,
    /// A variable that is not expanded here. Other findings about it are not reported.
    Unexpanded(Expander),
}

impl Kind {
    /// Whether the piece is a placeholder.
    const fn is_hole(self) -> bool {
        matches!(self, Self::Unknown | Self::Unexpanded(_))
    }
}

/// A program that expands some variables and leaves others unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expander {
    /// The exec form of a Dockerfile.
    Docker,
    Systemd,
    Supervisor,
    Kubernetes,
}

impl Embedded {
    /// Creates an empty text, whose fixes are written with `quoting`.
    pub(crate) fn new(role: Option<Role>, quoting: Quoting) -> Self {
        let quoting = Layers::new(quoting);
        let (text, pieces) = (Vec::new(), Vec::new());
        Self {
            text,
            pieces,
            place: 0,
            role,
            unit: None,
            start: Some(Start::Here),
            bytes: None,
            is_implied: false,
            extensions: false,
            quoting,
            stretch: 0,
            read: None,
        }
    }

    /// The part of a file at `range`, without quoting.
    pub(crate) fn plain(file: &[u8], range: Range<usize>, role: Option<Role>) -> Self {
        let mut it = Self::new(role, Quoting::PLAIN);
        it.verbatim(file, range);
        it
    }

    /// Sets the number of the unit, which is unique within the file.
    #[must_use]
    pub(crate) fn in_unit(mut self, unit: usize) -> Self {
        self.unit = Some(unit);
        self
    }

    /// Marks the description as run on another machine, so that its files are not checked.
    #[must_use]
    pub(crate) fn elsewhere(mut self) -> Self {
        self.start = None;
        self
    }

    /// Sets the quoting of the text that is added next.
    pub(crate) fn quoted(&mut self, quoting: Quoting) {
        self.quoting = Layers::new(quoting);
        self.stretch += 1;
        self.read = None;
    }

    /// Adds bytes of the file that are the same in the text.
    pub(crate) fn verbatim(&mut self, file: &[u8], range: Range<usize>) {
        let text = file.get(range.clone()).unwrap_or_default();
        self.piece(text, range, Kind::Verbatim);
    }

    /// Adds text that is written differently in the file, such as `\x3a` for a colon.
    pub(crate) fn escape(&mut self, text: &[u8], range: Range<usize>) {
        self.piece(text, range, Kind::Escape);
    }

    /// Adds a placeholder.
    pub(crate) fn unknown(&mut self, range: Range<usize>) {
        self.piece(UNKNOWN, range, Kind::Unknown);
    }

    fn piece(&mut self, text: &[u8], file: Range<usize>, kind: Kind) {
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
                    // Most words have a single piece.
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

    /// Adds `text`, which is the meaning of `span` of the text of `base`.
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

    /// Adds a variable that `by` does not expand, written as `span` of the text of `base`.
    pub(crate) fn read_unexpanded(&mut self, base: &Self, span: Span, by: Expander) {
        if let Some(piece) = base.piece_at(span.start) {
            self.layered(piece, UNKNOWN, base.locate(span), Kind::Unexpanded(by));
        }
    }

    /// Adds a variable that `by` does not expand.
    pub(crate) fn unexpanded_at(&mut self, range: Range<usize>, by: Expander) {
        self.piece(UNKNOWN, range, Kind::Unexpanded(by));
    }

    /// The variables that are not expanded, and the program that leaves them unchanged.
    pub(crate) fn unexpanded(&self) -> impl Iterator<Item = (Range<usize>, Expander)> + '_ {
        self.pieces.iter().filter_map(|piece| match piece.kind {
            Kind::Unexpanded(by) => Some((piece.file.clone(), by)),
            _ => None,
        })
    }

    /// The text as a shell reads it, which expands every variable.
    pub(crate) fn expanded(&self) -> Self {
        let mut it = self.clone();
        for piece in it.pieces.iter_mut().filter(|piece| piece.kind.is_hole()) {
            piece.kind = Kind::Unknown;
        }
        it
    }

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

    /// The parts of the pieces in `span` of the text, with their places in the file.
    fn pieces_in(&self, span: Span) -> impl Iterator<Item = (&Piece, &[u8], Range<usize>)> {
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

    /// Splits a value into its descriptions; empty ones are left out.
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

    /// The part in `span` of the text.
    pub(crate) fn part(&self, span: Span) -> Self {
        let mut part = Self { place: self.before(span.start), ..Self::like(self) };
        part.extend(self, span);
        part
    }

    /// Removes surrounding white space.
    #[must_use]
    pub(crate) fn trimmed(self) -> Self {
        let start = self.text.len() - self.text.trim_ascii_start().len();
        let end = start + self.text.trim_ascii_start().trim_ascii_end().len();
        if end - start == self.text.len() { self } else { self.part(Span::new(start, end)) }
    }

    /// Creates an empty text at the same place.
    pub(crate) fn like(other: &Self) -> Self {
        let mut it = Self::new(other.role, Quoting::PLAIN);
        (it.unit, it.place, it.quoting) = (other.unit, other.place, other.quoting);
        it.is_implied = other.is_implied;
        it.start.clone_from(&other.start);
        it.extensions = other.extensions;
        it
    }

    /// Adds `span` of another text, with its places and placeholders.
    pub(crate) fn extend(&mut self, other: &Self, span: Span) {
        for (piece, text, file) in other.pieces_in(span) {
            (self.quoting, self.stretch) = (piece.quoting, piece.stretch);
            self.piece(text, file, piece.kind);
        }
    }

    /// The number of its parts, as a measure of memory.
    pub(crate) fn weight(&self) -> usize {
        2 + self.pieces.len()
    }

    /// The decoded text, for the parser.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Whether the text contains placeholders.
    pub(crate) fn is_template(&self) -> bool {
        self.pieces.iter().any(|piece| piece.kind.is_hole())
    }

    /// Whether the text consists of placeholders only.
    pub(crate) fn is_unknown(&self) -> bool {
        !self.text.is_empty() && self.pieces.iter().all(|piece| piece.kind.is_hole())
    }

    /// The spans of placeholders in the text.
    pub(crate) fn holes(&self) -> impl Iterator<Item = Span> + '_ {
        self.pieces
            .iter()
            .enumerate()
            .filter(|(_, piece)| piece.kind.is_hole())
            .map(|(index, piece)| Span::new(piece.start, self.end_of(index)))
    }

    fn end_of(&self, index: usize) -> usize {
        self.pieces.get(index + 1).map_or(self.text.len(), |next| next.start)
    }

    /// The range of the whole description in the file.
    pub(crate) fn whole(&self) -> Range<usize> {
        self.locate(Span::new(0, self.text.len()))
    }

    /// Maps `span` of the text to the file.
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

    /// The place in the file after the byte before `offset`.
    fn behind(&self, offset: usize) -> usize {
        match offset.checked_sub(1).and_then(|last| Some((last, self.piece_at(last)?))) {
            Some((last, piece)) if piece.kind == Kind::Verbatim => {
                piece.file.start + last - piece.start + 1
            }
            Some((_, piece)) => piece.file.end,
            None => self.before(0),
        }
    }

    /// The offset in the text for the byte at `offset` of the file, or for the end.
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
            // Between two pieces there are only quotation marks and the like.
            return (index > 0).then_some(piece.start);
        }
        Some(match piece.kind {
            Kind::Verbatim => piece.start + offset - piece.file.start,
            Kind::Escape | Kind::Unknown | Kind::Unexpanded(_) => piece.start,
        })
    }

    fn piece_at(&self, offset: usize) -> Option<&Piece> {
        if offset >= self.text.len() {
            return None;
        }
        let behind = self.pieces.partition_point(|piece| piece.start <= offset);
        self.pieces.get(behind.checked_sub(1)?)
    }

    /// Removes escapes that consist of a backslash and one of `bytes`. Returns their places in the
    /// file, and the text with these backslashes in it; `None` if there are none.
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

    /// Whether the file is decoded only once, so that fixes need only one quoting.
    pub(crate) fn is_quoted_once(&self) -> bool {
        self.pieces.iter().all(|piece| piece.quoting.is_one())
    }

    /// Quotes `replacement` for a place in the file.
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
        #[cfg(feature = "cli")]
        assert_eq!(
            [0, 1, 4, 7, 10, 13, 24, 25].map(|at| it.offset_of(at)),
            [None, Some(0), Some(3), Some(4), Some(5), Some(7), Some(18), None,]
        );
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
    fn fixes_are_quoted_for_every_layer_and_never_across_quotes() {
        let file = br"'a\\b'c";
        let doubled = Quoting(|text| Some(text.escape_ascii().collect()));
        let mut base = Embedded::new(None, doubled);
        base.verbatim(file, 1..2);
        base.escape(br"\", 2..4);
        base.verbatim(file, 4..5);
        base.quoted(Quoting::PLAIN);
        base.verbatim(file, 6..7);
        let mut word = Embedded::new(None, Quoting(|text| Some([b"<", text, b">"].concat())));
        word.read(&base, Span::new(0, 4));
        assert_eq!((word.text(), word.locate(Span::new(1, 4))), (&br"a\bc"[..], 2..7));
        let quote = |it: &Embedded, start, end, text: &[u8]| {
            it.quote(Span::new(start, end), text).map(|it| String::from_utf8(it).unwrap())
        };
        assert_eq!(quote(&word, 0, 3, br"\t").as_deref(), Some(r"<\\t>"));
        assert_eq!(quote(&word, 3, 4, br"\t").as_deref(), Some(r"<\t>"));
        assert_eq!(quote(&word, 4, 4, br"\t").as_deref(), Some(r"<\t>"));
        assert_eq!(quote(&word, 2, 4, br"\t"), None);
        assert_eq!(quote(&word.part(Span::new(1, 3)), 0, 1, br"\t").as_deref(), Some(r"<\\t>"));
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
