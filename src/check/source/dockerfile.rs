//! Dockerfiles: `CMD`, `ENTRYPOINT`, `RUN` and `HEALTHCHECK CMD`, in either form.
//!
//! ```text
//! instruction  name blanks *( "--" option blanks ) ( array of JSON / text for a shell )
//! ```
//!
//! A line that ends in a backslash (or the character of `# escape=`) continues in the next line
//! that is neither empty nor a comment. The arrays of `ENTRYPOINT` and `CMD` in one stage form one
//! command line.

use std::mem;

use super::bounds::Words;
use super::command::CommandLines;
use super::context::Context;
use super::exec_form;
use super::format::Format;
use super::shell_words;
use crate::check::embedded::{Embedded, Quoting};
use strports_syntax::Span;

pub(super) static FORMAT: Format = Format {
    name: "dockerfile",
    files: &["Dockerfile", "Dockerfile.*", "*.dockerfile", "Containerfile", "Containerfile.*"],
    commands: true,
    find,
    ..Format::NEW
};

/// The instructions of Dockerfiles. A line that begins with another word is reported as broken.
const INSTRUCTIONS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let mut lines = CommandLines::new(context, file, 0);
    if !context.is_own() && !lines.may_be_in(file) {
        return Vec::new();
    }
    let mut stage = Stage::default();
    let mut reader = Reader { file, at: 0, escape: escape(file) };
    let mut is_broken = false;
    while let Some(instruction) = reader.instruction() {
        let (name, arguments) = first_word(&instruction);
        let is_known = INSTRUCTIONS.contains(&name.as_str()) && !arguments.text().is_empty();
        if !is_known && !mem::replace(&mut is_broken, true) {
            context.broken(instruction.whole().start, FORMAT.name, "this is no instruction");
        }
        stage.add(&instruction, &mut reader, &mut lines);
    }
    stage.end(&mut lines);
    lines.found().into_iter().map(Embedded::elsewhere).collect()
}

/// The character that joins lines: a backslash, or a back-quote if a comment at the start of the
/// file says so (``# escape=` ``).
fn escape(file: &[u8]) -> u8 {
    for line in file.split(|byte| *byte == b'\n') {
        let Some(comment) = line.trim_ascii().strip_prefix(b"#") else { break };
        let mut sides = comment.splitn(2, |byte| *byte == b'=').map(<[u8]>::trim_ascii);
        let name = sides.next().unwrap_or_default();
        if name.eq_ignore_ascii_case(b"escape") && sides.next() == Some(b"`") {
            return b'`';
        }
    }
    b'\\'
}

struct Reader<'f> {
    file: &'f [u8],
    at: usize,
    escape: u8,
}

impl Reader<'_> {
    /// The next line and its byte offset in the file; `None` at the end.
    fn line(&mut self) -> Option<(usize, &[u8])> {
        let start = self.at;
        let rest = self.file.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.at += (length + 1).min(rest.len());
        Some((start, &rest[..length]))
    }

    /// The next instruction, with its lines joined; `None` at the end of the file.
    fn instruction(&mut self) -> Option<Embedded> {
        let escape = self.escape;
        let file = self.file;
        let mut instruction = Embedded::new(None, Quoting::PLAIN);
        loop {
            let Some((start, line)) = self.line() else {
                return (!instruction.text().is_empty()).then_some(instruction);
            };
            let text = line.trim_ascii();
            if text.is_empty() || text.starts_with(b"#") {
                continue;
            }
            let begin = if instruction.text().is_empty() {
                line.len() - line.trim_ascii_start().len()
            } else {
                0
            };
            let end = line.trim_ascii_end().len();
            let continues = line[end - 1] == escape;
            let end = if continues { end - 1 } else { end };
            instruction.verbatim(file, start + begin..start + end);
            if !continues {
                return Some(instruction);
            }
        }
    }

    /// Reads the lines of a here-document up to the delimiter `end`. `tabs` is whether blanks may
    /// precede the delimiter.
    fn document(&mut self, end: &[u8], tabs: bool) -> Embedded {
        let (file, start) = (self.file, self.at);
        while let Some((place, line)) = self.line() {
            let mut line = line.strip_suffix(b"\r").unwrap_or(line);
            if tabs {
                line = line.trim_ascii_start();
            }
            if line == end {
                return Embedded::plain(file, start..place, None);
            }
        }
        Embedded::plain(file, start..self.at, None)
    }
}

