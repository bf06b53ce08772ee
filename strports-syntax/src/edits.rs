//! Edits of a text, and the mapping of spans from the edited text to the original.

use alloc::vec::Vec;

use crate::diagnostic::apply;
use crate::{Fix, Span};

/// An original text, replacements in it that do not overlap, and the resulting text.
#[derive(Clone, Debug)]
pub(crate) struct Edits<'t> {
    original: &'t [u8],
    /// The replacements, ordered by their spans in the original text.
    fixes: Vec<Fix>,
    /// The edited text: `original` with all `fixes` applied.
    text: Vec<u8>,
}

/// A replacement with its index in `fixes` and its span in the edited text.
struct Replaced<'e> {
    index: usize,
    fix: &'e Fix,
    span: Span,
}

impl<'t> Edits<'t> {
    /// Starts with `original` as the edited text.
    pub(crate) fn new(original: &'t [u8]) -> Self {
        Self { original, fixes: Vec::new(), text: original.to_vec() }
    }

    /// The text with all replacements applied so far.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The replacement of exactly `span` of the original text; `None` if there is none.
    pub(crate) fn at(&self, span: Span) -> Option<&Fix> {
        self.fixes.iter().find(|fix| fix.span == span)
    }

    /// Applies `fixes`, whose spans are in the edited text, and skips those that overlap another.
    ///
    /// A fix inside an earlier replacement changes the bytes of that replacement.
    pub(crate) fn add(&mut self, fixes: &[Fix]) {
        let mut sorted: Vec<&Fix> = fixes.iter().collect();
        sorted.sort_by_key(|fix| fix.span);
        let mut end = 0;
        sorted.retain(|fix| {
            let fits = fix.span.start >= end && fix.span.end <= self.text.len();
            end = if fits { fix.span.end } else { end };
            fits
        });
        // Right to left, so that the offsets of the remaining fixes stay valid.
        for fix in sorted.into_iter().rev() {
            self.add_one(fix);
        }
        self.text = apply(self.original, &self.fixes);
    }

    fn add_one(&mut self, fix: &Fix) {
        let around = self.replaced().find(|it| overlap(it.span, fix.span));
        let around = around.map(|it| (it.index, it.span));
        match around {
            None => {
                let fix = Fix { span: self.locate(fix.span), ..fix.clone() };
                let index = self.fixes.partition_point(|it| it.span <= fix.span);
                self.fixes.insert(index, fix);
            }
            Some((index, span)) if span.start <= fix.span.start && fix.span.end <= span.end => {
                let offset = span.start;
                let inside = Span::new(fix.span.start - offset, fix.span.end - offset);
                let outer = &mut self.fixes[index];
                outer.replacement =
                    apply(&outer.replacement, [&Fix { span: inside, ..fix.clone() }]);
                outer.safe &= fix.safe;
            }
            Some(_) => {}
        }
    }

    /// Moves a fix of the edited text to the original text.
    ///
    /// Returns `None` if the fix overlaps a replacement, whose bytes are not in the original.
    pub(crate) fn original_fix(&self, fix: &Fix) -> Option<Fix> {
        let is_free = !self.replaced().any(|it| overlap(it.span, fix.span));
        is_free.then(|| Fix { span: self.locate(fix.span), ..fix.clone() })
    }

    /// Maps `span` of the edited text to the original text.
    pub(crate) fn locate(&self, span: Span) -> Span {
        let inside = |it: &Replaced<'_>| it.span.start <= span.start && span.end <= it.span.end;
        if let Some(replaced) = self.replaced().filter(|it| !it.span.is_empty()).find(inside) {
            return self.locate_inside(&replaced, span);
        }
        Span::new(self.offset(span.start, false), self.offset(span.end, true))
    }

    /// Maps a span inside a replacement to a part of the replaced text.
    ///
    /// The result is all of the replaced text if the part is ambiguous.
    fn locate_inside(&self, replaced: &Replaced<'_>, span: Span) -> Span {
        let Replaced { fix, span: Span { start, .. }, .. } = *replaced;
        let old = fix.span.slice(self.original);
        let (from, to) = (span.start - start, span.end - start);
        // Counts the original bytes among the first `upto` bytes of the replacement. If all are
        // kept, as when escaping inserts backslashes, offsets map one to one.
        let kept = |upto: usize| {
            let added = fix.replacement[..upto].iter();
            added.fold(0, |at, byte| at + usize::from(old.get(at) == Some(byte)))
        };
        let found = &fix.replacement[from..to];
        let (from, to) = if kept(fix.replacement.len()) == old.len() {
            (kept(from), kept(to))
        } else {
            let mut places = (0..old.len()).filter(|at| old[*at..].starts_with(found));
            match (places.next(), places.next()) {
                (Some(at), None) if !found.is_empty() => (at, at + found.len()),
                _ => (0, old.len()),
            }
        };
        Span::new(fix.span.start + from, fix.span.start + to)
    }

