//! YAML: strings under keys that the configuration names, and the command lines of containers, in
//! every document of a file.

mod commands;
mod scalar;

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use commands::{Command, Commands};
use memchr::memmem;

use super::bounds::{self, Found, MAX_KEY_DEPTH, Words};
use super::context::Context;
use super::format::Format;
use super::masked::Masked;
use super::notes::Shape;
use super::placeholder::Styles;
use crate::check::embedded::Embedded;
use crate::check::program::names_program;

pub(super) static FORMAT: Format = Format {
    name: "yaml",
    files: &["*.yaml", "*.yml"],
    trailing_comments: true,
    commands: true,
    find,
    ..Format::NEW
};

/// So many texts of one document are kept for aliases.
const MOST_ANCHORS: usize = 1000;

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let has = |word: &str| memmem::find(file, word.as_bytes()).is_some();
    // A command line holds descriptions only for a program that is known, which it names.
    let may_be_command = (has("command:") || has("args:") || has("entrypoint:"))
        && names_program(file, context.programs);
    if !context.has_keys() && !may_be_command {
        return Vec::new();
    }
    let filled = Masked::new(file);
    let mut reader = Reader::new(&filled, context);
    let mut start = 0;
    while let Some(rest) = filled.text.get(start..) {
        let failed = reader.documents(rest, start);
        // Behind a mistake, the next document may be read again.
        let Some(failed) = failed else { break };
        let behind = start + failed;
        let Some(next) = filled.text.get(behind..).and_then(|rest| rest.find("\n---")) else {
            break;
        };
        start = behind + next + 1;
    }
    let mut found = reader.found.into_vec();
    found.sort_by_key(|it| it.whole().start);
    found
}

struct Reader<'r> {
    file: &'r Masked<'r>,
    context: &'r Context<'r>,
    /// The mappings and lists around the next node.
    open: Vec<Around>,
    anchors: HashMap<usize, Embedded>,
    /// The next unit, and that of the keys of this document: one program reads one document.
    unit: usize,
    document: usize,
    /// How many bytes aliases may still repeat.
    repeats: usize,
    found: Found,
}

enum Around {
    /// With its key where the value comes next.
    Mapping(Option<String>, Commands),
    /// With the number of the item that comes next, and the words where it is a command line.
    List(usize, Option<Words>),
}

impl<'r> Reader<'r> {
    fn new(file: &'r Masked<'r>, context: &'r Context<'r>) -> Self {
        let (open, anchors, found) = (Vec::new(), HashMap::new(), Found::default());
        let repeats = file.text.len();
        Self { file, context, open, anchors, unit: 0, document: 0, repeats, found }
    }

    /// Reads `text`, which begins at `start` of the file, up to its end or to a mistake.
    ///
    /// Returns the place of the mistake.
    fn documents(&mut self, text: &str, start: usize) -> Option<usize> {
        self.open.clear();
        self.anchors.clear();
        let mut last = 0;
        for event in Parser::new_from_str(text) {
            let (event, place) = match event {
                Ok(event) => event,
                Err(error) => {
                    let at = start + error.marker().index();
                    self.context.broken(at, FORMAT.name, error.info());
                    while !self.open.is_empty() {
                        self.close();
                    }
                    return Some(last);
                }
            };
            last = last.max(place.end.index());
            self.event(event, place, start);
            // No value that far inside is a description, and each level costs memory.
            if self.open.len() > MAX_KEY_DEPTH {
                return Some(last);
            }
        }
        None
    }

