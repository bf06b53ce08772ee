//! YAML: strings under keys, environment variables and command lines, in every document of a file.

mod blocks;
mod plain;
mod scalar;

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::context::Context;
use super::format::{Format, Templates};
use super::masked::Masked;
use super::shortened::{Interest, Shortened};
use super::tree::Tree;
use crate::check::embedded::Embedded;

pub(super) static FORMAT: Format = Format {
    name: "yaml",
    files: &["*.yaml", "*.yml"],
    trailing_comments: true,
    blocks: blocks::blocks,
    commands: true,
    find,
    templates: Templates::Own,
    ..Format::NEW
};

/// The maximum number of anchored texts (`&name`) of one document that are kept for aliases
/// (`*name`).
const MOST_ANCHORS: usize = 1000;

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    if !Tree::may_be_in(file, context) {
        return Vec::new();
    }
    let filled = Masked::new(file);
    let interest = Interest::new(file, context);
    let plain = interest.map(|it| plain::entries(&filled.text, &it)).unwrap_or_default();
    let short = Shortened::new(&filled.text, &plain);
    let mut reader = Reader::new(&filled, &short, context);
    let mut start = 0;
    while let Some(rest) = short.text.get(start..) {
        let failed = reader.documents(rest, start);
        // After an error, reading continues with the next document.
        let Some(failed) = failed else { break };
        let behind = start + failed;
        let Some(next) = short.text.get(behind..).and_then(|rest| rest.find("\n---")) else {
            break;
        };
        start = behind + next + 1;
    }
    reader.tree.found()
}

struct Reader<'r> {
    file: &'r Masked<'r>,
    /// The text for the parser: the masked file without the entries that cannot contain a
    /// description.
    short: &'r Shortened<'r>,
    context: &'r Context<'r>,
    tree: Tree<'r>,
    /// The texts with an anchor in this document, by the number that the parser gives the anchor.
    anchors: HashMap<usize, Embedded>,
    /// The number of bytes that aliases may still repeat; at first, the size of the file.
    repeats: usize,
}

impl<'r> Reader<'r> {
    fn new(file: &'r Masked<'r>, short: &'r Shortened<'r>, context: &'r Context<'r>) -> Self {
        let tree = Tree::new(file.file, context);
        Self { file, short, context, tree, anchors: HashMap::new(), repeats: file.text.len() }
    }

    /// Reads `text`, which starts at `start` of the shortened text, up to its end or to an error.
    ///
    /// Returns the offset in `text` at which an error, or too deep nesting, ended the reading;
    /// `None` at the end.
    fn documents(&mut self, text: &str, start: usize) -> Option<usize> {
        self.anchors.clear();
        let mut last = 0;
        for event in Parser::new_from_str(text) {
            let (event, place) = match event {
                Ok(event) => event,
                Err(error) => {
                    let at = self.short.place(start + error.marker().index());
                    self.context.broken(at, FORMAT.name, error.info());
                    self.tree.close_all();
                    return Some(last);
                }
            };
            last = last.max(place.end.index());
            self.event(event, place, start);
            if self.tree.is_too_deep() {
                self.tree.close_all();
                return Some(last);
            }
        }
        None
    }

    fn event(&mut self, event: Event<'_>, place: Span, start: usize) {
        let at = || self.short.place(start + place.start.index());
        match event {
            Event::DocumentStart(_) => self.tree.document(),
            Event::MappingStart(..) => self.tree.open_mapping(at()),
            Event::SequenceStart(..) => self.tree.open_list(at()),
            Event::MappingEnd | Event::SequenceEnd => {
                self.tree.close();
                self.next();
            }
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).filter(|_| !self.tree.wants_key());
                // Without a limit, aliases of a long text could use more memory than there is.
                let left = known.and_then(|it| self.repeats.checked_sub(it.text().len()));
                if let (Some(it), Some(left)) = (known, left) {
                    self.repeats = left;
                    self.tree.value(it, true);
                }
                self.next();
            }
            Event::Scalar(value, style, anchor, tag) => {
                let at = at();
                let has_properties = anchor != 0 || tag.is_some();
                let read = || scalar::read(self.file, at, style, &value, has_properties);
                if self.tree.wants_key() {
                    // The masked text has `x` in place of other bytes, so the name is compared with
                    // the file.
                    let name = self.file.file.get(at..at + value.len());
                    if style == ScalarStyle::Plain && name == Some(value.as_bytes()) {
                        return self.tree.key(&value);
                    }
                    let name = read().map(|it| String::from_utf8_lossy(it.text()).into_owned());
                    return self.tree.key(&name.unwrap_or_default());
                }
                let is_text = style != ScalarStyle::Plain || tag.is_some() || is_text(&value);
                let is_wanted = self.tree.wants(value.as_bytes(), is_text);
                if let Some(it) = (anchor != 0 || is_wanted).then(read).flatten() {
                    self.tree.value(&it, is_text);
                    if anchor != 0 && self.anchors.len() < MOST_ANCHORS {
                        self.anchors.insert(anchor, it);
                    }
                }
                self.next();
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }

