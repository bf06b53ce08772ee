//! Parses one statement at a time into a syntax tree.

use std::ops::Range;

use tree_sitter::{Node, Parser, Tree};

use super::lines::{self, Lines};
use super::syntax::{Known, Syntax};
use crate::check::recent::Trees;

/// The maximum length of a statement in bytes. Longer ones are data, and take too long to parse.
const LONGEST: usize = 64 << 10;
/// The size in bytes up to which outermost blocks are parsed at once in the search for errors.
const AT_ONCE: usize = 4 << 10;

/// Parses statements one after the other.
pub(super) struct Reader<'f> {
    file: &'f [u8],
    parser: Parser,
    /// The text of the current statement, changed so that it is complete.
    buffer: Vec<u8>,
    /// The number of bytes that may still be parsed. It limits the time, because some statements
    /// are parsed once for each of their names.
    left: usize,
    /// The syntax trees of the previous version of the file; `None` outside of editors.
    known: Option<&'f Trees>,
}

impl<'f> Reader<'f> {
    /// Creates a reader. `None` if the grammar does not match the parser, which a test rules out.
    pub(super) fn new(file: &'f [u8], known: Option<&'f Trees>) -> Option<Self> {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_python::LANGUAGE.into()).ok()?;
        let left = LONGEST + 16 * file.len();
        Some(Self { file, parser, buffer: Vec::new(), left, known })
    }

    /// The byte offset of the first syntax error in the whole file; `None` if there is none.
    ///
    /// A tree takes many times the memory of its text, so a few blocks are parsed at a time. A
    /// longer block is data.
    pub(super) fn first_error(&mut self, lines: &Lines<'_>) -> Option<usize> {
        let ends = lines.blocks().skip(1).chain([self.file.len()]);
        let mut start = 0;
        for (end, next) in ends.clone().zip(ends.skip(1).chain([usize::MAX])) {
            if next - start <= AT_ONCE {
                continue;
            }
            let text = &self.file[start..end];
            let error = if text.len() <= LONGEST { self.first_error_in(text) } else { None };
            if let Some(at) = error {
                return Some(start + at);
            }
            start = end;
        }
        None
    }

    /// The byte offset in `text` of the first syntax error.
    fn first_error_in(&mut self, text: &[u8]) -> Option<usize> {
        let tree = self.parser.parse(text, None)?;
        let mut node = tree.root_node();
        if !node.has_error() {
            return None;
        }
        // Descends to the innermost node with the first error, which has the most exact place.
        while !node.is_error() && !node.is_missing() {
            let mut cursor = node.walk();
            let inside = node.children(&mut cursor).find(|it| it.has_error() || it.is_missing());
            let Some(inside) = inside else { break };
            node = inside;
        }
        Some(node.start_byte())
    }

    /// Parses the statement at `range` of the file. `None` if it is too long, or too much was
    /// parsed before.
    pub(super) fn read(&mut self, range: Range<usize>) -> Option<Statement<'f>> {
        let text = self.file.get(range.clone()).filter(|text| text.len() <= LONGEST)?;
        self.left = self.left.checked_sub(text.len())?;
        self.buffer.clear();
        self.buffer.extend_from_slice(text);
        stand_alone(&mut self.buffer);
        // Unclosed brackets are closed, so that the parser recognizes an incomplete call.
        self.buffer.extend(lines::statement(text, 0).open.iter().rev());
        let (parser, buffer) = (&mut self.parser, &self.buffer);
        let mut parse = || parser.parse(buffer, None);
        let tree = match self.known {
            Some(known) => known.get(buffer, parse),
            None => parse(),
        };
        Some(Statement { file: self.file, range, tree: tree? })
    }
}

/// Turns a clause that needs an earlier block (`else:`) into a statement of the same length, so
/// that offsets stay the same.
fn stand_alone(statement: &mut [u8]) {
    let word = statement.iter().take_while(|byte| lines::is_word(**byte)).count();
    let bare = statement[word..].trim_ascii_start().starts_with(b":");
    let instead: &[u8] = match &statement[..word] {
        b"elif" => b"  if",
        b"else" => b"if 1",
        b"finally" => b"if    1",
        b"except" if bare => b"if   1",
        b"except" => b"with  ",
        _ => return,
    };
    statement[..word].copy_from_slice(instead);
}

/// The syntax tree of a statement, and the byte range of the statement in the file.
pub(super) struct Statement<'f> {
    file: &'f [u8],
    range: Range<usize>,
    tree: Tree,
}

impl<'f> Statement<'f> {
    pub(super) fn root(&self) -> Node<'_> {
        self.tree.root_node()
    }

    /// The byte range of a node in the file.
    pub(super) fn range(&self, node: Node<'_>) -> Range<usize> {
        let place = |offset: usize| (self.range.start + offset).min(self.range.end);
        place(node.start_byte())..place(node.end_byte())
    }

    /// The source text of a node.
    pub(super) fn text(&self, node: Node<'_>) -> &'f [u8] {
        &self.file[self.range(node)]
    }

    pub(super) fn file(&self) -> &'f [u8] {
        self.file
    }

    /// Visits every node before its children, with its ancestors, the innermost last.
    ///
    /// The ancestors are collected on the way, because a node finds its parent only by a search
    /// from the root.
    pub(super) fn each<'t>(&'t self, mut visit: impl FnMut(Node<'t>, &[Node<'t>])) {
        let mut cursor = self.tree.walk();
        let mut around = Vec::new();
        loop {
            let node = cursor.node();
            visit(node, &around);
            if cursor.goto_first_child() {
                around.push(node);
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                around.pop();
            }
        }
    }

    /// All nodes of the tree, parents before children.
    pub(super) fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        let mut cursor = self.tree.walk();
        let mut next = Some(cursor.node());
        std::iter::from_fn(move || {
            let node = next?;
            let mut more = cursor.goto_first_child();
            while !more {
                more = cursor.goto_next_sibling();
                if !more && !cursor.goto_parent() {
                    break;
                }
            }
            next = more.then(|| cursor.node());
            Some(node)
        })
    }
}

/// The children of a node, without punctuation and comments.
pub(super) fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).filter(|child| child.syntax() != Syntax::Comment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn calls(text: &str) -> Vec<&str> {
        let mut reader = Reader::new(text.as_bytes(), None).unwrap();
        let statement = reader.read(0..text.len()).unwrap();
        let calls = statement.nodes().filter(|node| node.syntax() == Syntax::Call);
        calls.map(|node| &text[statement.range(node)]).collect()
    }

    #[test]
    fn statements_after_a_block_are_read_separately() {
        for head in ["elif a:", "else:", "finally :", "except:", "except E as e:", "with f:"] {
            assert_eq!(calls(&format!("{head} g(1)")), ["g(1)"], "{head}");
        }
        assert_eq!(calls("print 'a', g(1)"), ["g(1)"]);
    }

    #[test]
    fn an_unterminated_call_is_a_call() {
        assert_eq!(calls("f(a, g([b, 'c'"), ["f(a, g([b, 'c'", "g([b, 'c'"]);
    }

    #[test]
    fn deeply_nested_statements_are_read() {
        let deep = "f(".repeat(20_000);
        assert!(Reader::new(deep.as_bytes(), None).unwrap().read(0..deep.len()).is_some());
    }
}
