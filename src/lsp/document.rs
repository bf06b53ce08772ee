//! An open document: its text, its version, and where its lines begin.
//!
//! Converts between positions of the protocol (line and column) and byte offsets.

use std::ops::Range;
use std::path::{Path, PathBuf};

use lsp_types::{Position, PositionEncodingKind, TextDocumentContentChangeEvent, Uri};
use percent_encoding::percent_decode_str;

/// What columns of positions count, as negotiated with the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Columns count bytes of UTF-8.
    Utf8,
    /// Columns count UTF-16 code units, which every client has to support.
    #[default]
    Utf16,
    /// Columns count Unicode scalar values.
    Utf32,
}

impl Encoding {
    /// Returns the cheapest encoding that the client supports: UTF-8 needs no conversion. `None`
    /// means that the client lists none, and so supports UTF-16 only.
    pub(super) fn best_of(known: Option<&[PositionEncodingKind]>) -> Self {
        let has = |kind: &PositionEncodingKind| known.is_some_and(|known| known.contains(kind));
        if has(&PositionEncodingKind::UTF8) {
            Self::Utf8
        } else if has(&PositionEncodingKind::UTF32) && !has(&PositionEncodingKind::UTF16) {
            Self::Utf32
        } else {
            Self::Utf16
        }
    }

    pub(super) const fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    /// The number of columns that a character takes.
    const fn length(self, char: char) -> usize {
        match self {
            Self::Utf8 => char.len_utf8(),
            Self::Utf16 => char.len_utf16(),
            Self::Utf32 => 1,
        }
    }

    /// The number of columns that a text takes.
    pub(super) fn width(self, text: &str) -> u32 {
        let length: usize = match self {
            Self::Utf8 => text.len(),
            _ => text.chars().map(|char| self.length(char)).sum(),
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }
}

/// A file that is open in the editor, with its current text.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) uri: Uri,
    /// The path of a `file:` URI, whose file may not exist yet. For other schemes, the path in the
    /// URI.
    pub(super) path: PathBuf,
    pub(super) version: i32,
    text: String,
    /// The byte offsets at which the lines begin.
    starts: Vec<usize>,
}

impl Document {
    pub(super) fn new(uri: Uri, version: i32, text: String) -> Self {
        let path = path_of(&uri);
        let starts = line_starts(&text);
        Self { uri, path, version, text, starts }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Applies changes in their order; positions in each refer to the text after the previous one.
    pub(super) fn change(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        for change in changes {
            match change.range {
                None => {
                    self.text = change.text;
                    self.starts = line_starts(&self.text);
                }
                Some(range) => {
                    let (a, b) =
                        (self.offset(range.start, encoding), self.offset(range.end, encoding));
                    self.replace(a.min(b)..b.max(a), &change.text);
                }
            }
        }
        self.version = version;
    }

    /// Replaces a byte range of the text, and recomputes only the line starts that may differ.
    fn replace(&mut self, range: Range<usize>, new: &str) {
        // A line before the range may end with `\r`. If a `\n` now follows, the line ends after
        // that.
        let kept = self.starts.partition_point(|start| *start <= range.start).saturating_sub(2);
        let moved = self.starts.partition_point(|start| *start <= range.end + 1);
        let tail = self.starts.split_off(moved);
        self.starts.truncate(kept + 1);
        self.text.replace_range(range.clone(), new);
        let tail: Vec<usize> = tail.iter().map(|start| start - range.len() + new.len()).collect();
        let from = self.starts[kept];
        let to = tail.first().copied().unwrap_or(self.text.len());
        let found = line_starts(&self.text[from..to]).into_iter().skip(1).map(|at| from + at);
        self.starts.extend(found.filter(|start| tail.first() != Some(start)));
        self.starts.extend(tail);
    }

    /// Returns the byte offset of a position. A column after the end of a line means its end.
    pub(super) fn offset(&self, position: Position, encoding: Encoding) -> usize {
        let line = self.line(position.line as usize);
        let mut left = position.character as usize;
        let mut offset = line.start;
        for char in self.text[line].chars() {
            let length = encoding.length(char);
            if left < length {
                break;
            }
            left -= length;
            offset += char.len_utf8();
        }
        offset
    }

    /// Returns the position of a byte offset. An offset inside a character means its start.
    pub(super) fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let character = encoding.width(&self.text[self.starts[line]..offset]);
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), character }
    }

    pub(super) fn range(&self, range: &Range<usize>, encoding: Encoding) -> lsp_types::Range {
        let (start, end) =
            (self.position(range.start, encoding), self.position(range.end, encoding));
        lsp_types::Range { start, end }
    }

    /// Returns the byte range of a line, from 0, without its terminator. A number after the last
    /// line returns an empty range at the end.
    pub(super) fn line(&self, line: usize) -> Range<usize> {
        let Some(start) = self.starts.get(line).copied() else {
            return self.text.len()..self.text.len();
        };
        let next = self.starts.get(line + 1).copied().unwrap_or(self.text.len());
        let end = self.text[start..next].trim_end_matches(['\r', '\n']).len();
        start..start + end
    }
}