    /// Handles the end of a node. A list or mapping as a key has no name, so it counts as an empty
    /// one.
    fn next(&mut self) {
        if self.tree.wants_key() {
            self.tree.key("");
        } else {
            self.tree.next();
        }
    }
}

/// Whether a plain scalar is a string: not a number, a boolean or null.
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
    fn every_kind_of_scalar_is_read() {
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
    fn written_fixes_parse_back() {
        let file = "listen:\n- x:1\n- 'x:2'\n- \"x:3\"\n- |\n  x:4\n- >-\n  x:5\n- [x:6, x:7]\n\
                    - {listen: x:8}\n- !!str x:9\n- &a x:10\n";
        assert!(written(&FORMAT, file) > 80);
        survives(&FORMAT, FILE);
    }

    #[test]
    fn commands_of_containers_are_read() {
        let file = "services:\n  a:\n    command: daphne -e tcp:1 x:y\n  b:\n\
            \x20   entrypoint: [daphne]\n\
            \x20   command:\n    - --endpoint\n    - \"tcp:${PORT:-2}:interface=\\u0061\"\n\
            \x20   - x:y\n\
            \x20 c:\n    entrypoint: /run.sh\n    command: >\n      sh -c \"cd x &&\n\
            \x20     daphne -e tcp:3\n\
            \x20     x:y\"\n  d: {command: [sh, -c, 'twist web --listen=tcp:4'], args: [x]}\n\
            ---\n- name: e\n  args: ['--listen', tcp:5]\n  command: [twist, web]\n\
            - command: {daphne: -e tcp:no}\n- args: [-e, tcp:no]\n- run: daphne -e tcp:6\n";
        let wanted = ["tcp:1", "tcp:1:interface=a", "tcp:3", "tcp:4", "tcp:5", "tcp:6"];
        assert_eq!(texts(&FORMAT, "compose.yaml", file.as_bytes()), wanted);
        let units: Vec<_> =
            find(&FORMAT, "a.yml", file.as_bytes()).iter().map(|it| it.unit).collect();
        assert_eq!(units, [1, 2, 3, 4, 6, 7].map(Some));
        let found = find(&FORMAT, "a.yml", file.as_bytes());
        assert_eq!(&file[found[1].whole()], "tcp:${PORT:-2}:interface=\\u0061");
        assert_eq!(&file[found[4].whole()], "tcp:5");
    }

    #[test]
    fn ansible_tasks_are_read() {
        let file = "- lineinfile:\n    path: /etc/cowrie/cowrie.cfg\n    insertafter: '^\\[ssh\\]'\n\
            \x20   line: \"listen_endpoints = tcp:1\"\n\
            - ini_file:\n    option: listen_endpoints\n    value: tcp:2\n\
            - ini_file: {path: tahoe.cfg, section: node, option: web.port, value: tcp:3}\n\
            - lineinfile: {dest: a.service, line: ExecStart=/v/bin/daphne -e tcp:4 x}\n\
            - copy:\n    dest: /etc/cron.d/a\n    content: |\n      @reboot www daphne -e tcp:5\n\
            - lineinfile: {path: /etc/hosts, line: 'listen_endpoints = tcp:no'}\n\
            - cron: {name: a, job: daphne -e tcp:6 x}\n\
            - ansible.builtin.shell: |\n    . v/bin/activate\n    daphne -e tcp:7 x\n";
        let wanted = ["tcp:1", "tcp:2", "tcp:3", "tcp:4", "tcp:5", "tcp:6", "tcp:7"];
        assert_eq!(texts(&FORMAT, "tasks.yml", file.as_bytes()), wanted);
        let found = find(&FORMAT, "a.yml", file.as_bytes());
        assert!(found.iter().all(|it| file[it.whole()].starts_with("tcp:")));
    }

    #[test]
    fn a_broken_file_is_read_up_to_the_error() {
        let file = "listen: tcp:1\nx: [y\n---\nlisten: tcp:2\na: \"b\n---\nlisten: tcp:3\n";
        let texts: Vec<_> = listens(&FORMAT, file).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["tcp:1", "tcp:2", "tcp:3"]);
    }
}
