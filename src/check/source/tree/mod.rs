//! The common part of YAML, JSON and TOML: strings under keys, in lists and in tables.
//!
//! A reader reports nodes to the tree in the order of the file. The tree finds the values of keys
//! that the configuration names, environment variables, and command lines.

mod commands;

use std::path::Path;

use super::bounds::{self, Found, MAX_KEY_DEPTH, Words};
use super::context::Context;
use super::excerpt::Excerpts;
use super::notes::Shape;
use super::placeholder::Styles;
use crate::check::embedded::{Embedded, Expander};
use crate::check::variable::assignment;
use commands::{Command, Commands};
use strports_syntax::Span;

/// One file that is being read.
pub(super) struct Tree<'c> {
    context: &'c Context<'c>,
    file: &'c [u8],
    /// The mappings and lists around the next node.
    open: Vec<Around>,
    /// The number of further mappings and lists, below which no value is a description.
    too_deep: usize,
    /// The next unit, and the unit of the keys of this document: one program reads one document.
    unit: usize,
    document: usize,
    found: Found,
}

enum Around {
    /// With a key if its value comes next.
    Mapping { key: Option<String>, commands: Commands, pair: Pair },
    /// With the index of the next item, and the words if it is a command line.
    List { index: usize, words: Option<Words> },
}

/// An environment variable of a container: `{ name: NAME, value: VALUE }`.
#[derive(Default)]
struct Pair {
    name: Option<Vec<u8>>,
    value: Option<Box<Embedded>>,
}

impl<'c> Tree<'c> {
    pub(super) fn new(file: &'c [u8], context: &'c Context<'c>) -> Self {
        let (open, found) = (Vec::new(), Found::default());
        Self { context, file, open, too_deep: 0, unit: 0, document: 0, found }
    }

    /// Whether a file may contain descriptions.
    pub(super) fn may_be_in(file: &[u8], context: &Context<'_>) -> bool {
        context.has_keys() || context.names_any(file)
    }

    /// Starts another document of the same file.
    pub(super) fn document(&mut self) {
        self.document = self.unit;
        self.unit += 1;
    }

    /// Starts a mapping at `at`.
    pub(super) fn open_mapping(&mut self, at: usize) {
        self.met(Shape::Table, at);
        let (commands, pair) = (Commands::default(), Pair::default());
        self.open(Around::Mapping { key: None, commands, pair });
    }

    /// Starts a list at `at`.
    pub(super) fn open_list(&mut self, at: usize) {
        self.met(Shape::List, at);
        let words = self.is_command().then(Words::default);
        self.open(Around::List { index: 0, words });
    }

    fn open(&mut self, around: Around) {
        // No value at that depth is a description, and each level needs memory.
        if self.open.len() > MAX_KEY_DEPTH {
            self.too_deep += 1;
        } else {
            self.open.push(around);
        }
    }

    /// Reports the kind of the next value.
    fn met(&self, shape: Shape, at: usize) {
        if !self.wants_key() && self.too_deep == 0 {
            self.context.met(self.open.iter().map(Around::name), shape, at);
        }
    }

    /// Handles a value that is not text: it is not a description, but the key is used.
    pub(super) fn number(&self) {
        let _ = self.context.key(self.open.iter().map(Around::name));
    }

    /// Whether a mapping or a list has not ended.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether the next nodes are nested more deeply than any description.
    pub(super) fn is_too_deep(&self) -> bool {
        self.too_deep > 0
    }

