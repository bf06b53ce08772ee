//! Determines the text of an expression: a literal, or calls and operators on literals.

use std::ops::Range;

use tree_sitter::Node;

use super::literal::{self, Kind, Piece};
use super::quoting::Template;
use super::statement::{Statement, children};
use super::syntax::{Field, Known, Syntax};
use crate::check::embedded::{BytesLiteral, Embedded, Quoting};
use crate::check::source::placeholder::{self, Found, Styles};
use strports_syntax::Role;

/// The maximum nesting of an expression. It also limits the number of strings in a sum.
const DEEPEST: usize = 100;

/// Functions that return the text of their argument, perhaps with another type.
const SAME: [&[u8]; 6] =
    [b"str", b"bytes", b"nativeString", b"networkString", b"ensure_str", b"ensure_binary"];
/// Methods that return the text of their object, perhaps with another type or fewer blanks.
const SAME_METHODS: [&[u8]; 3] = [b"encode", b"decode", b"strip"];
/// Functions and methods that turn `bytes` into `str`.
const TO_STR: [&[u8]; 4] = [b"str", b"nativeString", b"ensure_str", b"decode"];
/// Functions and methods whose second argument is the default: `os.environ.get("PORT", "tcp:80")`.
const WITH_DEFAULT: [&[u8]; 4] = [b"get", b"getenv", b"pop", b"setdefault"];

/// A text that an expression may evaluate to.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pieces: Vec<Piece>,
    /// Whether the expression may also have another value, as `'tcp:80'` in `d or 'tcp:80'`.
    pub(super) is_choice: bool,
    /// Whether the text is the value of a name, which may be used in other places, too.
    pub(super) is_named: bool,
}

impl Text {
    /// The byte range of the text in the file, from its first piece to its last one.
    pub(super) fn place(&self) -> Range<usize> {
        let start = self.pieces.first().map_or(0, |piece| piece.file.start);
        start..self.pieces.last().map_or(start, |piece| piece.file.end)
    }

    /// Whether the text contains this byte outside of placeholders.
    pub(super) fn has(&self, byte: u8) -> bool {
        self.pieces.iter().any(|piece| piece.text.contains(&byte))
    }

    /// Whether the text is the empty string.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.iter().all(|it| it.text.is_empty() && it.kind != Kind::Unknown)
    }

    /// Returns this text followed by `other`, as in a sum.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let pieces = self.pieces.iter().chain(&other.pieces).cloned().collect();
        let is_choice = self.is_choice || other.is_choice;
        Self { pieces, is_choice, is_named: self.is_named || other.is_named }
    }

    /// Returns the same text, used through a name.
    pub(super) fn by_name(self) -> Self {
        Self { is_named: true, ..self }
    }

    /// The `bytes` literals of the text; `None` if there are none.
    ///
    /// Without their prefix they would be `str`, which is safe for ASCII text without other uses.
    pub(super) fn bytes(&self, file: &[u8]) -> Option<BytesLiteral> {
        let forms = || self.pieces.iter().filter_map(|piece| Some(piece.literal?.1));
        let mut letters: Vec<usize> = forms().filter_map(|form| form.letter).collect();
        letters.dedup();
        let first = *letters.first()?;
        let source = file.get(first..self.place().end).unwrap_or_default();
        // `\u`, `\U` and `\N` are escape sequences in a `str`, but not in `bytes`.
        let names = source.windows(2).any(|it| matches!(it, [b'\\', b'u' | b'U' | b'N']));
        let is_known =
            self.pieces.iter().all(|piece| piece.kind != Kind::Unknown && piece.text.is_ascii());
        let fixable = self.pieces.iter().all(|piece| piece.text.is_ascii())
            && (!names || forms().all(|form| form.raw));
        Some(BytesLiteral { letters, fixable, certain: is_known && !self.is_named })
    }

    /// The text as a possible description, with its places in the file.
    pub(super) fn embedded(&self, file: &[u8], role: Option<Role>) -> Embedded {
        let mut it = Embedded::new(role, Quoting::PLAIN);
        let mut last = None;
        for piece in &self.pieces {
            let place = piece.literal.map_or(piece.file.start, |(start, _)| start);
            if last != Some(place) {
                it.quoted(piece.literal.map_or(Quoting::NEVER, |(_, form)| form.quoting()));
                last = Some(place);
            }
            match piece.kind {
                Kind::Verbatim => it.verbatim(file, piece.file.clone()),
                Kind::Escape => it.escape(&piece.text, piece.file.clone()),
                Kind::Unknown => it.unknown(piece.file.clone()),
            }
        }
        it
    }
}

/// All texts that `node` may evaluate to, as far as its own literals show them.
pub(super) fn texts(statement: &Statement<'_>, node: Node<'_>) -> Vec<Text> {
    let read = |(node, is_choice)| {
        let pieces = text(statement, node, 0)?;
        Some(Text { pieces, is_choice, is_named: false })
    };
    choices(statement, node).into_iter().filter_map(read).collect()
}

