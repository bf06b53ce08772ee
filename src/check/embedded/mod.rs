//! A description embedded in a file: the text that the program reads, and its mapping to the file.
//!
//! A reader decodes the quoting of a file (a Python escape, a YAML scalar on several lines) and
//! builds an [`Embedded`] piece by piece. The linter works on the decoded text, and maps findings
//! and fixes back to the file.

mod build;
mod places;
mod quoting;
mod split;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use quoting::Layers;
pub(crate) use quoting::{Quoting, double_each, escape_each};
pub(crate) use split::Split;

use endpoint_runtime::plan::preflight::Start;
use strports_syntax::Role;

/// A description in a file, or a template of one: its decoded text, and the place of each byte in
/// the file.
#[derive(Clone, Debug)]
pub(crate) struct Embedded {
    /// The decoded text, as the program reads it.
    text: Vec<u8>,
    /// The pieces in order; each begins where the previous one ends.
    pieces: Vec<Piece>,
    /// The byte offset in the file, for an empty text, which has no pieces.
    place: usize,
    /// The role, if the surrounding file determines it.
    pub(crate) role: Option<Role>,
    /// The number of its unit. Descriptions of one unit belong to one run of a program, so two of
    /// them may conflict. Descriptions without a unit are checked separately.
    pub(crate) unit: Option<usize>,
    /// The directory at which relative paths begin; `None` if the program runs on another machine
    /// or in a container, so that its files are not checked.
    pub(crate) start: Option<Start>,
    /// The Python literals that make the description `bytes`; `None` if it is a `str`.
    pub(crate) bytes: Option<BytesLiteral>,
    /// Whether a program derives the description from other options. Such a description is compared
    /// with others, but not checked.
    pub(crate) is_implied: bool,
    /// Whether the program is strports, which supports its own extensions of the syntax. They are
    /// reported for other programs.
    pub(crate) extensions: bool,
    /// The reason why the text is a description, for the list of descriptions (`--list`).
    pub(crate) source: Option<Origin>,
    /// The quoting of the pieces that are added next.
    quoting: Layers,
    /// The stretch of the pieces that are added next; see [`Piece::stretch`].
    stretch: usize,
    /// The stretch of the other text from which the last piece was read. If it changes, a new
    /// stretch begins here too.
    read: Option<usize>,
}

/// The reason why a text is a description. It displays as in the list of descriptions (`--list`).
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// An argument of this function, which takes a description.
    Call(&'static str),
    /// A key, a variable or a command of a configuration or a preset, such as ``key `listen` of
    /// strports.toml``.
    Named(Arc<str>),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(name) => write!(f, "call of `{name}`"),
            Self::Named(name) => f.write_str(name),
        }
    }
}

/// The Python literals that make a description `bytes`.
#[derive(Clone, Debug)]
pub(crate) struct BytesLiteral {
    /// The byte offsets of the prefixes `b` in the file, in order.
    pub(crate) letters: Vec<usize>,
    /// Whether the literals have the same text without the prefix, so that a fix is possible.
    pub(crate) fixable: bool,
    /// Whether no other code can use the literals as `bytes`, so that the fix is safe.
    pub(crate) certain: bool,
}

/// A part of the decoded text, and the bytes of the file from which it was decoded.
#[derive(Clone, Debug)]
struct Piece {
    /// The byte offset of the piece in the decoded text.
    start: usize,
    /// The byte range of the piece in the file.
    file: Range<usize>,
    kind: Kind,
    quoting: Layers,
    /// Pieces with the same number are between the same quotes, so a fix may replace them together.
    stretch: usize,
}

impl Piece {
    /// Whether text at `file` can be appended to this piece: both are verbatim, and nothing is
    /// between them.
    fn goes_on_in(&self, file: &Range<usize>, kind: Kind, stretch: usize) -> bool {
        let both = (self.kind, kind) == (Kind::Verbatim, Kind::Verbatim);
        both && self.stretch == stretch && self.file.end == file.start
    }
}

/// How the text of a piece relates to its bytes in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The text of the piece is the same in the file.
    Verbatim,
    /// An escape sequence such as `\x3a`, of which a fix can replace only the whole.
    Escape,
    /// A placeholder, whose value is known only at run time. A digit replaces it in the text.
    Unknown,
    /// A variable that stays text, because this program does not expand it.
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
    /// `Environment=` of systemd.
    SystemdEnvironment,
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
            source: None,
            quoting,
            stretch: 0,
            read: None,
        }
    }

    /// The bytes of a file at `range` as a text without quoting.
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

    /// The same text for a shell, which expands the variables that another program leaves
    /// unchanged.
    pub(crate) fn expanded(&self) -> Self {
        let mut it = self.clone();
        for piece in it.pieces.iter_mut().filter(|piece| piece.kind.is_hole()) {
            piece.kind = Kind::Unknown;
        }
        it
    }

    /// Creates an empty text with the role, unit, source, place and quoting of `other`.
    pub(crate) fn like(other: &Self) -> Self {
        let mut it = Self::new(other.role, Quoting::PLAIN);
        (it.unit, it.place, it.quoting) = (other.unit, other.place, other.quoting);
        it.is_implied = other.is_implied;
        it.start.clone_from(&other.start);
        it.extensions = other.extensions;
        it.source.clone_from(&other.source);
        it
    }

    /// A measure of the memory that the text needs: the number of its pieces, and a constant.
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use strports_syntax::Span;

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
    fn spans_map_back_to_the_file() {
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
    fn several_descriptions_are_split_at_blanks() {
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
    fn placeholders_become_holes() {
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
