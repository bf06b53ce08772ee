//! Python programs: descriptions that are handed to functions which are known to take them.
//!
//! Found are literals in whatever spelling, with placeholders for what is filled in; names that are
//! bound once; and values under keys that the configuration knows. Left alone is what only the
//! program knows when it runs.
//!
//! A file is read in three steps: `lines` cuts it into statements, `statement` parses the few of
//! them in which one of the `calls` may be, `value` says what text their arguments are.

mod calls;
mod keys;
mod lines;
mod literal;
mod names;
mod quoting;
mod statement;
mod value;

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::bounds::{Found, MAX_DESCRIPTIONS};
use super::context::Context;
use super::format::Format;
use crate::check::embedded::{BytesLiteral, Embedded, Split};
use calls::Calls;
use keys::Keys;
use lines::Lines;
use statement::{Reader, Statement};
use strports_syntax::Role;
use value::Text;

pub(super) static FORMAT: Format = Format {
    name: "python",
    files: &["*.py", "*.tac", "*.pyw", "*.rpy", "master.cfg", "master.cfg.*"],
    interpreters: &["python", "pypy", "twistd"],
    trailing_comments: true,
    words: calls::WORDS,
    find,
    ..Format::NEW
};

/// How many names one file may look up.
const MOST_NAMES: usize = 256;

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let (mut calls, keys) = (Calls::new(file), Keys::new(context));
    if calls.is_empty() && keys.is_empty() {
        return Vec::new();
    }
    let Some(mut reader) = Reader::new(file) else { return Vec::new() };
    if context.is_own()
        && let Some(at) = reader.first_error()
    {
        context.broken(at, FORMAT.name, "this is no statement of it");
    }
    let lines = Lines::new(file);
    calls.learn(&lines, &mut reader);
    let mut search = Search {
        file,
        lines: &lines,
        reader,
        calls: &calls,
        keys: &keys,
        count: 0,
        names: MOST_NAMES,
        found: BTreeMap::new(),
    };
    match keys.lines(&lines) {
        Some(mut wanted) => {
            wanted.extend(calls.lines(&lines));
            wanted.sort_unstable();
            wanted.dedup();
            for line in wanted {
                search.line(line);
            }
        }
        None => (0..lines.len()).for_each(|line| search.line(line)),
    }
    search.found.into_values().flatten().collect()
}

struct Search<'f, 's> {
    file: &'f [u8],
    lines: &'s Lines<'f>,
    reader: Reader<'f>,
    calls: &'s Calls,
    keys: &'s Keys<'s>,
    count: usize,
    /// How many names may still be looked up, each of which is looked for in the whole file.
    names: usize,
    /// By place, so that what is used twice is found once.
    found: BTreeMap<(usize, usize), Vec<Embedded>>,
}

impl Search<'_, '_> {
    fn line(&mut self, line: usize) {
        let Some(statement) = self.reader.read(self.lines.range(line)) else { return };
        for node in statement.nodes().filter(|node| node.kind() == "call") {
            for argument in self.calls.arguments(&statement, node) {
                for text in self.texts(&statement, argument.node, line) {
                    if argument.is_strict || text.has(b':') {
                        let bytes = text.bytes(self.file).filter(|_| argument.is_strict);
                        self.add(&text, Some(argument.role), Split::No, line, bytes);
                    }
                }
            }
        }
        if !self.keys.is_empty() {
            for (node, key) in self.keys.values(&statement, statement.root(), line, self.lines) {
                // Programs take a mere number for a port.
                let texts = self.texts(&statement, node, line).into_iter();
                for text in texts.filter(|text| !text.is_number()) {
                    self.add(&text, key.role, key.split, line, None);
                }
            }
        }
    }

    /// What an argument may be, if need be by the name of it.
    fn texts(&mut self, statement: &Statement<'_>, node: Node<'_>, line: usize) -> Vec<Text> {
        let mut texts = value::texts(statement, node);
        for name in value::names(statement, node) {
            self.names = self.names.saturating_sub(1);
            if self.names == 0 {
                break;
            }
            let named = names::look_up(name, line, self.lines, &mut self.reader);
            texts.extend(named.into_iter().map(Text::by_name));
        }
        texts
    }

    fn add(
        &mut self,
        text: &Text,
        role: Option<Role>,
        split: Split,
        line: usize,
        bytes: Option<BytesLiteral>,
    ) {
        let place = text.place();
        let mut embedded = text.embedded(self.file, role);
        embedded.bytes = bytes;
        if !text.is_choice {
            embedded.unit = self.lines.unit(line);
        }
        match self.found.get_mut(&(place.start, place.end)) {
            // What functions of both roles take has neither.
            Some(known) => {
                for it in known.iter_mut().filter(|it| it.role != role) {
                    it.role = None;
                }
            }
            None if self.count > MAX_DESCRIPTIONS => {}
            None => {
                let mut parts = Found::default();
                parts.extend(embedded.split(split));
                let parts = parts.into_vec();
                self.count += parts.len();
                self.found.insert((place.start, place.end), parts);
            }
        }
    }
}