/// The value of `node` if it is a constant string, such as the key of a dictionary; `None`
/// otherwise.
pub(super) fn string(statement: &Statement<'_>, node: Node<'_>) -> Option<String> {
    let pieces = text(statement, node, 0)?;
    if pieces.iter().any(|piece| piece.kind == Kind::Unknown) {
        return None;
    }
    String::from_utf8(pieces.into_iter().flat_map(|piece| piece.text).collect()).ok()
}

/// The items of a list, tuple or set display; `None` for another expression.
pub(super) fn items(node: Node<'_>) -> Option<Vec<Node<'_>>> {
    let is_list = matches!(
        node.syntax(),
        Syntax::List | Syntax::Tuple | Syntax::Set | Syntax::ExpressionList
    );
    is_list.then(|| children(node))
}

/// The names of variables whose values `node` may have.
pub(super) fn names<'f>(statement: &Statement<'f>, node: Node<'_>) -> Vec<&'f [u8]> {
    let parts = choices(statement, node).into_iter().map(|(part, _)| part);
    parts.filter(|it| it.syntax() == Syntax::Identifier).map(|it| statement.text(it)).collect()
}

/// The names of attributes of `self` whose values `node` may have.
pub(super) fn attributes<'f>(statement: &Statement<'f>, node: Node<'_>) -> Vec<&'f [u8]> {
    let parts = choices(statement, node).into_iter().map(|(part, _)| part);
    let own = parts.filter(|it| it.syntax() == Syntax::Attribute && is_of_self(statement, *it));
    own.map(|it| last_name(statement, it)).collect()
}

/// Whether an attribute belongs to `self` or `cls`.
pub(super) fn is_of_self(statement: &Statement<'_>, attribute: Node<'_>) -> bool {
    let object = attribute.field(Field::Object);
    object.is_some_and(|it| matches!(statement.text(it), b"self" | b"cls"))
}

/// The alternatives of `node`, such as both sides of `or`, each with whether there may be others.
fn choices<'t>(statement: &Statement<'_>, node: Node<'t>) -> Vec<(Node<'t>, bool)> {
    let mut found = Vec::new();
    choose(statement, node, false, 0, &mut found);
    found
}

fn choose<'t>(
    statement: &Statement<'_>,
    node: Node<'t>,
    is_choice: bool,
    depth: usize,
    found: &mut Vec<(Node<'t>, bool)>,
) {
    if depth > DEEPEST {
        return;
    }
    let mut choose = |node: Option<Node<'t>>, is_choice: bool| {
        if let Some(node) = node {
            choose(statement, node, is_choice, depth + 1, found);
        }
    };
    match node.syntax() {
        Syntax::ParenthesizedExpression => choose(children(node).first().copied(), is_choice),
        Syntax::NamedExpression => choose(node.field(Field::Value), is_choice),
        Syntax::BooleanOperator => {
            choose(node.field(Field::Left), true);
            choose(node.field(Field::Right), true);
        }
        Syntax::ConditionalExpression => {
            let parts = children(node);
            choose(parts.first().copied(), true);
            choose(parts.get(2).copied(), true);
        }
        Syntax::Call if WITH_DEFAULT.contains(&callee(statement, node)) => {
            choose(arguments(node).get(1).copied(), true);
        }
        _ => found.push((node, is_choice)),
    }
}

/// The pieces of the text of an expression. `None` if it contains no literal, or is nested too
/// deeply.
fn text(statement: &Statement<'_>, node: Node<'_>, depth: usize) -> Option<Vec<Piece>> {
    if depth > DEEPEST {
        return None;
    }
    let inner = |node: Node<'_>| text(statement, node, depth + 1);
    match node.syntax() {
        Syntax::String => literal::read(statement, node),
        Syntax::ConcatenatedString => {
            let mut pieces = Vec::new();
            for part in children(node) {
                pieces.append(&mut inner(part)?);
            }
            Some(pieces)
        }
        Syntax::ParenthesizedExpression => inner(*children(node).first()?),
        Syntax::BinaryOperator => {
            let left = node.field(Field::Left)?;
            let right = node.field(Field::Right)?;
            match node.field(Field::Operator)?.syntax() {
                Syntax::Percent => Some(fill_in(&inner(left)?, Styles::PERCENT, Template::Percent)),
                Syntax::Plus => {
                    let sides = [(left, inner(left)), (right, inner(right))];
                    if sides.iter().all(|(_, pieces)| pieces.is_none()) {
                        return None;
                    }
                    let pieces = sides.into_iter().flat_map(|(side, pieces)| {
                        pieces.unwrap_or_else(|| vec![Piece::unknown(statement.range(side))])
                    });
                    Some(pieces.collect())
                }
                _ => None,
            }
        }
        Syntax::Call => {
            let function = node.field(Field::Function)?;
            let name = callee(statement, node);
            let object = function.field(Field::Object);
            match object {
                Some(object) if name == b"format" => {
                    Some(fill_in(&inner(object)?, Styles::BRACES, Template::Braces))
                }
                Some(object) if SAME_METHODS.contains(&name) => inner(object),
                _ if SAME.contains(&name) => inner(*arguments(node).first()?),
                _ => None,
            }
            .map(|pieces| if TO_STR.contains(&name) { to_str(pieces) } else { pieces })
        }
        _ => None,
    }
}

