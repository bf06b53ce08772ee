//! Python programs: descriptions in arguments of known functions.
//!
//! The reader finds:
//!
//! - literals in all spellings, with placeholders for inserted values;
//! - names and attributes that are bound to such literals;
//! - values under keys of the configuration;
//! - command lines of known programs.
//!
//! Values that are known only at run time are skipped.
//!
//! A file is read in three steps. `lines` splits it into statements. `statement` parses the few of
//! them that may contain one of the `calls`. `value` determines the text of their arguments.

mod calls;
mod commands;
mod keys;
mod lines;
mod literal;
mod names;
mod quoting;
mod statement;
mod syntax;
mod value;

use std::collections::BTreeMap;

use tree_sitter::Node;

use super::bounds::{Found, MAX_DESCRIPTIONS};
use super::command::CommandLines;
use super::context::{Context, Key};
use super::format::Format;
use crate::check::embedded::{BytesLiteral, Embedded, Origin, Split};
use crate::check::prefilter::begins_with_type;
use calls::Calls;
use keys::Keys;
use lines::Lines;
use statement::{Reader, Statement};
use strports_syntax::Role;
use syntax::{Known, Syntax};
use value::Text;

pub(super) static FORMAT: Format = Format {
    name: "python",
    files: &["*.py", "*.tac", "*.pyw", "*.rpy", "master.cfg", "master.cfg.*"],
    interpreters: &["python", "pypy", "twistd"],
    trailing_comments: true,
    words: calls::WORDS,
    commands: true,
    find,
    ..Format::NEW
};

/// The maximum number of names that are looked up per file. Each look-up searches the whole file.
const MOST_NAMES: usize = 256;

fn find(file: &[u8], context: &Context<'_>) -> Vec<Embedded> {
    let (mut calls, keys) = (Calls::new(file), Keys::new(context));
    if calls.is_empty() && keys.is_empty() && !commands::may_be_in(file, context) {
        return Vec::new();
    }
    let Some(mut reader) = Reader::new(file, context.trees) else { return Vec::new() };
    let lines = Lines::new(file);
    if context.is_own()
        && let Some(at) = reader.first_error(&lines)
    {
        context.broken(at, FORMAT.name, "invalid statement");
    }
    calls.learn(&lines, &mut reader);
    let wanted = Wanted {
        calls: calls.lines(&lines),
        keys: keys.lines(&lines),
        commands: commands::lines(file, &lines, context),
    };
    let mut search = Search {
        file,
        context,
        lines: &lines,
        reader,
        calls: &calls,
        keys: &keys,
        count: 0,
        names: MOST_NAMES,
        unit: lines.len() + 2,
        found: BTreeMap::new(),
    };
    for line in wanted.lines(lines.len()) {
        search.line(line, &wanted);
    }
    search.found.into_values().flatten().collect()
}

struct Search<'f, 's> {
    file: &'f [u8],
    context: &'s Context<'s>,
    lines: &'s Lines<'f>,
    reader: Reader<'f>,
    calls: &'s Calls,
    keys: &'s Keys<'s>,
    /// The number of descriptions that were found.
    count: usize,
    /// The number of names that may still be looked up. Each look-up searches the whole file.
    names: usize,
    /// The unit of the next command line. The units of blocks have lower numbers; see
    /// [`Lines::unit`].
    unit: usize,
    /// The descriptions by their place, so that a text that is used twice is found once.
    found: BTreeMap<(usize, usize), Vec<Embedded>>,
}

/// How the program uses a text as a description.
#[derive(Default)]
struct Use<'k> {
    role: Option<Role>,
    /// The settings of the key or variable of which the text is a value; `None` for other texts.
    key: Option<Key<'k>>,
    unit: Option<usize>,
    bytes: Option<BytesLiteral>,
    source: Option<Origin>,
}

/// The numbers of the lines to parse, in order, by what they may contain.
struct Wanted {
    calls: Vec<usize>,
    /// `None` if any line may have a key.
    keys: Option<Vec<usize>>,
    commands: Vec<usize>,
}

impl Wanted {
    /// The numbers of all lines to parse, in a file with `count` lines.
    fn lines(&self, count: usize) -> Vec<usize> {
        let Some(keys) = &self.keys else { return (0..count).collect() };
        let mut all = [&self.calls[..], keys, &self.commands].concat();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn has_keys(&self, line: usize) -> bool {
        self.keys.as_ref().is_none_or(|keys| keys.binary_search(&line).is_ok())
    }
}

impl Search<'_, '_> {
    fn line(&mut self, line: usize, wanted: &Wanted) {
        let Some(statement) = self.reader.read(self.lines.range(line)) else { return };
        if wanted.calls.binary_search(&line).is_ok() {
            self.calls(&statement, line);
        }
        if !self.keys.is_empty() && wanted.has_keys(line) {
            let unit = self.lines.unit(line);
            for (node, key) in self.keys.values(&statement, statement.root(), line, self.lines) {
                for text in self.texts(&statement, node, line) {
                    let (role, source) = (key.role, key.origin());
                    self.add(&text, Use { role, key: Some(key), unit, source, bytes: None });
                }
            }
        }
        if wanted.commands.binary_search(&line).is_ok() {
            self.commands(&statement, line);
        }
    }