    /// Maps an offset to the original text. Inside a replacement, `is_end` selects the end of the
    /// replaced text instead of its start.
    fn offset(&self, offset: usize, is_end: bool) -> usize {
        let before = |it: &Replaced<'_>| it.span.start < offset || it.span.end <= offset && !is_end;
        match self.replaced().take_while(before).last() {
            None => offset,
            Some(it) if it.span.end > offset && !is_end => it.fix.span.start,
            Some(it) if it.span.end > offset => it.fix.span.end,
            Some(it) => it.fix.span.end + (offset - it.span.end),
        }
    }

    fn replaced(&self) -> impl Iterator<Item = Replaced<'_>> {
        // The sums of bytes that were inserted and removed before the current replacement.
        let (mut added, mut removed) = (0, 0);
        self.fixes.iter().enumerate().map(move |(index, fix)| {
            let start = fix.span.start + added - removed;
            added += fix.replacement.len();
            removed += fix.span.len();
            Replaced { index, fix, span: Span::new(start, start + fix.replacement.len()) }
        })
    }
}

/// Whether the spans share a byte, or one is empty and strictly inside the other.
fn overlap(a: Span, b: Span) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited<'t>(text: &'t str, fixes: &[(usize, usize, &str)]) -> Edits<'t> {
        let mut edits = Edits::new(text.as_bytes());
        for &(start, end, replacement) in fixes {
            edits.add(&[Fix::safe(Span::new(start, end), replacement)]);
        }
        edits
    }

    /// The original text of the first occurrence of `piece` in the edited text.
    fn original<'t>(edits: &Edits<'t>, piece: &str) -> &'t str {
        let text = core::str::from_utf8(edits.text()).unwrap();
        let start = text.find(piece).unwrap();
        let span = edits.locate(Span::new(start, start + piece.len()));
        core::str::from_utf8(span.slice(edits.original)).unwrap()
    }

    #[test]
    fn spans_map_back_through_escapes_and_insertions() {
        let text = "tcp:80:interface=::1:bogus=1";
        let edits = edited(text, &[(17, 20, r"\:\:1")]);
        assert_eq!(edits.text(), br"tcp:80:interface=\:\:1:bogus=1");
        assert_eq!(original(&edits, "80"), "80");
        assert_eq!(original(&edits, "bogus"), "bogus");
        assert_eq!(original(&edits, r"\:\:1"), "::1");
        let inserted = edited("8080:x=1", &[(0, 0, "tcp:")]);
        assert_eq!(original(&inserted, "8080"), "8080");
        assert_eq!(original(&inserted, "x"), "x");
        assert_eq!(inserted.locate(Span::empty(12)), Span::empty(8));
    }

    #[test]
    fn spans_inside_a_replacement_map_to_it() {
        let edits = edited("e=tcp:p:99999:x=1", &[(2, 13, r"tcp\:p\:99999")]);
        assert_eq!(original(&edits, "99999"), "99999");
        assert_eq!(original(&edits, "p\\"), "p");
        let swapped = edited("tcp:[::1]:x", &[(4, 11, r"x:interface=\:\:1")]);
        assert_eq!(original(&swapped, "x"), "x");
        assert_eq!(original(&swapped, "interface"), "[::1]:x");
    }

    #[test]
    fn a_fix_inside_a_replacement_becomes_part_of_it() {
        let mut edits = edited("a:b", &[(0, 3, r"a\:b")]);
        edits.add(&[Fix::safe(Span::new(3, 4), "c")]);
        assert_eq!(edits.text(), br"a\:c");
        assert_eq!(edits.at(Span::new(0, 3)).unwrap().replacement, br"a\:c");
        assert_eq!(edits.original_fix(&Fix::safe(Span::new(3, 4), "d")), None);
    }

    #[test]
    fn the_first_of_overlapping_fixes_applies() {
        let mut edits = Edits::new(b"abcdef");
        let fixes = [Fix::safe(Span::new(1, 3), "X"), Fix::safe(Span::new(2, 4), "Y")];
        edits.add(&fixes);
        edits.add(&[Fix::safe(Span::new(3, 5), "Z")]);
        assert_eq!(edits.text(), b"aXdZ");
        assert_eq!(edits.locate(Span::new(2, 3)), Span::new(3, 4));
    }
}
