//! The commands of POSIX shells and similar ones, as words with places.
//!
//! ```text
//! command  word *( blanks word ), ended by a line feed or one of ";" "&" "|" "(" ")"
//! word     1*( plain / "\" any / "'" … "'" / DQUOTE … DQUOTE / "$'" … "'" / placeholder )
//! comment  "#" at the beginning of a word, up to the end of the line
//! ```
//!
//! Files of redirections are not words of the command. The lines of a here-document are reported
//! after the command, with their reader. Commands inside `$(…)` and back-quotes are reported, too.
//! In the word that contains them, they are a placeholder.

mod documents;

use super::bounds::Words;
use super::c_escapes::escape;
use super::cursor::Cursor;
use crate::check::embedded::{Embedded, Quoting, escape_each};
use documents::Document;
pub(super) use documents::Target;

/// The maximum nesting of substitutions.
const DEEPEST: usize = 32;
/// The maximum number of here-documents that start on one line.
const MOST_DOCUMENTS: usize = 16;

/// The maximum length of a template in bytes.
const LONGEST: usize = 1024;

/// Bytes with a meaning to shells outside quotes.
const SPECIAL: &[u8] = b" \t|&;<>()$`\\\"'*?[]{}#~";

const UNQUOTED: Quoting = Quoting(|text| escape_each(text, b'\\', SPECIAL));
const DOUBLE: Quoting = Quoting(|text| escape_each(text, b'\\', b"\\\"$`"));
const ANSI: Quoting = Quoting(|text| escape_each(text, b'\\', b"\\'"));
const SINGLE: Quoting = Quoting::LITERAL;

/// An element of a script.
pub(super) enum Event<'e> {
    /// The words of a command.
    Command(&'e [Embedded]),
    /// The lines of a here-document, and their reader.
    Document(Target, &'e Embedded),
    /// Something begins at this place of the file that does not end: nothing behind it is read.
    Unclosed(usize),
}

/// Reports the commands and the here-documents in `base`.
///
/// Text after an unclosed quote has no commands.
pub(super) fn each(base: &Embedded, event: &mut dyn FnMut(Event<'_>)) {
    Reader::new(base, event).until(None);
}

/// Reports the words of each command in `base`.
pub(super) fn each_command(base: &Embedded, command: &mut dyn FnMut(&[Embedded])) {
    each(base, &mut |event| {
        if let Event::Command(words) = event {
            command(words);
        }
    });
}

/// The use of the next word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Word,
    /// The word is part of a redirection that does not matter.
    Skipped,
    /// A redirection writes to the file with this name.
    Output,
    /// The word is the delimiter of a here-document.
    Document {
        tabs: bool,
    },
}

struct Reader<'b, 'c> {
    cursor: Cursor<'b>,
    event: &'c mut dyn FnMut(Event<'_>),
    documents: Vec<Document>,
    /// The output file of the command.
    output: Option<Embedded>,
    depth: usize,
    is_broken: bool,
    /// The offset before which no template ends, and whether no bracket is closed. Both avoid
    /// repeated searches.
    no_template: usize,
    no_brackets: bool,
}

