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
//! The word around such a command has a placeholder in its place.

mod documents;
mod word;

use super::bounds::Words;
use super::cursor::Cursor;
use crate::check::embedded::{Embedded, Quoting};
use documents::Document;
pub(super) use documents::Target;

/// The maximum number of here-documents that start on one line.
const MOST_DOCUMENTS: usize = 16;

/// A part of a script, as it is reported to a [`Listener`].
pub(super) enum Event<'e> {
    /// The words of a command.
    Command(&'e [Embedded]),
    /// The lines of a here-document, and the command or file that receives them.
    Document(Target, &'e Embedded),
    /// A quote or a bracket at this offset of the file is never closed, so the rest is not read.
    Unclosed(usize),
}

/// Receives the parts of a script in order.
pub(super) trait Listener {
    /// Handles the next part of the script.
    fn event(&mut self, event: Event<'_>);

    /// Whether a command with this source text is irrelevant. It is then not split into words,
    /// which takes most of the time. Commands with a here-document are always reported.
    fn skips(&self, _command: &[u8]) -> bool {
        false
    }
}

/// Reports the commands and the here-documents in `base`.
///
/// Text after an unclosed quote has no commands.
pub(super) fn each(base: &Embedded, listener: &mut dyn Listener) {
    Reader::new(base, listener).until(None);
}

/// Reports the words of each command in `base`.
pub(super) fn each_command(base: &Embedded, mut command: impl FnMut(&[Embedded])) {
    struct Commands<'c>(&'c mut dyn FnMut(&[Embedded]));

    impl Listener for Commands<'_> {
        fn event(&mut self, event: Event<'_>) {
            if let Event::Command(words) = event {
                (self.0)(words);
            }
        }
    }

    each(base, &mut Commands(&mut command));
}

/// What the next word means in its command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Word,
    /// The word is the file of a redirection that does not matter, such as that of `<`.
    Skipped,
    /// The word is the name of the file to which a redirection writes.
    Output,
    /// The word is the delimiter of a here-document.
    Document {
        tabs: bool,
    },
}

struct Reader<'b, 'c> {
    cursor: Cursor<'b>,
    listener: &'c mut dyn Listener,
    /// The here-documents whose lines begin after the current line.
    documents: Vec<Document>,
    /// The file to which the current command writes, from `>` or `>>`.
    output: Option<Embedded>,
    /// The number of substitutions such as `$(…)` around the cursor.
    depth: usize,
    /// Whether an unclosed quote or bracket was reported. Nothing is reported after it.
    is_broken: bool,
    /// Whether the command that is being passed has no here-document and no unclosed quote.
    is_plain: bool,
    /// The offset before which no template `{{ … }}` ends, so that its end is not searched again.
    no_template: usize,
    /// Whether the text has no closing brackets, so that they are not searched for again.
    no_brackets: bool,
}

