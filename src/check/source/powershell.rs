//! Scripts of PowerShell.
//!
//! ```text
//! command  words ended by a line feed, ";", "|", "&", or a bracket outside quotes
//! word     1*( plain / "`" any / "'" … "'" / DQUOTE … DQUOTE / variable / "$(" … ")" )
//! comment  "#" at the beginning of a word, up to the end of the line, or "<#" … "#>"
//! ```
//!
//! In a string, its quote twice is that quote. A back-quote at the end of a line joins the next one
//! to it.

use super::command::CommandLines;
use super::{Comment, Context, Format};
use crate::Span;
use crate::check::embedded::{Embedded, Quoting};

pub(super) static FORMAT: Format = Format {
    name: "powershell",
    files: &["*.ps1", "*.psm1"],
    interpreters: &["pwsh"],
    comments: &[Comment::HASH],
    words: &[],
    commands: true,
    find,
};

const SPECIAL: &[u8] = b" \t`$\"'(){};|&<>,@#";

/// Scopes of variables; another name with a colon behind it is a variable and a colon.
const SCOPES: &[&[u8]] = &[b"env", b"global", b"local", b"private", b"script", b"using"];

/// Nobody writes a longer variable.
const LONGEST: usize = 256;

const BARE: Quoting = Quoting(|text| with_backquotes(text, SPECIAL));
const DOUBLE: Quoting = Quoting(|text| with_backquotes(text, b"`$\""));
const SINGLE: Quoting = Quoting(|text| {
    let fits = !text.iter().any(u8::is_ascii_control);
    fits.then(|| {
        let twice = |byte: &u8| std::iter::repeat_n(*byte, if *byte == b'\'' { 2 } else { 1 });
        text.iter().flat_map(twice).collect()
    })
});

fn with_backquotes(text: &[u8], special: &[u8]) -> Option<Vec<u8>> {
    let mut quoted = Vec::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_control() {
            return None;
        }
        if special.contains(byte) {
            quoted.push(b'`');
        }
        quoted.push(*byte);
    }
    Some(quoted)
}

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, 0);
    if !lines.may_be_in(file) {
        return Vec::new();
    }
    let base = Embedded::plain(file, 0..file.len(), None);
    let mut reader = Reader { base: &base, text: file, at: 0 };
    while reader.at < file.len() {
        let words = reader.command();
        lines.words(&words);
    }
    lines.found()
}

struct Reader<'b> {
    base: &'b Embedded,
    text: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn rest(&self) -> &'b [u8] {
        &self.text[self.at..]
    }

    fn starts_with(&self, text: &str) -> bool {
        self.rest().starts_with(text.as_bytes())
    }

    /// Goes behind the first `end`, or to the end of everything.
    fn skip_past(&mut self, end: &str) {
        let found = memchr::memmem::find(self.rest(), end.as_bytes());
        self.at = found.map_or(self.text.len(), |length| self.at + length + end.len());
    }

    /// The length of what joins two lines, if that is here.
    fn joint(&self) -> Option<usize> {
        let joints = ["`\n", "`\r\n"];
        joints.iter().find(|joint| self.starts_with(joint)).map(|joint| joint.len())
    }

    /// The words of one command; goes behind what ends it.
    fn command(&mut self) -> Vec<Embedded> {
        let mut words = Vec::new();
        let mut skipped = false;
        while let Some(byte) = self.rest().first() {
            if let Some(length) = self.joint() {
                self.at += length;
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b',' => self.at += 1,
                b'#' => {
                    let end = memchr::memchr(b'\n', self.rest());
                    self.at = end.map_or(self.text.len(), |length| self.at + length);
                }
                b'<' if self.starts_with("<#") => self.skip_past("#>"),
                b'@' if self.starts_with("@'") => self.skip_past("\n'@"),
                b'@' if self.starts_with("@\"") => self.skip_past("\n\"@"),
                b'\n' | b';' | b'|' | b'&' | b'(' | b')' | b'{' | b'}' => {
                    self.at += 1;
                    break;
                }
                b'<' | b'>' => {
                    self.at += 1;
                    skipped = self.rest().first() != Some(&b'&');
                    self.at += if skipped { 0 } else { 2.min(self.rest().len()) };
                }
                _ => {
                    let word = self.word();
                    if !std::mem::take(&mut skipped) {
                        words.push(word);
                    }
                }
            }
        }
        words
    }

    fn word(&mut self) -> Embedded {
        let mut word = Embedded::new(None, BARE);
        while let Some(byte) = self.rest().first() {
            match byte {
                _ if byte.is_ascii_whitespace() => break,
                b';' | b'|' | b'&' | b'(' | b')' | b'{' | b'}' | b'<' | b'>' | b',' => break,
                b'\'' => self.single(&mut word),
                b'"' => self.double(&mut word),
                b'`' if self.joint().is_some() => break,
                _ => self.inside(&mut word),
            }
        }
        word
    }

    fn single(&mut self, word: &mut Embedded) {
        self.at += 1;
        word.quoted(SINGLE);
        word.read(self.base, Span::empty(self.at));
        while !self.rest().is_empty() {
            let length = memchr::memchr(b'\'', self.rest()).unwrap_or(self.rest().len());
            word.read(self.base, Span::new(self.at, self.at + length));
            self.at += length;
            if !self.starts_with("''") {
                self.at = (self.at + 1).min(self.text.len());
                break;
            }
            word.read_escape(self.base, b"'", Span::new(self.at, self.at + 2));
            self.at += 2;
        }
        word.quoted(BARE);
    }

    fn double(&mut self, word: &mut Embedded) {
        self.at += 1;
        word.quoted(DOUBLE);
        word.read(self.base, Span::empty(self.at));
        while let Some(byte) = self.rest().first() {
            if self.starts_with("\"\"") {
                word.read_escape(self.base, b"\"", Span::new(self.at, self.at + 2));
                self.at += 2;
            } else if *byte == b'"' {
                self.at += 1;
                break;
            } else {
                self.inside(word);
            }
        }
        word.quoted(BARE);
    }

    /// What means the same in double quotes and outside.
    fn inside(&mut self, word: &mut Embedded) {
        let rest = self.rest();
        match (rest[0], rest.get(1)) {
            (b'`', Some(next)) => {
                let meaning = match next {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'0' => 0,
                    next => *next,
                };
                word.read_escape(self.base, &[meaning], Span::new(self.at, self.at + 2));
                self.at += 2;
            }
            (b'$', _) => match variable(rest) {
                Some(length) => {
                    word.read_unknown(self.base, Span::new(self.at, self.at + length));
                    self.at += length;
                }
                None => self.plain(word),
            },
            _ => self.plain(word),
        }
    }

    fn plain(&mut self, word: &mut Embedded) {
        let means = |byte: &&u8| SPECIAL.contains(byte) || byte.is_ascii_whitespace();
        let more = self.rest().iter().skip(1).take_while(|byte| !means(byte)).count();
        let end = (self.at + 1 + more).min(self.text.len());
        word.read(self.base, Span::new(self.at, end));
        self.at = end;
    }
}