    /// Ends the innermost mapping or list.
    pub(super) fn close(&mut self) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        match self.open.pop() {
            Some(Around::Mapping { commands, pair, .. }) => {
                let by = self.expander();
                let found = commands.found(self.context, self.file, by);
                self.add(found);
                self.pair(pair);
            }
            Some(Around::List { words: Some(words), .. }) => self.line(Command::Words(words)),
            Some(Around::List { .. }) | None => {}
        }
    }

    /// The number of open mappings and lists.
    pub(super) fn depth(&self) -> usize {
        self.open.len() + self.too_deep
    }

    /// Ends open mappings and lists down to this depth.
    pub(super) fn close_to(&mut self, depth: usize) {
        while self.depth() > depth {
            self.close();
        }
    }

    /// Sets the index of the next item of the innermost list.
    pub(super) fn skip_to(&mut self, number: usize) {
        if let Some(Around::List { index, .. }) = self.open.last_mut() {
            *index = number;
        }
    }

    /// Ends everything that is open, as after an error.
    pub(super) fn close_all(&mut self) {
        while self.too_deep > 0 || !self.open.is_empty() {
            self.close();
        }
    }

    /// Whether the innermost mapping expects a key.
    pub(super) fn wants_key(&self) -> bool {
        matches!(self.open.last(), Some(Around::Mapping { key: None, .. }))
    }

    /// Sets the key of the next value.
    pub(super) fn key(&mut self, name: &str) {
        if let Some(Around::Mapping { key, .. }) =
            self.open.last_mut().filter(|_| self.too_deep == 0)
        {
            *key = Some(bounds::key(name));
        }
    }

    /// Continues with the next key or item.
    pub(super) fn next(&mut self) {
        match self.open.last_mut().filter(|_| self.too_deep == 0) {
            Some(Around::Mapping { key, .. }) => *key = None,
            Some(Around::List { index, .. }) => *index += 1,
            None => {}
        }
    }

    /// Handles the value of a key or an item of a list, which may be a number.
    pub(super) fn value(&mut self, it: &Embedded, is_text: bool) {
        if self.too_deep > 0 {
            return;
        }
        let path = self.open.iter().map(Around::name);
        if let Some(key) = self.context.key(path).filter(|_| is_text) {
            let it = it.clone().in_unit(self.document);
            return self.found.extend(key.descriptions(it, Styles::ANY));
        }
        if !self.context.variables.is_empty() && self.variable(it) {
            return;
        }
        match self.open.last_mut() {
            Some(Around::List { words: Some(words), .. }) => words.push(it.clone()),
            Some(Around::Mapping { key: Some(key), pair, .. }) => {
                let is_file = key.contains('.') && it.text().contains(&b'\n');
                match key.as_str() {
                    "name" | "key" => pair.name = Some(it.text().to_vec()),
                    "value" => pair.value = Some(Box::new(it.clone())),
                    _ if is_file && self.context.names_any(it.text()) => {
                        let key = key.clone();
                        return self.excerpt(&key, it);
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

    /// Handles the value of an environment variable. Returns whether it is one.
    fn variable(&mut self, it: &Embedded) -> bool {
        let is_known = |name: &[u8]| self.context.variable(name).is_some();
        let (name, value) = match (self.open.last(), assignment(it.text(), is_known)) {
            (_, Some((name, start))) => (name, it.part(Span::new(start, it.text().len()))),
            (Some(Around::Mapping { key: Some(key), .. }), None) => (key.as_bytes(), it.clone()),
            _ => return false,
        };
        let Some(key) = self.context.variable(name) else { return false };
        let value = value.in_unit(self.unit).elsewhere();
        self.unit += 1;
        self.found.extend(key.descriptions(value, Styles::ANY));
        true
    }

    fn pair(&mut self, Pair { name, value }: Pair) {
        let (Some(name), Some(value)) = (name, value) else { return };
        if let Some(key) = self.context.variable(&name) {
            let value = value.in_unit(self.unit).elsewhere();
            self.unit += 1;
            self.found.extend(key.descriptions(value, Styles::ANY));
        }
    }

    /// Handles a value that is a whole file, such as in a `ConfigMap`.
    fn excerpt(&mut self, name: &str, it: &Embedded) {
        if let Some(reader) = (self.context.readers.for_path)(Path::new(name)) {
            let mut excerpts = Excerpts::new(self.context, self.unit);
            excerpts.read(reader, it);
            let (found, unit) = excerpts.found();
            self.unit = unit;
            self.found.extend(found);
        }
    }

    /// Whether the next value is a command line, or a list of command lines or of words.
    fn is_command(&self) -> bool {
        self.open.iter().rev().take(3).any(|around| match around {
            Around::Mapping { key: Some(key), .. } => commands::is_key(key),
            _ => false,
        })
    }

    /// Handles a command line. If it is a part of one, it is kept until its mapping ends.
    fn line(&mut self, command: Command) {
        if let Some(Around::Mapping { key: Some(key), commands, .. }) = self.open.last_mut()
            && commands::is_part(key)
        {
            return commands.set(&key.clone(), command);
        }
        let found = command.found(self.context, self.file, self.expander());
        self.add(found);
    }

    /// The expander of variables in a list of words, if known.
    fn expander(&self) -> Option<Expander> {
        let is_pod = |around: &Around| match around {
            Around::Mapping { key: Some(key), .. } => {
                matches!(key.as_str(), "containers" | "initContainers")
            }
            _ => false,
        };
        self.open.iter().any(is_pod).then_some(Expander::Kubernetes)
    }

    fn add(&mut self, found: Vec<Embedded>) {
        let mut all = Excerpts::new(self.context, self.unit);
        all.add(found);
        let (found, unit) = all.found();
        self.unit = unit;
        self.found.extend(found);
    }

    /// The descriptions, ordered by place.
    pub(super) fn found(mut self) -> Vec<Embedded> {
        self.close_all();
        let mut found = self.found.into_vec();
        found.sort_by_key(|it| it.whole().start);
        found
    }
}

impl Around {
    fn name(&self) -> String {
        match self {
            Self::Mapping { key, .. } => key.clone().unwrap_or_default(),
            Self::List { index, .. } => index.to_string(),
        }
    }
}
