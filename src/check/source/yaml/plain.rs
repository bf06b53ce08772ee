//! Entries of the outermost mapping that are certainly valid and contain no description.
//!
//! ```text
//! entry  key ":" [ blank value ] / key ":" 1*( indent ( entry / "-" blank ( value / entry ) ) )
//! value  plain / DQUOTE text DQUOTE / "'" text "'", on one line, without a comment
//! ```

use std::ops::Range;

use memchr::memchr2_iter;

use super::super::shortened::{Interest, bare_key, is_printable, is_quoted, lines};

/// The maximum nesting of mappings and lists in an entry. Deeper entries are parsed.
const DEEPEST: usize = 16;

/// The byte ranges of entries that the parser need not read. Adjacent ones are joined.
pub(super) fn entries(text: &str, interest: &Interest<'_>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut entry: Option<Entry> = None;
    let mut close = |entry: Option<Entry>, end: usize| {
        let Some(entry) = entry.filter(|it| it.is_plain) else { return };
        let place = entry.start..end;
        if !interest.has_name(&place) {
            match found.last_mut().filter(|last| last.end == place.start) {
                Some(last) => last.end = end,
                None => found.push(place),
            }
        }
    };
    for Range { start, end } in lines(text.as_bytes()) {
        let line = &text.as_bytes()[start..end];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let indent = line.iter().take_while(|byte| **byte == b' ').count();
        let content = &line[indent..];
        match content.first() {
            None => continue,
            Some(b'#') if is_printable(content) => continue,
            // A new document, or a scalar as a whole document, may begin on this line.
            Some(b'-' | b'.' | b'%') if indent == 0 && !content.starts_with(b"- ") => {
                close(entry.take(), start);
                if content.trim_ascii_end() != b"---" {
                    return found;
                }
                continue;
            }
            Some(_) => {}
        }
        if indent == 0 && bare_key(content).is_some() {
            close(entry.take(), start);
            entry = Some(Entry::new(start));
        }
        if let Some(entry) = entry.as_mut().filter(|it| it.is_plain) {
            entry.is_plain = entry.line(indent, content, interest);
        }
    }
    close(entry, text.len());
    found
}

/// An entry of the outermost mapping, while its lines are checked one after the other.
struct Entry {
    start: usize,
    /// Whether all lines so far are certainly valid and contain no description.
    is_plain: bool,
    /// The mappings and lists around the last line, each with its indentation.
    open: Vec<(usize, Kind)>,
    /// Whether the last key has no value yet, so that a mapping or a list may follow.
    is_empty: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    List,
}

impl Entry {
    const fn new(start: usize) -> Self {
        Self { start, is_plain: true, open: Vec::new(), is_empty: true }
    }

    /// Adds a line. Returns whether the entry is still plain.
    fn line(&mut self, indent: usize, content: &[u8], interest: &Interest<'_>) -> bool {
        if let Some(item) = content.strip_prefix(b"- ") {
            if !self.opens(indent, Kind::List) {
                return false;
            }
            if bare_key(item).is_some_and(|length| item.get(length) == Some(&b':')) {
                self.is_empty = true;
                return self.opens(indent + 2, Kind::Mapping) && self.entry(item, interest);
            }
            self.is_empty = false;
            return is_value(item);
        }
        self.opens(indent, Kind::Mapping) && self.entry(content, interest)
    }

    /// Whether a mapping or an item at this indentation may follow the last line. Ends the inner
    /// mappings and lists that it is not part of.
    fn opens(&mut self, indent: usize, kind: Kind) -> bool {
        while let Some((outer, known)) = self.open.last().copied() {
            // A list may have the same indentation as the key whose value it is.
            let is_inside = indent > outer
                || indent == outer && known == Kind::Mapping && kind == Kind::List && self.is_empty;
            if is_inside {
                break;
            } else if (outer, known) == (indent, kind) {
                return true;
            }
            self.open.pop();
            self.is_empty = false;
        }
        let opens = self.is_empty && self.open.len() < DEEPEST;
        self.open.push((indent, kind));
        opens
    }

    /// Reads `key:` or `key: value`. Returns false if it may be invalid, or if the key matters.
    fn entry(&mut self, content: &[u8], interest: &Interest<'_>) -> bool {
        let Some(length) = bare_key(content) else { return false };
        let (key, rest) = content.split_at(length);
        let Some(value) = rest.strip_prefix(b":") else { return false };
        self.is_empty = value.is_empty();
        let matters = std::str::from_utf8(key).is_ok_and(|key| interest.has_key(key));
        !matters && (self.is_empty || value.strip_prefix(b" ").is_some_and(is_value))
    }
}

/// Whether a text is certainly a whole value on one line, without a comment.
fn is_value(text: &[u8]) -> bool {
    let begins = text.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'/');
    if !begins {
        return is_quoted(text);
    }
    let ends_value = |at: usize| match text[at] {
        b':' => text.get(at + 1).is_none_or(|next| *next == b' '),
        _ => text[at - 1] == b' ',
    };
    is_printable(text) && !memchr2_iter(b':', b'#', text).any(ends_value)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::check::config::test_settings;

    /// The lines that are left out of a file.
    #[track_caller]
    fn left_out(file: &str) -> String {
        let settings = test_settings(concat!(
            "presets = [\"daphne\"]\n",
            "[[source]]\nfiles = [\"*\"]\nkeys = { \"**.listen*\" = \"server\" }\n",
        ));
        let context = settings.context(Path::new("a.yml"), None);
        let interest = Interest::new(file.as_bytes(), &context).unwrap();
        entries(file, &interest).into_iter().map(|place| &file[place]).collect()
    }

    #[test]
    fn plain_entries_are_left_out() {
        for file in [
            "a: b\n",
            "a:\n  b: c d\n  image: x/y:12\n  # c\n\n  e: \"f: g\"\nh:\n- 1\n- 'x'\ni: 1\n",
            "a:\n  - b: 1\n    c: 2\n  - b: 3\n    d:\n      e: f\n  - g\n",
            "a:\nb:\n",
            "a:\r\n  b: c\r\n",
            "a:\n  b:\n  - c\n  d: e\n",
        ] {
            assert_eq!(left_out(file), file);
        }
    }

    #[test]
    fn other_entries_are_kept() {
        for file in [
            "listen: tcp:80\n",
            "a:\n  b:\n    listen_x: tcp:80\n",
            "a: daphne -e tcp:80\n",
            "a: &x b\n",
            "a: *x\n",
            "a: [b, c]\n",
            "a: |\n  b\n",
            "a: b\n  c\n",
            "a: b: c\n",
            "a: b # c\n",
            "a:\n   b: c\n  d: e\n",
            "a:\n  b: c\n   d: e\n",
            "a:\n  - b\n  c: d\n",
            "a:\n  b\n",
            "a: \"b\n  c\"\n",
            "a:\n\tb: c\n",
            "a: b\n- c\n",
            "\"a\": b\n",
            "- a: b\n",
            "a:b\n",
            "a: b:\n",
        ] {
            assert_eq!(left_out(file), "", "{file}");
        }
        assert_eq!(left_out("--- |\na: b\n"), "");
        assert_eq!(left_out("---\na: b\n---\nc: d\n...\ne: f\n"), "a: b\nc: d\n");
    }
}
