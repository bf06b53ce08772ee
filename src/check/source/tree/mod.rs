//! The common part of YAML, JSON and TOML: strings under keys, in lists and in tables.
//!
//! A reader reports nodes to the tree in the order of the file. The tree finds the values of keys
//! that the configuration names, environment variables, and command lines.

mod commands;
mod edit;

use std::path::Path;

use super::bounds::{self, Found, MAX_KEY_DEPTH, Words};
use super::context::{Context, Reader};
use super::excerpt::Excerpts;
use super::key_path::KeyPath;
use super::notes::Shape;
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Expander};
use crate::check::variable::assignment;
use commands::{Command, Commands};
use edit::Edit;
use strports_syntax::Span;

/// Follows the nesting of one file, and collects the descriptions in it.
pub(super) struct Tree<'c> {
    context: &'c Context<'c>,
    file: &'c [u8],
    /// The mappings and lists around the next node, the outermost first.
    open: Vec<Around>,
    /// The key or the index of the next node, for each of `open`; empty before a key.
    path: KeyPath,
    /// The number of open mappings and lists beyond the maximum depth. Nodes inside them are
    /// ignored.
    too_deep: usize,
    /// The next free unit. Each command line and variable has its own.
    unit: usize,
    /// The unit of the values under keys of this document, because one program reads the whole
    /// document.
    document: usize,
    found: Found,
}

/// A mapping or a list that has not ended.
enum Around {
    Mapping(Mapping),
    /// A list, with the index of the next item. `words` are its items if it may be a command line.
    List {
        index: usize,
        words: Option<Words>,
    },
}

#[derive(Default)]
struct Mapping {
    /// Whether the next node is a value, because its key was read.
    has_key: bool,
    /// Whether that value is a command line or part of one.
    is_command: bool,
    /// The parts of a command line, such as `entrypoint` and `command`.
    commands: Commands,
    /// The name and the value of an environment variable, if they are in this mapping.
    pair: Pair,
    /// A change of another file, if keys of this mapping may describe one.
    edit: Option<Box<Edit>>,
}

/// An environment variable as a mapping, as in Kubernetes: `{ name: NAME, value: VALUE }`.
#[derive(Default)]
struct Pair {
    name: Option<Vec<u8>>,
    value: Option<Box<Embedded>>,
}

impl<'c> Tree<'c> {
    pub(super) fn new(file: &'c [u8], context: &'c Context<'c>) -> Self {
        let (open, path, found) = (Vec::new(), KeyPath::default(), Found::default());
        Self { context, file, open, path, too_deep: 0, unit: 0, document: 0, found }
    }

    /// Whether a file may contain descriptions: a key of it is known, or it contains a known name.
    pub(super) fn may_be_in(file: &[u8], context: &Context<'_>) -> bool {
        context.has_keys() || context.names_any(file)
    }

    /// Starts the first or the next document of the file.
    pub(super) fn document(&mut self) {
        self.document = self.unit;
        self.unit += 1;
    }

    /// Starts a mapping at the byte offset `at`.
    pub(super) fn open_mapping(&mut self, at: usize) {
        self.met(Shape::Table, at);
        self.open(Around::Mapping(Mapping::default()), "");
    }

    /// Starts a list at the byte offset `at`.
    pub(super) fn open_list(&mut self, at: usize) {
        self.met(Shape::List, at);
        let words = self.is_command().then(Words::default);
        self.open(Around::List { index: 0, words }, "0");
    }

    fn open(&mut self, around: Around, name: &str) {
        // No value at that depth is a description, and each level needs memory.
        if self.open.len() > MAX_KEY_DEPTH {
            self.too_deep += 1;
        } else {
            self.open.push(around);
            self.path.push(name);
        }
    }

    /// Reports that the next value is a list or a table, in case the configuration expects text
    /// there.
    fn met(&self, shape: Shape, at: usize) {
        if !self.wants_key() && self.too_deep == 0 {
            self.context.met(&self.path, shape, at);
        }
    }

    /// Handles a number or another value that is not text. It is not a description, but its key
    /// counts as used in the configuration.
    pub(super) fn number(&self) {
        let _ = self.context.key(&self.path);
    }

    /// Whether a mapping or a list is still open.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether the next node is beyond the maximum depth, so that it is ignored.
    pub(super) fn is_too_deep(&self) -> bool {
        self.too_deep > 0
    }