    /// Finds descriptions among the arguments of known functions.
    fn calls(&mut self, statement: &Statement<'_>, line: usize) {
        let unit = self.lines.unit(line);
        for node in statement.nodes().filter(|node| node.syntax() == Syntax::Call) {
            for argument in self.calls.arguments(statement, node) {
                let role = Some(argument.role);
                for text in self.texts(statement, argument.node, line) {
                    if argument.is_strict || text.has(b':') {
                        let bytes = text.bytes(self.file).filter(|_| argument.is_strict);
                        let source = Some(Origin::Call(argument.function));
                        self.add(&text, Use { role, unit, bytes, source, key: None });
                    }
                }
            }
        }
    }

    /// Finds descriptions on command lines, in environment variables, and in options.
    fn commands(&mut self, statement: &Statement<'_>, line: usize) {
        let found = commands::find(statement, self.context, &mut self.unit);
        for it in found.descriptions {
            self.keep(it);
        }
        for (node, it) in found.named {
            for text in self.texts(statement, node, line) {
                let (role, unit, source) = (it.role, it.unit, it.source.clone());
                self.add(&text, Use { role, unit, source, ..Use::default() });
            }
        }
        for node in found.shells {
            for text in value::texts(statement, node) {
                let it = text.embedded(self.file, None);
                if self.context.names.are_in(it.text()) {
                    let mut lines = CommandLines::new(self.context, self.file, self.unit);
                    lines.shell(&it);
                    for it in lines.found() {
                        self.unit = self.unit.max(it.unit.map_or(0, |unit| unit + 1));
                        self.keep(it);
                    }
                }
            }
        }
        for (node, key) in found.values {
            for text in self.texts(statement, node, line) {
                let (role, source) = (key.role, key.origin());
                self.add(&text, Use { role, key: Some(key), source, ..Use::default() });
            }
        }
        for node in found.defaults {
            for text in value::texts(statement, node) {
                if begins_with_type(text.embedded(self.file, None).text()) {
                    let source = Some(Origin::Call("usage.Options"));
                    self.add(&text, Use { source, ..Use::default() });
                }
            }
        }
    }

    /// The possible texts of an expression on `line`. Names and attributes of `self` are looked up.
    fn texts(&mut self, statement: &Statement<'_>, node: Node<'_>, line: usize) -> Vec<Text> {
        let mut texts = value::texts(statement, node);
        let names = value::names(statement, node).into_iter().map(|name| (name, false));
        let attributes = value::attributes(statement, node).into_iter().map(|name| (name, true));
        for (name, is_attribute) in names.chain(attributes) {
            self.names = self.names.saturating_sub(1);
            if self.names == 0 {
                break;
            }
            let look_up = if is_attribute { names::look_up_attribute } else { names::look_up };
            let found = look_up(name, line, self.lines, &mut self.reader);
            texts.extend(found.into_iter().map(Text::by_name));
        }
        texts
    }

    /// Adds the descriptions in a text, unless the text was already added.
    fn add(&mut self, text: &Text, how: Use<'_>) {
        let place = text.place();
        let mut embedded = text.embedded(self.file, how.role);
        (embedded.bytes, embedded.source) = (how.bytes, how.source);
        if !text.is_choice {
            embedded.unit = how.unit;
        }
        match self.found.get_mut(&(place.start, place.end)) {
            // A text that is used in both roles is checked for either.
            Some(known) => {
                for it in known.iter_mut().filter(|it| it.role != how.role) {
                    it.role = None;
                }
            }
            None if self.count > MAX_DESCRIPTIONS => {}
            None => {
                let mut parts = Found::default();
                let split = how.key.map_or(Split::No, |key| key.split);
                let holds = |it: &Embedded| how.key.is_none_or(|key| key.holds(it));
                parts.extend(embedded.split(split).into_iter().filter(holds));
                let parts = parts.into_vec();
                self.count += parts.len();
                self.found.insert((place.start, place.end), parts);
            }
        }
    }

    /// Adds a description, unless there is one at the same place or there are too many.
    fn keep(&mut self, it: Embedded) {
        let place = it.whole();
        if self.count <= MAX_DESCRIPTIONS {
            self.count += 1;
            self.found.entry((place.start, place.end)).or_insert_with(|| vec![it]);
        }
    }
}
