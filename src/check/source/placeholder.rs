//! Text that is known only when the program runs: `%d`, `{port}`, `$PORT`, `{{ port }}`.
//!
//! ```text
//! percent   "%" [ "(" name ")" ] *( digit / "#" / "-" / "+" / " " / "." / "*" ) letter, and "%%"
//! braces    "{" [ name ] [ "!" letter ] [ ":" spec ] "}", and "{{", "}}"
//! shell     "$" name, "$" digit, "${" … "}", "$(" … ")", "`" … "`"
//! batch     "%" name "%"
//! template  "{{" … "}}", "{%" … "%}", "{#" … "#}", "<%" … "%>"
//! ```

use std::ops::Range;

use crate::check::embedded::{Embedded, Expander};
use strports_syntax::Span;

/// The maximum length of a placeholder in bytes. The limit keeps the time for long lines short.
const LONGEST: usize = 1024;

/// The openings and closings of templates: of Jinja, Helm and Mustache, and of ERB.
pub(super) const TEMPLATES: [(&[u8], &[u8]); 4] =
    [(b"{{", b"}}"), (b"{%", b"%}"), (b"{#", b"#}"), (b"<%", b"%>")];

/// The styles of placeholders that a text may contain, as a set of bits. Several are combined by
/// [`and`](Self::and).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Styles(u8);

impl Styles {
    pub(crate) const NONE: Self = Self(0);
    /// Python's `%` operator, such as `%d`, and interpolation in INI files, such as `%(port)s`.
    pub(crate) const PERCENT: Self = Self(1);
    /// The fields of Python's `str.format` and similar functions, such as `{port}`.
    pub(crate) const BRACES: Self = Self(2);
    /// Variables and commands of shells, and the same syntax in systemd, compose files and other
    /// formats.
    pub(crate) const SHELL: Self = Self(4);
    /// Variables of `cmd.exe`, such as `%PORT%`.
    pub(crate) const BATCH: Self = Self(8);
    /// Templates of files in Jinja, Helm, Mustache or ERB, such as `{{ port }}`.
    pub(crate) const TEMPLATE: Self = Self(16);

    /// `<port>`, as documents write it in place of a value.
    pub(crate) const ANGLES: Self = Self(32);
    /// Placeholders of documents: `PORT`, `port`, `…`, and all other styles.
    pub(crate) const DOCUMENT: Self =
        Self::PERCENT.and(Self::BRACES).and(Self::SHELL).and(Self::TEMPLATE).and(Self(32 | 64));
    /// `PORT` and `port` in documents, in place of a value.
    const WORDS: Self = Self(64);
    /// All styles that the program which reads a configuration may fill in.
    pub(crate) const ANY: Self =
        Self::PERCENT.and(Self::BRACES).and(Self::SHELL).and(Self::TEMPLATE);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What [`find`] finds at one place of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A placeholder, whose text is known only at run time.
    Unknown,
    /// A doubled character such as `%%`, which stands for one.
    Escape(u8),
}