/// Returns the byte offsets of line starts. `\n`, `\r` and `\r\n` end a line.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

/// Returns the path of a `file:` URI without percent-encoding. For other schemes it is the path in
/// the URI, whose file name says the format.
pub(super) fn path_of(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let path = text
        .split_once("://")
        .map_or(text, |(_, rest)| rest.find('/').map_or("", |slash| &rest[slash..]));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = percent_decode_str(path).decode_utf8_lossy();
    // In `file:///c:/x`, the path `/c:/x` is a Windows path after a slash.
    let drive = path.strip_prefix('/').filter(|rest| rest.as_bytes().get(1) == Some(&b':'));
    Path::new(drive.unwrap_or(&path)).to_owned()
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn document(text: &str) -> Document {
        Document::new(Uri::from_str("file:///a%20b/c.py").unwrap(), 1, text.to_owned())
    }

    const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    #[test]
    fn columns_are_counted_in_every_encoding() {
        let it = document("aé\u{1f600}x\r\ny\rz\n");
        let columns = ALL.map(|encoding| it.position(7, encoding).character);
        assert_eq!(columns, [7, 4, 3]);
        for encoding in ALL {
            for (offset, _) in it.text.char_indices().filter(|(_, char)| !char.is_control()) {
                let position = it.position(offset, encoding);
                assert_eq!(it.offset(position, encoding), offset, "{encoding:?}");
            }
        }
        assert_eq!(it.position(10, Encoding::Utf8), Position::new(1, 0));
        assert_eq!(it.position(12, Encoding::Utf8), Position::new(2, 0));
        assert_eq!(it.position(99, Encoding::Utf8), Position::new(3, 0));
    }

    #[test]
    fn positions_outside_of_the_text_are_its_ends() {
        let it = document("ab\ncd");
        assert_eq!(it.offset(Position::new(0, 99), Encoding::Utf16), 2);
        assert_eq!(it.offset(Position::new(99, 0), Encoding::Utf16), 5);
        // A UTF-16 column between the halves of a surrogate pair means the start of the pair.
        assert_eq!(document("\u{1f600}").offset(Position::new(0, 1), Encoding::Utf16), 0);
    }

    #[test]
    fn changes_apply_in_their_order() {
        let mut it = document("tcp:80\n");
        let change = |range, text: &str| TextDocumentContentChangeEvent {
            range,
            range_length: None,
            text: text.to_owned(),
        };
        let at = |a, b| Some(lsp_types::Range::new(Position::new(0, a), Position::new(0, b)));
        it.change(2, vec![change(at(4, 6), "8080"), change(at(8, 8), ":é")], Encoding::Utf16);
        assert_eq!((it.text(), it.version), ("tcp:8080:é\n", 2));
        it.change(3, vec![change(None, "x")], Encoding::Utf16);
        assert_eq!(it.text(), "x");
    }

    #[test]
    fn line_starts_follow_every_change() {
        let pieces = ["", "a", "\n", "\r", "\r\n", "é\n", "x\ry", "\n\r", "line\nline\n"];
        for whole in ["", "a\nb\r\nc\rd", "\r\n\r\n", "\n\n\n", "a\r"] {
            for (a, _) in whole.char_indices().chain([(whole.len(), ' ')]) {
                for (b, _) in whole.char_indices().chain([(whole.len(), ' ')]) {
                    for piece in pieces {
                        let mut it = document(whole);
                        it.replace(a.min(b)..b.max(a), piece);
                        let wanted = line_starts(&it.text);
                        assert_eq!(it.starts, wanted, "{whole:?} {a} {b} {piece:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn uris_are_paths() {
        assert_eq!(document("").path, Path::new("/a b/c.py"));
        let windows = Uri::from_str("file:///c%3A/x.py").unwrap();
        assert_eq!(path_of(&windows), Path::new("c:/x.py"));
        let untitled = Uri::from_str("untitled:Untitled-1").unwrap();
        assert_eq!(path_of(&untitled), Path::new("untitled:Untitled-1"));
    }
}