    /// Ends the innermost mapping or list, and reads the command line, variable or edit that it
    /// contains.
    pub(super) fn close(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let last = self.open.pop();
        self.path.pop();
        match last {
            Some(Around::Mapping(Mapping { commands, pair, edit, .. })) => {
                if !commands.is_empty() {
                    let by = self.expander();
                    let found = commands.found(self.context, self.file, by);
                    self.add(found);
                }
                self.pair(pair);
                if let Some(edit) = edit {
                    self.edit(*edit);
                }
            }
            Some(Around::List { words: Some(words), .. }) => self.line(Command::Words(words)),
            Some(Around::List { .. }) | None => {}
        }
    }

    /// The number of open mappings and lists.
    pub(super) fn depth(&self) -> usize {
        self.open.len() + self.too_deep
    }

    /// Ends the innermost mappings and lists until only `depth` are open.
    pub(super) fn close_to(&mut self, depth: usize) {
        while self.depth() > depth {
            self.close();
        }
    }

    /// Sets the index of the next item in the innermost list, for a list that continues in another
    /// part of the file.
    pub(super) fn skip_to(&mut self, number: usize) {
        if let Some(Around::List { index, .. }) = self.open.last_mut() {
            *index = number;
            self.path.rename(&number.to_string());
        }
    }

    /// Ends all open mappings and lists, as after an error or at the end of the file.
    pub(super) fn close_all(&mut self) {
        while self.too_deep > 0 || !self.open.is_empty() {
            self.close();
        }
    }