/// Marks pieces of a `bytes` literal as decoded, so that the text counts as a `str`.
fn to_str(mut pieces: Vec<Piece>) -> Vec<Piece> {
    for (_, form) in pieces.iter_mut().filter_map(|piece| piece.literal.as_mut()) {
        form.letter = None;
    }
    pieces
}

/// The last name of a called function: `f` of `f()` and of `a.b.f()`.
pub(super) fn callee<'f>(statement: &Statement<'f>, call: Node<'_>) -> &'f [u8] {
    call.field(Field::Function).map_or(b"", |function| last_name(statement, function))
}

/// The last name of a dotted expression: `b` of `a.b`, and `a` of `a`.
pub(super) fn last_name<'f>(statement: &Statement<'f>, node: Node<'_>) -> &'f [u8] {
    let name = match node.syntax() {
        Syntax::Identifier => Some(node),
        Syntax::Attribute => node.field(Field::Attribute),
        _ => None,
    };
    name.map_or(b"", |name| statement.text(name))
}

/// The positional arguments of a call, up to the first one of unknown length (`*args`).
pub(super) fn arguments(call: Node<'_>) -> Vec<Node<'_>> {
    let arguments = call.field(Field::Arguments).map(children).unwrap_or_default();
    let counted = arguments.into_iter().take_while(|it| it.syntax() != Syntax::ListSplat);
    counted
        .filter(|it| !matches!(it.syntax(), Syntax::KeywordArgument | Syntax::DictionarySplat))
        .collect()
}

/// The value of the keyword argument `name` of a call; `None` without one.
pub(super) fn keyword<'t>(
    statement: &Statement<'_>,
    call: Node<'t>,
    name: &[u8],
) -> Option<Node<'t>> {
    let arguments = call.field(Field::Arguments).map(children).unwrap_or_default();
    let mut named = arguments.into_iter().filter(|it| it.syntax() == Syntax::KeywordArgument);
    let is_it = |it: &Node<'_>| it.field(Field::Name).is_some_and(|it| statement.text(it) == name);
    named.find(is_it)?.field(Field::Value)
}

/// Turns the placeholders of these styles in `pieces` into unknown text, as `%` and `.format` do.
fn fill_in(pieces: &[Piece], styles: Styles, template: Template) -> Vec<Piece> {
    let mut filled = Vec::new();
    // A piece that is already unknown is not part of a placeholder.
    for part in pieces.chunk_by(|a, b| a.kind != Kind::Unknown && b.kind != Kind::Unknown) {
        let text: Vec<u8> = part.iter().flat_map(|piece| piece.text.iter().copied()).collect();
        let mut done = 0;
        for (range, found) in placeholder::find(&text, styles) {
            cut(part, done..range.start, &mut filled);
            done = range.end;
            let mut inside = Vec::new();
            cut(part, range, &mut inside);
            if let [first, ..] = &inside[..] {
                let end = inside.last().map_or(first.file.end, |last| last.file.end);
                let (text, kind) = match found {
                    Found::Unknown => (Vec::new(), Kind::Unknown),
                    Found::Escape(byte) => (vec![byte], Kind::Escape),
                };
                filled.push(Piece {
                    text,
                    file: first.file.start..end,
                    kind,
                    literal: first.literal,
                });
            }
        }
        cut(part, done..text.len(), &mut filled);
        // An unknown piece has no text and stays as it is.
        filled.extend(part.iter().filter(|piece| piece.kind == Kind::Unknown).cloned());
    }
    for piece in &mut filled {
        if let Some((_, form)) = &mut piece.literal {
            *form = form.within(template);
        }
    }
    filled
}

/// Appends to `into` the parts of `pieces` that are at `range` of their joined text.
fn cut(pieces: &[Piece], range: Range<usize>, into: &mut Vec<Piece>) {
    let mut start = 0;
    for piece in pieces {
        let from = range.start.max(start) - start;
        let to = range.end.min(start + piece.text.len()).saturating_sub(start);
        start += piece.text.len();
        if from >= to {
            continue;
        }
        let file = match piece.kind {
            Kind::Verbatim => piece.file.start + from..piece.file.start + to,
            Kind::Escape | Kind::Unknown => piece.file.clone(),
        };
        into.push(Piece { text: piece.text[from..to].to_vec(), file, ..piece.clone() });
    }
}