/// Finds the placeholders in `text` and the doubled characters. Returns their byte ranges in order.
pub(crate) fn find(text: &[u8], styles: Styles) -> Vec<(Range<usize>, Found)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let before = at.checked_sub(1).map(|before| text[before]);
        match begins(before, &text[at..text.len().min(at + LONGEST)], styles) {
            Some((length, what)) => {
                found.push((at..at + length, what));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// The length in bytes of the placeholder at the start of `text`; `None` if there is none.
pub(crate) fn first(text: &[u8], styles: Styles) -> Option<usize> {
    let (length, what) = begins(None, &text[..text.len().min(LONGEST)], styles)?;
    (what == Found::Unknown).then_some(length)
}

impl Embedded {
    /// Adds the bytes of a file at `range`. Placeholders of these styles become unknown text.
    pub(crate) fn template(&mut self, file: &[u8], range: Range<usize>, styles: Styles) {
        let mut at = range.start;
        for (place, what) in find(file.get(range.clone()).unwrap_or_default(), styles) {
            let place = range.start + place.start..range.start + place.end;
            self.verbatim(file, at..place.start);
            at = place.end;
            match what {
                Found::Unknown => self.unknown(place),
                Found::Escape(byte) => self.escape(&[byte], place),
            }
        }
        self.verbatim(file, at..range.end);
    }
}

impl Embedded {
    /// Returns the same text with placeholders of these styles as unknown text. They are searched
    /// in the decoded text, not in the source.
    #[must_use]
    pub(crate) fn with_placeholders(self, styles: Styles) -> Self {
        let places = find(self.text(), styles);
        if places.is_empty() {
            return self;
        }
        let mut it = Self::like(&self);
        it.bytes.clone_from(&self.bytes);
        let mut at = 0;
        for (place, what) in places {
            it.extend(&self, Span::new(at, place.start));
            at = place.end;
            let file = self.locate(Span::new(place.start, place.end));
            match what {
                Found::Unknown => it.unknown(file),
                Found::Escape(byte) => it.escape(&[byte], file),
            }
        }
        it.extend(&self, Span::new(at, self.text().len()));
        it
    }
}

impl Embedded {
    /// Returns the same text with its variables unexpanded, because `by` does not expand them.
    /// Other expansions of a shell are unknown text.
    #[must_use]
    pub(crate) fn with_unexpanded(self, by: Expander) -> Self {
        let places = find(self.text(), Styles::SHELL);
        if places.is_empty() {
            return self;
        }
        let mut it = Self::like(&self);
        let mut at = 0;
        for (place, _) in places {
            it.extend(&self, Span::new(at, place.start));
            at = place.end;
            let file = self.locate(Span::new(place.start, place.end));
            if is_variable(&self.text()[place]) {
                it.unexpanded_at(file, by);
            } else {
                it.unknown(file);
            }
        }
        it.extend(&self, Span::new(at, self.text().len()));
        it
    }
}

/// Whether a placeholder of shells is a variable: `$NAME` or `${NAME}`.
pub(super) fn is_variable(text: &[u8]) -> bool {
    let inside = text.strip_prefix(b"$").unwrap_or_default();
    let inside = inside.strip_prefix(b"{").and_then(|it| it.strip_suffix(b"}")).unwrap_or(inside);
    inside.first().is_some_and(|byte| !byte.is_ascii_digit()) && name(inside) == inside.len()
}

/// The length in bytes and the kind of the placeholder at the start of `text`. `before` is the byte
/// before it.
fn begins(before: Option<u8>, text: &[u8], styles: Styles) -> Option<(usize, Found)> {
    let unknown = |length: Option<usize>| Some((length?, Found::Unknown));
    let template = || unknown(template(text).filter(|_| styles.has(Styles::TEMPLATE)));
    match text.first()? {
        b'%' => {
            let batch = || unknown(batch(text).filter(|_| styles.has(Styles::BATCH)));
            batch().or_else(|| if styles.has(Styles::PERCENT) { percent(text) } else { None })
        }
        b'{' | b'}' => {
            template().or_else(|| if styles.has(Styles::BRACES) { braces(text) } else { None })
        }
        b'<' => template().or_else(|| unknown(angles(text).filter(|_| styles.has(Styles::ANGLES)))),
        b'$' | b'`' if styles.has(Styles::SHELL) => unknown(shell(text)),
        _ if styles.has(Styles::WORDS) => unknown(word(before, text)),
        _ => None,
    }
}

/// The length in bytes of `<port>`. Longer text in angle brackets is probably a pair of
/// redirections.
fn angles(text: &[u8]) -> Option<usize> {
    let inside = text.get(1..text.len().min(48))?;
    let length = memchr::memchr(b'>', inside)?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b" _-./:".contains(byte);
    let is_word = inside[0].is_ascii_alphabetic() && inside[..length].iter().all(is_name);
    is_word.then_some(length + 2)
}

/// Names in lower case that documents write in place of a value, as in `tcp:port`.
const VALUES: [&[u8]; 14] = [
    b"port",
    b"host",
    b"hostname",
    b"address",
    b"addr",
    b"ip",
    b"path",
    b"socket",
    b"interface",
    b"name",
    b"number",
    b"domain",
    b"index",
    b"n",
];

/// The length of a word in place of a value: `PORT`, `port`, `xxxx`, `...`, `…`. `None` if it may
/// be the value itself.
fn word(before: Option<u8>, text: &[u8]) -> Option<usize> {
    let dots = [&b"..."[..], "\u{2026}".as_bytes()].into_iter().find(|it| text.starts_with(it));
    if let Some(dots) = dots {
        return Some(dots.len());
    }
    let is_value = matches!(before, Some(b':' | b'=')) && text[0].is_ascii_alphabetic();
    let length = if is_value { name(text) } else { 0 };
    let word = &text[..length];
    let ends = matches!(text.get(length), None | Some(b':' | b',' | b'[' | b'/' | b'.'));
    // `INET6` is a value of the type `systemd`, not a word in its place.
    let is_capitals =
        length > 1 && !word.iter().any(u8::is_ascii_lowercase) && !word.starts_with(b"INET");
    let is_cross = length > 1 && word.iter().all(|byte| matches!(byte, b'x' | b'X'));
    let is_named = text.get(length) != Some(&b'.') && VALUES.contains(&word);
    (length > 0 && ends && (is_capitals || is_cross || is_named)).then_some(length)
}

fn percent(text: &[u8]) -> Option<(usize, Found)> {
    if text.get(1) == Some(&b'%') {
        return Some((2, Found::Escape(b'%')));
    }
    let mut at = 1;
    if text.get(at) == Some(&b'(') {
        at += until(&text[at..], b")")?;
    }
    let flag = |byte: &u8| byte.is_ascii_digit() || b"#-+ .*".contains(byte);
    at += text[at..].iter().take_while(|byte| flag(byte)).count();
    let letter = text.get(at)?;
    b"diouxXeEfFgGcrsa".contains(letter).then_some((at + 1, Found::Unknown))
}

fn braces(text: &[u8]) -> Option<(usize, Found)> {
    let first = *text.first()?;
    if text.get(1) == Some(&first) {
        return Some((2, Found::Escape(first)));
    }
    if first == b'}' {
        return None;
    }
    // A format specification may contain further fields, as in `{width:>{n}}`, so braces are
    // counted.
    let mut depth = 0usize;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            b'\n' => return None,
            _ => {}
        }
        if depth == 0 {
            return Some((at + 1, Found::Unknown));
        }
    }
    None
}