impl<'b, 'c> Reader<'b, 'c> {
    fn new(base: &'b Embedded, event: &'c mut dyn FnMut(Event<'_>)) -> Self {
        Self {
            cursor: Cursor::new(base, 0),
            event,
            documents: Vec::new(),
            output: None,
            depth: 0,
            is_broken: false,
            no_template: 0,
            no_brackets: false,
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.cursor.rest().get(ahead).copied()
    }

    fn rest(&self) -> &'b [u8] {
        self.cursor.rest()
    }

    /// Gives up: neither this command nor the rest can be read, as the construct at `start` has no
    /// end.
    fn give_up(&mut self, start: usize) {
        self.cursor.at += self.rest().len();
        if !self.is_broken {
            self.is_broken = true;
            (self.event)(Event::Unclosed(self.cursor.place(start)));
        }
    }

    /// Reads commands up to `close`, or to the end.
    fn until(&mut self, close: Option<u8>) {
        let mut command = Words::default();
        let mut next = Next::Word;
        let mut open = 0usize;
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' => self.cursor.at += 1,
                b'\\' if self.continues() => self.skip_continuation(),
                b'#' => self.cursor.skip_line(),
                b'<' | b'>' if self.peek(1) != Some(b'(') => next = self.redirection(),
                b'`' if close == Some(b'`') => break,
                b')' if close == Some(b')') && open == 0 => break,
                b'\n' | b';' | b'&' | b'|' | b'(' | b')' => {
                    let is_pipe = byte == b'|' && self.peek(1) != Some(b'|');
                    self.end(&mut command, is_pipe);
                    next = Next::Word;
                    let arithmetic = byte == b'(' && self.peek(1) == Some(b'(');
                    match byte {
                        b'(' if arithmetic && self.skip_balanced(b'(', b')') => continue,
                        b'(' => open += 1,
                        b')' => open = open.saturating_sub(1),
                        _ => {}
                    }
                    self.cursor.at += 1;
                    if byte == b'\n' {
                        self.read_documents();
                    }
                }
                _ => {
                    let start = self.cursor.at;
                    let word = self.word(close);
                    match std::mem::replace(&mut next, Next::Word) {
                        Next::Output => self.output = Some(word),
                        Next::Document { tabs } if self.documents.len() < MOST_DOCUMENTS => {
                            let raw = self.cursor.since(start);
                            self.documents.push(Document::new(&word, raw, tabs));
                        }
                        Next::Skipped | Next::Document { .. } => {}
                        Next::Word => {
                            let number = word.text().iter().all(u8::is_ascii_digit);
                            if !(number && matches!(self.peek(0), Some(b'<' | b'>'))) {
                                command.push(word);
                            }
                        }
                    }
                }
            }
        }
        self.end(&mut command, false);
    }

    fn end(&mut self, command: &mut Words, is_pipe: bool) {
        let output = self.output.take();
        for document in self.documents.iter_mut().filter(|it| it.target.is_none()) {
            let target = documents::target(command, output.as_ref());
            // After a pipe, the next command may determine the target.
            document.target = target.or(if is_pipe { None } else { Some(Target::Unknown) });
        }
        if !command.is_empty() && !self.is_broken {
            (self.event)(Event::Command(command));
        }
        command.clear();
    }

    /// Whether a backslash joins the next line to this one.
    fn continues(&self) -> bool {
        let rest = self.rest();
        rest.starts_with(b"\\\n") || rest.starts_with(b"\\\r\n")
    }

    fn skip_continuation(&mut self) {
        self.cursor.at += if self.peek(1) == Some(b'\r') { 3 } else { 2 };
    }

    fn redirection(&mut self) -> Next {
        let rest = self.rest();
        let operators: [&[u8]; 9] =
            [b"<<<", b"<<-", b"<<", b">>", b">|", b">&", b"<&", b"<>", b">"];
        let operator = operators.into_iter().find(|operator| rest.starts_with(operator));
        self.cursor.at += operator.map_or(1, <[u8]>::len);
        match operator {
            Some(b"<<-") => Next::Document { tabs: true },
            Some(b"<<") => Next::Document { tabs: false },
            Some(b">" | b">>" | b">|") => Next::Output,
            _ => Next::Skipped,
        }
    }

    /// Reads the here-documents whose lines start here.
    fn read_documents(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            let body = document.read(&mut self.cursor);
            if let Some(target) = document.target.filter(|_| !self.is_broken) {
                (self.event)(Event::Document(target, &body));
            }
        }
    }

    /// Reads the word that starts here.
    fn word(&mut self, close: Option<u8>) -> Embedded {
        let mut word = Embedded::new(None, UNQUOTED);
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' => break,
                b'<' | b'>' if self.peek(1) != Some(b'(') => break,
                b'<' | b'>' => self.substitution(&mut word, 2, b')'),
                b'`' if close == Some(b'`') => break,
                b'\\' if self.continues() => self.skip_continuation(),
                b'\\' => self.backslash(&mut word),
                b'\'' => self.single(&mut word),
                b'"' => self.double(&mut word, 1),
                b'$' if self.peek(1) == Some(b'\'') => self.ansi(&mut word),
                b'$' if self.peek(1) == Some(b'"') => self.double(&mut word, 2),
                _ => self.inside(&mut word),
            }
        }
        word
    }

    /// Reads one character or placeholder that means the same inside and outside of double quotes.
    fn inside(&mut self, word: &mut Embedded) {
        match (self.peek(0), self.peek(1)) {
            (Some(b'`'), _) => self.substitution(word, 1, b'`'),
            (Some(b'$'), Some(b'(')) => {
                let start = self.cursor.at;
                self.cursor.at += 1;
                if self.peek(1) == Some(b'(') && self.skip_balanced(b'(', b')') {
                    self.cursor.mark_unknown(word, start);
                } else {
                    self.cursor.at = start;
                    self.substitution(word, 2, b')');
                }
            }
            (Some(b'$'), Some(b'{')) => {
                let start = self.cursor.at;
                self.cursor.at += 1;
                if !self.skip_balanced(b'{', b'}') {
                    self.give_up(start);
                }
                self.cursor.mark_unknown(word, start);
            }
            (Some(b'$'), Some(byte)) => {
                let length = match byte {
                    b'_' | b'a'..=b'z' | b'A'..=b'Z' => 1 + name(&self.rest()[1..]),
                    b'0'..=b'9' | b'@' | b'*' | b'#' | b'?' | b'$' | b'!' | b'-' => 2,
                    _ => return self.plain(word),
                };
                self.cursor.read_unknown(word, length);
            }
            (Some(b'{'), Some(b'{')) if self.cursor.at >= self.no_template => {
                let line = line(self.rest().get(..LONGEST).unwrap_or(self.rest()));
                match memchr::memmem::find(line, b"}}") {
                    Some(end) => {
                        self.cursor.read_unknown(word, end + 2);
                    }
                    None => self.no_template = self.cursor.at + line.len(),
                }
            }
            _ => self.plain(word),
        }
    }

    /// Reads bytes without a special meaning, at least one.
    fn plain(&mut self, word: &mut Embedded) {
        self.cursor
            .read_plain(word, 1, |byte| SPECIAL.contains(&byte) || byte.is_ascii_whitespace());
    }

    fn backslash(&mut self, word: &mut Embedded) {
        match self.peek(1) {
            Some(byte) => self.cursor.read_escape(word, &[byte], 2),
            None => self.plain(word),
        }
    }

    fn single(&mut self, word: &mut Embedded) {
        let Some(length) = memchr::memchr(b'\'', &self.rest()[1..]) else {
            return self.give_up(self.cursor.at);
        };
        self.cursor.read_quote(word, SINGLE);
        self.cursor.read(word, length);
        word.quoted(UNQUOTED);
        self.cursor.at += 1;
    }

    fn double(&mut self, word: &mut Embedded, opening: usize) {
        let start = self.cursor.at;
        self.cursor.at += opening - 1;
        self.cursor.read_quote(word, DOUBLE);
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.cursor.at += 1;
                    return word.quoted(UNQUOTED);
                }
                b'\\' if self.continues() => self.skip_continuation(),
                b'\\' if self.peek(1).is_some_and(|next| b"$`\"\\".contains(&next)) => {
                    self.backslash(word);
                }
                _ => self.inside(word),
            }
        }
        self.give_up(start);
    }

    fn ansi(&mut self, word: &mut Embedded) {
        let start = self.cursor.at;
        self.cursor.at += 1;
        self.cursor.read_quote(word, ANSI);
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\'' => {
                    self.cursor.at += 1;
                    return word.quoted(UNQUOTED);
                }
                b'\\' => {
                    let (length, meaning) = escape(self.rest());
                    self.cursor.read_escape(word, &meaning, length);
                }
                _ => self.plain(word),
            }
        }
        self.give_up(start);
    }

    /// Reads the commands between an opening with this number of bytes and `close`.
    fn substitution(&mut self, word: &mut Embedded, opening: usize, close: u8) {
        let start = self.cursor.at;
        if self.depth == DEEPEST {
            return self.give_up(start);
        }
        self.cursor.at += opening;
        self.depth += 1;
        self.until(Some(close));
        self.depth -= 1;
        if self.peek(0).is_none() {
            self.give_up(start);
        }
        self.cursor.at += self.rest().len().min(1);
        self.cursor.mark_unknown(word, start);
    }

    /// Skips a pair of brackets that starts here. Stays if the closing bracket is missing.
    fn skip_balanced(&mut self, open: u8, close: u8) -> bool {
        if self.no_brackets {
            return false;
        }
        let mut depth = 0usize;
        let mut bytes = self.rest().iter().enumerate();
        while let Some((at, byte)) = bytes.next() {
            if *byte == b'\\' {
                bytes.next();
            } else if *byte == open {
                depth += 1;
            } else if *byte == close {
                depth -= 1;
                if depth == 0 {
                    self.cursor.at += at + 1;
                    return true;
                }
            }
        }
        self.no_brackets = true;
        false
    }
}