    /// Whether the next node is a key: the innermost mapping has no key without a value.
    pub(super) fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Around::Mapping(Mapping { has_key: false, .. })))
    }

    /// Sets the key of the next value of the innermost mapping.
    pub(super) fn key(&mut self, name: &str) {
        if self.too_deep > 0 {
            return;
        }
        if let Some(Around::Mapping(mapping)) = self.open.last_mut() {
            let name = bounds::key(name);
            (mapping.has_key, mapping.is_command) = (true, commands::is_key(name));
            self.path.rename(name);
        }
    }

    /// Ends a value. The next node is the next key of a mapping, or the next item of a list.
    pub(super) fn next(&mut self) {
        match self.open.last_mut().filter(|_| self.too_deep == 0) {
            Some(Around::Mapping(mapping)) => {
                mapping.has_key = false;
                self.path.rename("");
            }
            Some(Around::List { index, .. }) => {
                *index += 1;
                self.path.rename(&index.to_string());
            }
            None => {}
        }
    }

    /// Whether the next value must be decoded and passed to [`value`](Self::value). Most values
    /// cannot contain a description. `text` is the value; its bytes outside ASCII may be wrong.
    pub(super) fn wants(&self, text: &[u8], is_text: bool) -> bool {
        if self.too_deep > 0 {
            return false;
        }
        let is_known = |name: &[u8]| self.context.variable(name).is_some();
        let is_kept = match self.open.last() {
            Some(Around::List { words, .. }) => words.is_some(),
            Some(Around::Mapping(Mapping { has_key: true, .. })) => {
                let key = self.path.last();
                matches!(key, "name" | "key")
                    || edit::is_key(key)
                    || key.contains('.') && memchr::memchr(b'\n', text).is_some()
                    || is_known(key.as_bytes())
            }
            _ => false,
        };
        is_kept
            || self.is_command()
            || assignment(text, is_known).is_some()
            || self.context.key(&self.path).is_some_and(|_| is_text)
    }

    /// Handles the value of a key or an item of a list, which may be a number.
    pub(super) fn value(&mut self, it: &Embedded, is_text: bool) {
        if self.too_deep > 0 {
            return;
        }
        if let Some(key) = self.context.key(&self.path).filter(|_| is_text) {
            let it = it.clone().in_unit(self.document);
            return self.found.extend(key.descriptions(it, Styles::ANY));
        }
        if !self.context.variables.is_empty() && self.variable(it) {
            return;
        }
        let key = self.path.last();
        match self.open.last_mut() {
            Some(Around::List { words: Some(words), .. }) => words.push(it.clone()),
            Some(Around::Mapping(Mapping { has_key: true, pair, edit, .. })) => {
                if edit::is_key(key) {
                    edit.get_or_insert_default().set(key, it);
                }
                let is_file = key.contains('.') && it.text().contains(&b'\n');
                match key {
                    "name" | "key" => pair.name = Some(it.text().to_vec()),
                    "value" => pair.value = Some(Box::new(it.clone())),
                    // The key of a command such as `ansible.builtin.shell` is not a file.
                    _ if is_file && self.context.names_any(it.text()) => {
                        let reader = (self.context.readers.for_path)(Path::new(key));
                        if let Some(reader) = reader {
                            return self.read(reader, it);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        if self.is_command() && !matches!(self.open.last(), Some(Around::List { .. })) {
            self.line(Command::Text(it.clone()));
        }
    }

    /// Reads the value as an environment variable: `NAME=VALUE`, or under the name as the key.
    /// Returns false if no known variable is set.
    fn variable(&mut self, it: &Embedded) -> bool {
        let is_known = |name: &[u8]| self.context.variable(name).is_some();
        let (name, value) = match (self.open.last(), assignment(it.text(), is_known)) {
            (_, Some((name, start))) => (name, it.part(Span::new(start, it.text().len()))),
            (Some(Around::Mapping(Mapping { has_key: true, .. })), None) => {
                (self.path.last().as_bytes(), it.clone())
            }
            _ => return false,
        };
        let Some(key) = self.context.variable(name) else { return false };
        let value = value.in_unit(self.unit).elsewhere();
        self.unit += 1;
        self.found.extend(key.descriptions(value, Styles::ANY));
        true
    }

    /// Reads an environment variable whose value is under the key `value` of a mapping. The name is
    /// under `name` or `key`, or is the key of the mapping.
    fn pair(&mut self, Pair { name, value }: Pair) {
        let Some(value) = value else { return };
        let name = name.unwrap_or_else(|| self.path.last().as_bytes().to_vec());
        if let Some(key) = self.context.variable(&name) {
            let value = value.in_unit(self.unit).elsewhere();
            self.unit += 1;
            self.found.extend(key.descriptions(value, Styles::ANY));
        }
    }

    /// Reads the text that a tool writes to another file, if the name determines a format.
    fn edit(&mut self, edit: Edit) {
        let reader = edit.path().and_then(|path| (self.context.readers.for_path)(Path::new(path)));
        let file = reader.and_then(|reader| Some((reader, edit.file(reader)?)));
        if let Some((reader, file)) = file.filter(|(_, it)| self.context.names_any(it.text())) {
            self.read(reader, &file);
        }
    }

    /// Reads an embedded text with `reader`.
    fn read(&mut self, reader: Reader, it: &Embedded) {
        let mut excerpts = Excerpts::new(self.context, self.unit);
        excerpts.read(reader, it);
        let (found, unit) = excerpts.found();
        self.unit = unit;
        self.found.extend(found);
    }

    /// Whether the next value is a command line, or a list of command lines or of words.
    fn is_command(&self) -> bool {
        self.open.iter().rev().take(3).any(|around| match around {
            Around::Mapping(mapping) => mapping.has_key && mapping.is_command,
            Around::List { .. } => false,
        })
    }

    /// Reads a command line. A part of one is kept until its mapping ends, and joined with the
    /// others.
    fn line(&mut self, command: Command) {
        if let Some(Around::Mapping(Mapping { has_key: true, commands, .. })) = self.open.last_mut()
            && commands::is_part(self.path.last())
        {
            return commands.set(self.path.last(), command);
        }
        let found = command.found(self.context, self.file, self.expander());
        self.add(found);
    }

    /// The program that expands variables in a list of words: Kubernetes inside `containers`, and
    /// otherwise unknown.
    fn expander(&self) -> Option<Expander> {
        let is_pod = |key: &str| matches!(key, "containers" | "initContainers");
        self.path.names().any(is_pod).then_some(Expander::Kubernetes)
    }

    /// Adds descriptions whose units count from 0, and renumbers the units.
    fn add(&mut self, found: Vec<Embedded>) {
        let mut all = Excerpts::new(self.context, self.unit);
        all.add(found);
        let (found, unit) = all.found();
        self.unit = unit;
        self.found.extend(found);
    }

    /// Ends all open nodes, and returns the descriptions ordered by place.
    pub(super) fn found(mut self) -> Vec<Embedded> {
        self.close_all();
        let mut found = self.found.into_vec();
        found.sort_by_key(|it| it.whole().start);
        found
    }
}