fn shell(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b'`') {
        return Some(1 + until(&text[1..], b"`")?);
    }
    let second = *text.get(1)?;
    match second {
        b'{' => balanced(&text[1..], b'{', b'}').map(|length| length + 1),
        b'(' => balanced(&text[1..], b'(', b')').map(|length| length + 1),
        b'_' | b'a'..=b'z' | b'A'..=b'Z' => Some(1 + name(&text[1..])),
        b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' => Some(2),
        _ => None,
    }
}

fn batch(text: &[u8]) -> Option<usize> {
    let length = name(&text[1..]);
    let letter = text.get(1).is_some_and(|byte| !byte.is_ascii_digit());
    (length > 0 && letter && text.get(1 + length) == Some(&b'%')).then_some(length + 2)
}

fn template(text: &[u8]) -> Option<usize> {
    let (open, close) = TEMPLATES.into_iter().find(|(open, _)| text.starts_with(open))?;
    Some(open.len() + until(&text[open.len()..], close)?)
}

/// The length of the name at the start of `text`.
fn name(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

/// The length of `text` up to the end of the first `close`; `None` if its first line has none.
fn until(text: &[u8], close: &[u8]) -> Option<usize> {
    let line = text.split(|byte| *byte == b'\n').next()?;
    let at = memchr::memmem::find(line, close)?;
    Some(at + close.len())
}

/// The length of the brackets at the start of `text` with the text between them. `None` if they are
/// not closed on the line.
fn balanced(text: &[u8], open: u8, close: u8) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.iter().enumerate() {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
        } else if *byte == b'\n' {
            return None;
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::embedded::Quoting;

    /// The placeholders of `text`, and the text that is parsed.
    fn found(text: &str, styles: Styles) -> (Vec<&str>, String) {
        let unknown = find(text.as_bytes(), styles).into_iter();
        let unknown = unknown.filter(|(_, what)| *what == Found::Unknown);
        let mut it = Embedded::new(None, Quoting::PLAIN);
        it.template(text.as_bytes(), 0..text.len(), styles);
        let read = String::from_utf8(it.text().to_vec()).unwrap();
        (unknown.map(|(range, _)| &text[range]).collect(), read)
    }

    #[test]
    fn each_style_finds_its_placeholders() {
        let (holes, read) = found("tcp:%d:x=%(a b)s:%-5.2f%%", Styles::PERCENT);
        assert_eq!((holes, read.as_str()), (vec!["%d", "%(a b)s", "%-5.2f"], "tcp:1:x=1:1%"));
        let (holes, read) = found("tcp:{}:{p!r}:{w:>{n}}:{{x}}", Styles::BRACES);
        assert_eq!((holes, read.as_str()), (vec!["{}", "{p!r}", "{w:>{n}}"], "tcp:1:1:1:{x}"));
        let (holes, read) = found("tcp:${PORT:-80}:$A:$1:$(f ${x}):`g`:$", Styles::SHELL);
        let wanted = vec!["${PORT:-80}", "$A", "$1", "$(f ${x})", "`g`"];
        assert_eq!((holes, read.as_str()), (wanted, "tcp:1:1:1:1:1:$"));
        let (holes, read) = found("tcp:%PORT%:%d", Styles::BATCH);
        assert_eq!((holes, read.as_str()), (vec!["%PORT%"], "tcp:1:%d"));
        let (holes, read) = found("tcp:{{ a }}:{% if b %}x:<%= c %>", Styles::TEMPLATE);
        assert_eq!((holes.len(), read.as_str()), (3, "tcp:1:1x:1"));
    }

    #[test]
    fn styles_are_combined_and_others_ignored() {
        let both = Styles::SHELL.and(Styles::TEMPLATE);
        assert_eq!(found("tcp:${A}:{{ b }}:{c}:%d", both).1, "tcp:1:1:{c}:%d");
        assert_eq!(found("tcp:$A:{b}", Styles(0)).0, [""; 0]);
    }

    #[test]
    fn an_unterminated_placeholder_is_text() {
        for text in ["a{b", "a}b", "${x", "$(", "`a", "%(a", "%", "%!", "{{a}", "<%", "{a\n}"] {
            let all = Styles::PERCENT.and(Styles::SHELL).and(Styles::TEMPLATE);
            assert_eq!(found(text, all.and(Styles::BRACES)).0, [""; 0], "{text}");
        }
    }
}
