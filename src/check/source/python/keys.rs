//! Finds values under keys that `strports.toml` and the presets name by paths such as `c.www.port`.
//!
//! `c['www'] = {'port': …}`, `c['www'] = dict(port=…)`, `c.www.port = …` and a `class` all have
//! such a path. The keyword `port` of a call of `f` has the path `f.port`. An item of a list has
//! its index.

use tree_sitter::Node;

use super::lines::Lines;
use super::statement::{Statement, children};
use super::syntax::{Field, Known, Syntax};
use super::value::{callee, items, string};
use crate::check::source::context::{Context, Key};
use crate::check::source::key_path::KeyPath;
use crate::check::source::notes::Shape;

/// The maximum nesting of expressions that are searched for keys.
const DEEPEST: usize = 60;

/// Searches one file for the keys of its `[[source]]` tables.
pub(super) struct Keys<'c> {
    context: &'c Context<'c>,
}

impl<'c> Keys<'c> {
    pub(super) fn new(context: &'c Context<'c>) -> Self {
        Self { context }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.context.has_keys()
    }

    /// The numbers of the lines that may contain the value of a key, in order. `None` if any line
    /// may.
    pub(super) fn lines(&self, lines: &Lines<'_>) -> Option<Vec<usize>> {
        let words = self.context.keys.iter().map(|keys| keys.last_words());
        let mut words: Vec<&str> = words.collect::<Option<Vec<_>>>()?.concat();
        words.sort_unstable();
        words.dedup();
        let mut found: Vec<_> =
            words.into_iter().flat_map(|word| lines.with(word.as_bytes())).collect();
        found.sort_unstable();
        found.dedup();
        Some(found)
    }

    /// The expressions for values of known keys in the statement on `line`, with the settings of
    /// each key.
    pub(super) fn values<'t>(
        &self,
        statement: &Statement<'_>,
        root: Node<'t>,
        line: usize,
        lines: &Lines<'_>,
    ) -> Vec<(Node<'t>, Key<'c>)> {
        let classes = lines.scope(line).filter(|scope| lines.is_class(*scope));
        let mut path: KeyPath = classes.and_then(|it| lines.name(it)).into_iter().collect();
        let mut search = Search { statement, context: self.context, found: Vec::new() };
        search.look(root, &mut path, 0);
        search.found
    }
}

struct Search<'s, 'c, 't> {
    statement: &'s Statement<'s>,
    context: &'c Context<'c>,
    found: Vec<(Node<'t>, Key<'c>)>,
}

impl<'t> Search<'_, '_, 't> {
    /// Visits `node`, the value at `path`, and everything inside it.
    fn look(&mut self, node: Node<'t>, path: &mut KeyPath, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        let key = if path.len() == 0 { None } else { self.context.key(path) };
        if let Some(key) = key {
            self.found.push((node, key));
            let at = self.statement.range(node).start;
            match node.syntax() {
                Syntax::Dictionary => self.context.met(path, Shape::Table, at),
                Syntax::List => self.context.met(path, Shape::List, at),
                _ => {}
            }
        }
        match node.syntax() {
            Syntax::Assignment => {
                let left = node.field(Field::Left).and_then(|it| self.target(it, depth));
                if let (Some(left), Some(right)) = (left, node.field(Field::Right)) {
                    self.under(&left, right, path, depth);
                }
            }
            Syntax::Pair => {
                let key = node.field(Field::Key).and_then(|it| string(self.statement, it));
                if let (Some(key), Some(value)) = (key, node.field(Field::Value)) {
                    self.under(&[key], value, path, depth);
                }
            }
            Syntax::KeywordArgument => {
                let name = node.field(Field::Name).map(|it| self.name(it));
                if let (Some(name), Some(value)) = (name, node.field(Field::Value)) {
                    self.under(&[name], value, path, depth);
                }
            }
            Syntax::Call => {
                let name = String::from_utf8_lossy(callee(self.statement, node)).into_owned();
                let arguments = node.field(Field::Arguments);
                // `dict(…)` is a dictionary, so its name is not part of the path.
                let name = if name == "dict" { Vec::new() } else { vec![name] };
                for argument in arguments.map(children).unwrap_or_default() {
                    self.under(&name, argument, path, depth);
                }
            }
            Syntax::List | Syntax::Tuple => {
                for (index, item) in items(node).unwrap_or_default().into_iter().enumerate() {
                    self.under(&[index.to_string()], item, path, depth);
                }
            }
            _ if key.is_some() => {}
            _ => {
                for child in children(node) {
                    self.look(child, path, depth + 1);
                }
            }
        }
    }