impl<'b, 'c> Reader<'b, 'c> {
    fn new(base: &'b Embedded, listener: &'c mut dyn Listener) -> Self {
        Self {
            cursor: Cursor::new(base, 0),
            listener,
            documents: Vec::new(),
            output: None,
            depth: 0,
            is_broken: false,
            is_plain: true,
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

    /// Gives up: the construct at the offset `start` has no end, so neither this command nor the
    /// rest can be read.
    fn give_up(&mut self, start: usize) {
        self.cursor.at += self.rest().len();
        if self.cursor.is_muted {
            self.is_plain = false;
        } else if !self.is_broken {
            self.is_broken = true;
            self.listener.event(Event::Unclosed(self.cursor.place(start)));
        }
    }

    /// Reads commands up to the byte `close`, or to the end, and reports them.
    fn until(&mut self, close: Option<u8>) {
        let mut command = Words::default();
        let mut next = Next::Word;
        let mut open = 0usize;
        let mut is_new = true;
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
                    (next, is_new) = (Next::Word, true);
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
                _ if self.cursor.is_muted => {
                    self.pass_word(&mut Embedded::new(None, Quoting::PLAIN), close);
                }
                _ if is_new && next == Next::Word && self.passes() => is_new = false,
                _ => {
                    is_new &= next != Next::Word;
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

    /// Moves over the command at the cursor and returns true, if the listener skips it. Otherwise
    /// stays.
    fn passes(&mut self) -> bool {
        // Within a substitution, nothing is passed: the command around it is passed as a whole.
        // After a here-document, a command of the pipeline may be the receiver, so it is read.
        if self.depth > 0 || !self.documents.is_empty() {
            return false;
        }
        let start = self.cursor.at;
        let mut any = Embedded::new(None, Quoting::PLAIN);
        (self.cursor.is_muted, self.is_plain) = (true, true);
        while let Some(byte) = self.peek(0).filter(|_| self.is_plain) {
            match byte {
                b' ' | b'\t' | b'\r' => self.cursor.at += 1,
                b'\\' if self.continues() => self.skip_continuation(),
                b'#' => self.cursor.skip_line(),
                b'<' | b'>' if self.peek(1) != Some(b'(') => _ = self.redirection(),
                b'\n' | b';' | b'&' | b'|' | b'(' | b')' => break,
                _ => self.pass_word(&mut any, None),
            }
        }
        self.cursor.is_muted = false;
        let passes = self.is_plain && self.listener.skips(self.cursor.since(start));
        if !passes {
            self.cursor.at = start;
        }
        passes
    }

    /// Reports a complete command. `is_pipe` is whether a pipe passes its output to the next
    /// command.
    fn end(&mut self, command: &mut Words, is_pipe: bool) {
        let output = self.output.take();
        for document in self.documents.iter_mut().filter(|it| it.target.is_none()) {
            let target = documents::target(command, output.as_ref());
            // The next command of a pipeline may determine the receiver.
            document.target = target.or(if is_pipe { None } else { Some(Target::Unknown) });
        }
        if !command.is_empty() && !self.is_broken {
            self.listener.event(Event::Command(command));
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

    /// Skips the operator of a redirection, and returns what the next word means.
    fn redirection(&mut self) -> Next {
        let rest = self.rest();
        let operators: [&[u8]; 9] =
            [b"<<<", b"<<-", b"<<", b">>", b">|", b">&", b"<&", b"<>", b">"];
        let operator = operators.into_iter().find(|operator| rest.starts_with(operator));
        self.cursor.at += operator.map_or(1, <[u8]>::len);
        self.is_plain &= !matches!(operator, Some(b"<<" | b"<<-"));
        match operator {
            Some(b"<<-") => Next::Document { tabs: true },
            Some(b"<<") => Next::Document { tabs: false },
            Some(b">" | b">>" | b">|") => Next::Output,
            _ => Next::Skipped,
        }
    }

    /// Reads the here-documents whose lines begin at the cursor, after the line with their
    /// commands.
    fn read_documents(&mut self) {
        for document in std::mem::take(&mut self.documents) {
            let body = document.read(&mut self.cursor);
            if let Some(target) = document.target.filter(|_| !self.is_broken) {
                self.listener.event(Event::Document(target, &body));
            }
        }
    }
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
        each_command(base, |words| commands.push(words.to_vec()));
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
        struct Bodies(Vec<String>);

        impl Listener for Bodies {
            fn event(&mut self, event: Event<'_>) {
                if let Event::Document(target, body) = event {
                    let target = match target {
                        Target::File(name) => String::from_utf8(name).unwrap(),
                        other => format!("{other:?}"),
                    };
                    self.0.push(format!("{target}: {}", String::from_utf8_lossy(body.text())));
                }
            }
        }

        let bodies = |text: &str| {
            let mut found = Bodies(Vec::new());
            each(&base(text), &mut found);
            found.0.join("/")
        };
        let file = "cat >/a.service <<E\n$x \\$y \\:\nE\ntee -a b <<'E'\n$x\nE\n";
        assert_eq!(bodies(file), "/a.service: 1 $y \\:\n/b: $x\n");
        let shells =
            "ssh h <<-E\n\ta\n\tE\ncat <<E | sudo bash\nb\nE\npython3 - <<E\nc\nE\nx <<E\nd";
        assert_eq!(bodies(shells), "Shell: a\n/Shell: b\n/Python: c\n/Unknown: d");
        assert_eq!(bodies("cat <<A <<B >c\na\nA\nb\nB\n"), "c: a\n/c: b\n");
    }

    #[test]
    fn commands_that_are_skipped_change_nothing_for_others() {
        struct Wanted(Vec<String>);

        impl Listener for Wanted {
            fn event(&mut self, event: Event<'_>) {
                let words: Vec<_> = match event {
                    Event::Command(words) => words.iter().map(Embedded::text).collect(),
                    Event::Document(_, body) => vec![body.text()],
                    Event::Unclosed(_) => vec![b"unclosed"],
                };
                self.0.push(String::from_utf8(words.join(&b'|')).unwrap());
            }

            fn skips(&self, command: &[u8]) -> bool {
                !command.contains(&b'w')
            }
        }

        let wanted = |text: &str| {
            let mut found = Wanted(Vec::new());
            each(&base(text), &mut found);
            found.0
        };
        assert_eq!(wanted("a 'w' b; c \"d;\" >e; f|w g\n(h) # w\nw"), ["a|w|b", "w|g", "w"]);
        assert_eq!(wanted("a $(b `c` $(d)) ${e:-$(f)}; g \"$(w h)\""), ["w|h", "g|1"]);
        assert_eq!(wanted("a <<E | b\nc w\nE\nd <<<w 'e\n'"), ["a", "b", "c w\n", "d|e\n"]);
        assert_eq!(wanted(">a b; c 2>&1\nw >d\ne 'f"), ["w", "unclosed"]);
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