/// The last arrays of `ENTRYPOINT` and `CMD` in one stage. Together they form a command line.
#[derive(Default)]
struct Stage {
    entry: Words,
    command: Words,
}

impl Stage {
    fn add(
        &mut self,
        instruction: &Embedded,
        reader: &mut Reader<'_>,
        lines: &mut CommandLines<'_>,
    ) {
        let (mut name, mut arguments) = first_word(instruction);
        if name == "ONBUILD" {
            (name, arguments) = first_word(&arguments);
        }
        if matches!(name.as_str(), "RUN" | "HEALTHCHECK" | "COPY" | "ADD") {
            arguments = behind_options(arguments);
        }
        if name == "HEALTHCHECK" {
            (_, arguments) = first_word(&arguments);
        }
        let document = matches!(name.as_str(), "RUN" | "COPY" | "ADD")
            .then(|| document(arguments.text()))
            .flatten();
        match name.as_str() {
            "FROM" => mem::take(self).end(lines),
            "RUN" | "HEALTHCHECK" | "CMD" | "ENTRYPOINT" => {
                match (exec_form::words(&arguments), name.as_str()) {
                    (Some(words), "ENTRYPOINT") => {
                        lines.words(&mem::replace(&mut self.entry, words));
                    }
                    (Some(words), "CMD") => {
                        lines.words(&mem::replace(&mut self.command, words));
                    }
                    (Some(words), _) => _ = lines.words(&words),
                    (None, _) => lines.shell(&arguments),
                }
            }
            "ENV" | "ARG" => variables(&arguments, lines),
            _ => {}
        }
        if let Some((end, tabs)) = document {
            let script = reader.document(&end, tabs);
            if name == "RUN" && arguments.text().starts_with(b"<<") {
                lines.shell(&script);
            }
        }
    }

    fn end(self, lines: &mut CommandLines<'_>) {
        let Self { entry, command } = self;
        let both: Words = entry.iter().chain(command.iter()).cloned().collect();
        // An unknown entry point, such as `/start.sh`, probably runs the command.
        if !lines.words(&both) && !entry.is_empty() {
            // It may also be a shell script, which expands variables in the command.
            lines.words(&command.iter().map(Embedded::expanded).collect::<Words>());
        }
    }
}

/// Reads the arguments of `ENV` and `ARG`: `NAME=VALUE NAME=VALUE`, or `NAME VALUE` in the whole
/// line.
fn variables(arguments: &Embedded, lines: &mut CommandLines<'_>) {
    let (text, mut length) = (arguments.text(), 0);
    while text.get(length).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
        length += 1;
    }
    if text.get(length) == Some(&b'=') {
        return shell_words::each_command(arguments, |words| lines.set(words));
    }
    let value = arguments.part(Span::new(length, text.len())).trimmed();
    lines.variable(&text[..length], &value);
}

/// Splits a text into its first word, in upper case, and the text after it.
fn first_word(text: &Embedded) -> (String, Embedded) {
    let bytes = text.text();
    let length = bytes.iter().take_while(|byte| !byte.is_ascii_whitespace()).count();
    let rest = bytes.len() - bytes[length..].trim_ascii_start().len();
    let name = String::from_utf8_lossy(&bytes[..length]).to_ascii_uppercase();
    (name, text.part(Span::new(rest, bytes.len())))
}