/// The text up to the end of its first line.
fn line(text: &[u8]) -> &[u8] {
    &text[..memchr::memchr(b'\n', text).unwrap_or(text.len())]
}

/// The length of the name at the start of `text`.
fn name(text: &[u8]) -> usize {
    text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
}

#[cfg(test)]
mod tests {
    use strports_syntax::Span;

    use super::*;

    fn base(text: &str) -> Embedded {
        Embedded::plain(text.as_bytes(), 0..text.len(), None)
    }

    fn commands(base: &Embedded) -> Vec<Vec<Embedded>> {
        let mut commands = Vec::new();
        each_command(base, &mut |words| commands.push(words.to_vec()));
        commands
    }

    /// The commands of `text`, with bars between their words.
    fn read(text: &str) -> Vec<String> {
        let words = |words: &Vec<Embedded>| {
            let words: Vec<_> =
                words.iter().map(|it| String::from_utf8_lossy(it.text()).into_owned()).collect();
            words.join("|")
        };
        commands(&base(text)).iter().map(words).collect()
    }

    #[test]
    fn commands_end_as_in_shells() {
        let text = "a b;c\td&&e|f # no; x\n\n(g) && { h; }\nif i \\\n j; then k; fi\n\
            case $x in l) m;; esac";
        let wanted = [
            "a|b",
            "c|d",
            "e",
            "f",
            "g",
            "{|h",
            "}",
            "if|i|j",
            "then|k",
            "fi",
            "case|1|in|l",
            "m",
            "esac",
        ];
        assert_eq!(read(text), wanted);
        assert_eq!(read("a 2>&1 >>x <y b &>z c#d\r\n"), ["a|b", "c#d"]);
        assert_eq!(read("((i << 2)); echo $((1 << (2))) x"), ["echo|1|x"]);
    }