    /// Visits `node` as the value under `names`, which are appended to `path`.
    fn under(&mut self, names: &[String], node: Node<'t>, path: &mut KeyPath, depth: usize) {
        for name in names {
            path.push(name);
        }
        self.look(node, path, depth + 1);
        for _ in names {
            path.pop();
        }
    }

    /// The path of the target of an assignment: `a.b['c']`. `None` if a part of it is not a
    /// constant.
    fn target(&self, node: Node<'_>, depth: usize) -> Option<Vec<String>> {
        if depth > DEEPEST {
            return None;
        }
        let (object, last) = match node.syntax() {
            Syntax::Identifier => return Some(vec![self.name(node)]),
            Syntax::Attribute => {
                (node.field(Field::Object)?, self.name(node.field(Field::Attribute)?))
            }
            Syntax::Subscript => {
                let key = string(self.statement, node.field(Field::Subscript)?)?;
                (node.field(Field::Value)?, key)
            }
            _ => return None,
        };
        let mut path = self.target(object, depth + 1)?;
        path.push(last);
        Some(path)
    }

    fn name(&self, node: Node<'_>) -> String {
        String::from_utf8_lossy(self.statement.text(node)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::FORMAT;
    use crate::check::source::tests::{finds, texts};

    #[track_caller]
    fn found(program: &str, wanted: &[&str]) {
        finds(&FORMAT, "master.cfg", program, wanted);
    }

    #[test]
    fn keys_are_found_in_every_syntax() {
        for program in [
            "c['www'] = {'port': 'tcp:1'}",
            "c['www'] = dict(port='tcp:1', plugins={})",
            "c['www']['port'] = 'tcp:1'",
            "c = BuildmasterConfig = {'www': {\n  'port':\n 'tcp:1'}}",
            "c.www.port = 'tcp:1'",
            "c.update(www=dict(port='tcp:1'))",
            "def f(c):\n  if x:\n    c.update({'www': {u'port': ('tcp:1')}})",
            "c['protocols'] = {'pb': {'port': 'tcp:1'}}",
            "p = 'tcp:1'\nc['protocols'] = dict(pb=dict(port=p))",
            "c['protocols']['pb'] = {'port': 'tcp:' + '1'}",
        ] {
            found(program, &["tcp:1"]);
        }
    }

    #[test]
    fn a_bare_number_is_not_a_description_for_www() {
        found("c['www'] = dict(port='8010')", &["8010"]);
        found("c['www'] = dict(port=os.environ.get('BUILDBOT_WEB_PORT', '8010'))", &["8010"]);
        let other =
            b"www = dict(port='tcp:1')\nc = {'www': {'port': '80'}}\nx = dict(port='tcp:2')";
        assert_eq!(texts(&FORMAT, "split/ui.py", other), ["tcp:1"]);
    }

    #[test]
    fn other_keys_and_values_are_ignored() {
        for program in [
            "c['www'] = {'port': 8010}",
            "c['web'] = {'port': 'tcp:1'}",
            "port = 'tcp:1'",
            "c[www] = {'port': 'tcp:1'}",
            "c['www'] = f(x)['port']",
            "c['protocols'] = {'pb': {'port': '8010'}}",
        ] {
            found(program, &[]);
        }
        let deep = format!("c = {}'tcp:1'{}", "{'a':".repeat(3000), "}".repeat(3000));
        found(&deep, &[]);
    }
}