/// Returns the arguments of an instruction without leading options such as `--mount=…`.
fn behind_options(arguments: Embedded) -> Embedded {
    let text = arguments.text();
    let mut at = 0;
    while text[at..].starts_with(b"--") {
        let end = text[at..].iter().position(u8::is_ascii_whitespace).unwrap_or(text.len() - at);
        let rest = &text[at + end..];
        at += end + rest.len() - rest.trim_ascii_start().len();
    }
    if at == 0 { arguments } else { arguments.part(Span::new(at, text.len())) }
}

/// The delimiter of the here-document that a line starts, and whether tabs may precede it. `None`
/// without a here-document.
fn document(line: &[u8]) -> Option<(Vec<u8>, bool)> {
    let at = memchr::memmem::find(line, b"<<")?;
    let rest = &line[at + 2..];
    let tabs = rest.starts_with(b"-");
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let rest = match rest.first() {
        Some(b'"' | b'\'') => &rest[1..],
        _ => rest,
    };
    let length =
        rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    (length > 0).then(|| (rest[..length].to_vec(), tabs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, texts};

    #[track_caller]
    fn texts_of(file: &str) -> Vec<String> {
        texts(&FORMAT, "Dockerfile", file.as_bytes())
    }

    #[test]
    fn exec_and_shell_forms_are_read() {
        let file = "FROM python AS a\nRUN --mount=type=cache,target=/x pip install daphne && \\\n\
            # daphne -e no\n\n    daphne -e tcp:1\ncmd [\"daphne\", \"-e\", \\\n \"tcp:\\u0032\"]\n\
            FROM a\nENTRYPOINT daphne -e \"tcp:${PORT}:interface=\\\\:\\\\:\" app\n\
            HEALTHCHECK --interval=5s CMD strports connect tcp:localhost:3\n\
            ONBUILD RUN [\"sh\", \"-c\", \"daphne -e 'tcp:4'\"]\nLABEL x=\"daphne -e no\"\n";
        let wanted = ["tcp:1", "tcp:2", "tcp:1:interface=\\:\\:", "tcp:localhost:3", "tcp:4"];
        assert_eq!(texts_of(file), wanted);
    }

    #[test]
    fn entrypoint_and_cmd_form_one_command_line() {
        let file = "FROM a\nCMD [\"-e\", \"tcp:1\"]\nENTRYPOINT [\"daphne\", \"-e\", \"tcp:2\"]\n\
            FROM b\nENTRYPOINT [\"/start.sh\"]\nCMD [\"daphne\", \"-e\", \"tcp:3\"]\n\
            FROM c\nCMD [\"-e\", \"tcp:4\"]\nENTRYPOINT daphne\n";
        assert_eq!(texts_of(file), ["tcp:1", "tcp:2", "tcp:3"]);
        let units: Vec<_> =
            find(&FORMAT, "Dockerfile", file.as_bytes()).iter().map(|it| it.unit).collect();
        assert_eq!(units, [Some(0), Some(0), Some(1)]);
    }

    #[test]
    fn here_documents_and_the_escape_directive_are_read() {
        let file = "RUN <<EOF\ndaphne -e tcp:1\nEOF\nCOPY <<-\"E\" /x\n\tdaphne -e no\n\tE\n\
            RUN daphne -e tcp:2";
        assert_eq!(texts_of(file), ["tcp:1", "tcp:2"]);
        let file = "# escape=`\nFROM x\nCMD daphne `\r\n -e tcp:3\r\n";
        assert_eq!(texts_of(file), ["tcp:3"]);
    }

    #[test]
    fn truncated_files_are_read_to_the_end() {
        for file in
            ["CMD", "CMD [", "RUN <<E", "RUN \\", "\\", "ONBUILD", "HEALTHCHECK --x", "RUN --"]
        {
            assert_eq!(texts_of(file), [""; 0], "{file}");
        }
    }
}