/// The length of a variable at the start of `text`: `$name`, `$env:NAME`, `${name}`, `$(…)`.
fn variable(text: &[u8]) -> Option<usize> {
    let name = |text: &[u8]| {
        text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
    };
    let rest = text.get(1..)?;
    let line = rest.get(..LONGEST).unwrap_or(rest).split(|byte| *byte == b'\n').next()?;
    match *rest.first()? {
        b'{' => memchr::memchr(b'}', line).map(|length| length + 2),
        b'(' => {
            let mut depth = 0usize;
            for (at, byte) in line.iter().enumerate() {
                match byte {
                    b'(' => depth += 1,
                    b')' if depth == 1 => return Some(at + 2),
                    b')' => depth -= 1,
                    _ => {}
                }
            }
            None
        }
        _ => {
            let first = name(rest);
            let scoped = SCOPES.iter().any(|scope| scope.eq_ignore_ascii_case(&rest[..first]));
            let second = match rest.get(first) {
                Some(b':') if scoped => name(&rest[first + 1..]),
                _ => 0,
            };
            let colon = usize::from(second > 0);
            (first > 0).then_some(1 + first + colon + second)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::testing::{find, texts};

    #[track_caller]
    fn texts_of(file: &str) -> Vec<String> {
        texts(&FORMAT, "a.ps1", file.as_bytes())
    }

    #[test]
    fn ok_commands_of_a_script() {
        let file = "<# daphne -e no #>\r\n# daphne -e no\r\n$env:X = \"y\"\r\n& \"C:\\a b\\daphne.exe\" `\r\n  -e 'tcp:1' `\r\n  -e tcp:2 2>&1 > log\r\n\
            if ($x) { twistd web --listen=\"tcp:3\" } else { daphne -e tcp:4; exit }\r\n$t = @\"\r\ndaphne -e no\r\n\"@\r\npython -m daphne -e tcp:5 | Out-Null\r\n";
        assert_eq!(texts_of(file), ["tcp:1", "tcp:2", "tcp:3", "tcp:4", "tcp:5"]);
    }

    #[test]
    fn ok_strings_and_variables() {
        let file = r#"daphne -e "tcp:$env:PORT`:$port:a=${b c}:$(f (g)):""`$x" -e 'it''s $x' -e tcp:`$x:$$"#;
        assert_eq!(texts_of(file), ["tcp:1:1:a=1:1:\"$x", "it's $x", "tcp:$x:$$"]);
    }

    #[test]
    fn ok_fixes_keep_its_quoting() {
        let file = b"daphne -e tcp:1 -e \"tcp:2\" -e 'tcp:3'";
        let found = find(&FORMAT, "a.ps1", file);
        let quote = |index: usize| {
            let it: &Embedded = &found[index];
            String::from_utf8(it.quote(Span::new(0, 3), br"\: '$").unwrap()).unwrap()
        };
        assert_eq!([quote(0), quote(1), quote(2)], [r"\:` `'`$", r"\: '`$", r"\: ''$"]);
    }

    #[test]
    fn err_what_does_not_end_is_read_as_far_as_it_goes() {
        for file in [
            "daphne -e 'a",
            "daphne -e \"a",
            "daphne -e $",
            "daphne -e ${a",
            "daphne -e $(a",
            "daphne -e `",
        ] {
            assert!(texts_of(file).len() <= 1, "{file}");
        }
        assert_eq!(texts_of("<# @\" &"), [""; 0]);
        assert_eq!(texts_of("daphne > "), [""; 0]);
    }
}