    fn event(&mut self, event: Event<'_>, place: Span, start: usize) {
        match event {
            Event::DocumentStart(_) => {
                self.document = self.unit;
                self.unit += 1;
            }
            Event::MappingStart(..) => {
                self.met(Shape::Table, start + place.start.index());
                self.open.push(Around::Mapping(None, Commands::default()));
            }
            Event::SequenceStart(..) => {
                self.met(Shape::List, start + place.start.index());
                let words = self.command().map(|_| Words::default());
                self.open.push(Around::List(0, words));
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.close();
                self.next("");
            }
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).filter(|_| self.is_value());
                // Aliases of a long text would make a file longer than any memory.
                let left = known.and_then(|it| self.repeats.checked_sub(it.text().len()));
                if let (Some(it), Some(left)) = (known.cloned(), left) {
                    self.repeats = left;
                    self.word(&it);
                    self.value(it);
                }
                self.next("");
            }
            Event::Scalar(value, style, anchor, tag) => {
                let at = start + place.start.index();
                let has_properties = anchor != 0 || tag.is_some();
                let is_text = style != ScalarStyle::Plain || tag.is_some() || is_text(&value);
                let it = scalar::read(self.file, at, style, &value, has_properties);
                if !self.is_value() {
                    let key = it.map(|it| bounds::key(&String::from_utf8_lossy(it.text())));
                    return self.next(&key.unwrap_or_default());
                }
                if let Some(it) = it {
                    if anchor != 0 && self.anchors.len() < MOST_ANCHORS {
                        self.anchors.insert(anchor, it.clone());
                    }
                    self.word(&it);
                    if is_text {
                        self.value(it);
                    }
                }
                self.next("");
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }

    /// Ends the innermost mapping or list.
    fn close(&mut self) {
        match self.open.pop() {
            Some(Around::Mapping(_, commands)) => {
                let found = commands.found(self.context, self.unit);
                let last = found.iter().filter_map(|it| it.unit).max();
                self.unit = last.map_or(self.unit, |last| last + 1);
                self.found.extend(found);
            }
            Some(Around::List(_, Some(words))) => {
                if let Some((key, commands)) = self.command() {
                    commands.set(&key, Command::Words(words));
                }
            }
            Some(Around::List(_, None)) | None => {}
        }
    }

    /// The key whose value comes next, if that is a command line, and where to keep it.
    fn command(&mut self) -> Option<(String, &mut Commands)> {
        match self.open.last_mut() {
            Some(Around::Mapping(Some(key), commands)) if commands::is_key(key) => {
                Some((key.clone(), commands))
            }
            _ => None,
        }
    }

    /// Keeps a scalar that is a command line or a word of one.
    fn word(&mut self, it: &Embedded) {
        if let Some(Around::List(_, Some(words))) = self.open.last_mut() {
            words.push(it.clone());
        } else if let Some((key, commands)) = self.command() {
            commands.set(&key, Command::Text(it.clone()));
        }
    }

    /// Whether the next node is no key.
    fn is_value(&self) -> bool {
        !matches!(self.open.last(), Some(Around::Mapping(None, _)))
    }

    /// Says what the value is that comes next.
    fn met(&self, shape: Shape, at: usize) {
        if self.is_value() {
            self.context.met(self.open.iter().map(Around::name), shape, at);
        }
    }

    /// What comes behind a node, whose text is `name`.
    fn next(&mut self, name: &str) {
        match self.open.last_mut() {
            Some(Around::Mapping(key @ None, _)) => *key = Some(name.to_owned()),
            Some(Around::Mapping(key, _)) => *key = None,
            Some(Around::List(index, _)) => *index += 1,
            None => {}
        }
    }

    fn value(&mut self, it: Embedded) {
        if let Some(key) = self.context.key(self.open.iter().map(Around::name)) {
            let it = it.in_unit(self.document);
            self.found.extend(key.descriptions(it, Styles::ANY));
        }
    }
}

impl Around {
    fn name(&self) -> String {
        match self {
            Self::Mapping(key, _) => key.clone().unwrap_or_default(),
            Self::List(index, _) => index.to_string(),
        }
    }
}