    #[test]
    fn words_are_concatenated() {
        let read = |text: &str| read(text).join(" / ");
        assert_eq!(read(r#"a'b c'"d \"\:\\"\ e$'\x66\'\u00e9'"#), "ab cd \"\\:\\ ef'é");
        assert_eq!(read("'' \"\" x"), "||x");
        assert_eq!(read("tcp:$P:${Q:-{}}:$1x\"$(f \"(\")\"`g`$"), "f|( / g / tcp:1:1:1x11$");
        assert_eq!(read("tcp:{{ a b }}:x <(h) y"), "h / tcp:1:x|1|y");
    }

    #[test]
    fn here_documents_belong_to_their_command() {
        let bodies = |text: &str| {
            let mut found = Vec::new();
            each(&base(text), &mut |event| {
                if let Event::Document(target, body) = event {
                    let target = match target {
                        Target::File(name) => String::from_utf8(name).unwrap(),
                        other => format!("{other:?}"),
                    };
                    found.push(format!("{target}: {}", String::from_utf8_lossy(body.text())));
                }
            });
            found.join("/")
        };
        let file = "cat >/a.service <<E\n$x \\$y \\:\nE\ntee -a b <<'E'\n$x\nE\n";
        assert_eq!(bodies(file), "/a.service: 1 $y \\:\n/b: $x\n");
        let shells =
            "ssh h <<-E\n\ta\n\tE\ncat <<E | sudo bash\nb\nE\npython3 - <<E\nc\nE\nx <<E\nd";
        assert_eq!(bodies(shells), "Shell: a\n/Shell: b\n/Python: c\n/Unknown: d");
        assert_eq!(bodies("cat <<A <<B >c\na\nA\nb\nB\n"), "c: a\n/c: b\n");
    }

    #[test]
    fn here_documents_contain_no_commands() {
        let text = "a <<E b <<-'F G'\nx 'y\nE\n\tz\n\tF G\nc <<<d e\n";
        assert_eq!(read(text), ["a|b", "c|e"]);
        assert_eq!(read("a <<E\nb\n"), ["a"]);
    }

    #[test]
    fn positions_and_quoting_refer_to_the_text() {
        let text = r#"a --l='tcp:8'"\\x":\:y"#;
        let commands = commands(&base(text));
        let word = &commands[0][1];
        assert_eq!(word.text(), b"--l=tcp:8\\x::y");
        let place = |start, end| &text[word.locate(Span::new(start, end))];
        assert_eq!((place(4, 8), place(9, 11), place(12, 14)), ("tcp:", r"\\x", r"\:y"));
        let quote = |start, end, new: &str| {
            word.quote(Span::new(start, end), new.as_bytes())
                .map(|it| String::from_utf8(it).unwrap())
        };
        assert_eq!(quote(4, 8, r"\:").as_deref(), Some(r"\:"));
        assert_eq!(quote(4, 8, "it's"), None);
        assert_eq!(quote(9, 11, r"\:$").as_deref(), Some(r"\\:\$"));
        assert_eq!(quote(12, 14, r"\: ").as_deref(), Some(r"\\:\ "));
        assert_eq!(quote(8, 10, "x"), None);
    }

    #[test]
    fn an_unterminated_quote_ends_the_script() {
        for text in ["a\nb 'c\nd", "a\nb \"c\nd", "a\nb $(c", "a\nb ${c\nd", "a\nb `c", "a\nb \\"] {
            assert!(matches!(read(text).join(" ").as_str(), "a" | "a c" | "a b|\\"), "{text}");
        }
        let deep = "$(".repeat(10_000);
        assert!(read(&deep).len() < 10_000);
        for end in 0..60 {
            let text = r#"a 'b' "$(c "$d" `e`)" ${f:-$(g)} $'\x4' <<E $((1)) \"#;
            let _ = read(text.get(..end).unwrap_or(text));
        }
    }
}