/// Whether a plain scalar is neither a number nor a truth value nor nothing.
fn is_text(value: &str) -> bool {
    let is_word = ["", "~", "null", "true", "false", "yes", "no", "on", "off"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    !is_word && value.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::source::tests::{find, listens, survives, texts, written};

    const FILE: &str = concat!(
        "# listen: tcp:no\nlisten: tcp:1:interface=a # b\r\n",
        "a: {listen: 'it''s', x: tcp:no, other: [tcp:no]}\n",
        "\"listen\": \"tcp\\x3a2:\\\n    x y\n    z\"\n",
        "b:\n- - listen: |\n      tcp:3\n\n- listen: >-\n    unix:/a\n    b\n",
        "listen: &here !!str tcp:4\nc:\n  listen: *here\n",
        "---\nlisten:\n- 8080\n- tcp:${P}\n- disabled\n- \n- \"\\u00e9{{ \"p\" | f }}\"\n",
        "{{- if x }}\n- {{ y }}\n- tcp:{{ z }}:a\n{{- end }}\n",
        "? listen\n: tcp:5\n  x\n...\n--- tcp:no\n",
    );

    #[test]
    fn ok_every_kind_of_scalar() {
        let wanted = [
            ("tcp:1:interface=a", "tcp:1:interface=a"),
            ("it's", "it''s"),
            ("tcp:2:x y z", "tcp\\x3a2:\\\n    x y\n    z"),
            ("tcp:3", "tcp:3"),
            ("unix:/a b", "unix:/a\n    b"),
            ("tcp:4", "tcp:4"),
            ("tcp:4", "tcp:4"),
            ("tcp:1", "tcp:${P}"),
            ("\u{e9}1", "\\u00e9{{ \"p\" | f }}"),
            ("tcp:1:a", "tcp:{{ z }}:a"),
            ("tcp:5 x", "tcp:5\n  x"),
        ];
        assert_eq!(listens(&FORMAT, FILE), wanted.map(|(text, file)| (text.to_owned(), file)));
    }

    #[test]
    fn ok_what_is_written_is_read_again() {
        let file = "listen:\n- x:1\n- 'x:2'\n- \"x:3\"\n- |\n  x:4\n- >-\n  x:5\n- [x:6, x:7]\n\
                    - {listen: x:8}\n- !!str x:9\n- &a x:10\n";
        assert!(written(&FORMAT, file) > 80);
        survives(&FORMAT, FILE);
    }

    #[test]
    fn ok_command_lines_of_containers() {
        let file = "services:\n  a:\n    command: daphne -e tcp:1 x:y\n  b:\n\
            \x20   entrypoint: [daphne]\n\
            \x20   command:\n    - --endpoint\n    - \"tcp:${PORT:-2}:interface=\\u0061\"\n\
            \x20   - x:y\n\
            \x20 c:\n    entrypoint: /run.sh\n    command: >\n      sh -c \"cd x &&\n\
            \x20     daphne -e tcp:3\n\
            \x20     x:y\"\n  d: {command: [sh, -c, 'twist web --listen=tcp:4'], args: [x]}\n\
            ---\n- name: e\n  args: ['--listen', tcp:5]\n  command: [twist, web]\n\
            - command: {daphne: -e tcp:no}\n- args: [-e, tcp:no]\n- run: daphne -e tcp:no\n";
        let wanted = ["tcp:1", "tcp:1:interface=a", "tcp:3", "tcp:4", "tcp:5"];
        assert_eq!(texts(&FORMAT, "compose.yaml", file.as_bytes()), wanted);
        let units: Vec<_> =
            find(&FORMAT, "a.yml", file.as_bytes()).iter().map(|it| it.unit).collect();
        assert_eq!(units, [1, 2, 3, 4, 6].map(Some));
        let found = find(&FORMAT, "a.yml", file.as_bytes());
        assert_eq!(&file[found[1].whole()], "tcp:${PORT:-2}:interface=\\u0061");
        assert_eq!(&file[found[4].whole()], "tcp:5");
    }

    #[test]
    fn ok_half_a_file_gives_half() {
        let file = "listen: tcp:1\nx: [y\n---\nlisten: tcp:2\na: \"b\n---\nlisten: tcp:3\n";
        let texts: Vec<_> = listens(&FORMAT, file).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["tcp:1", "tcp:2", "tcp:3"]);
    }
}
