//! Looks up names: the texts that a variable or attribute may have where it is used.
//!
//! A name with one binding has the value of that binding. With several bindings, it may have each
//! value that is not certainly replaced before the use. Of these, only values that look like
//! descriptions are checked, because the program may use the name for other purposes too.

use tree_sitter::Node;

use super::lines::Lines;
use super::statement::{Reader, Statement};
use super::syntax::{Field, Known, Syntax};
use super::value::{Text, is_of_self, items, texts};

/// The maximum number of lines that contain a name. Names on more lines are not looked up.
const MOST_LINES: usize = 200;
/// The maximum number of possible texts of one name.
const MOST_TEXTS: usize = 32;

/// A binding of a name, such as an assignment, a parameter, an import or a loop variable.
struct Binding {
    /// The line that defines the function or class of its scope; `None` for the module.
    scope: Option<usize>,
    line: usize,
    /// The line at the head of the block that contains the binding; `None` at module level. For a
    /// parameter, the line of the function.
    block: Option<usize>,
    /// The possible values of the name after the binding; empty if they are unknown.
    texts: Vec<Text>,
    /// Whether the texts are appended to the earlier ones.
    adds: bool,
}

/// The possible texts of the variable `name` on `line`. Empty if they are unknown.
pub(super) fn look_up<'f>(
    name: &[u8],
    line: usize,
    lines: &Lines<'f>,
    reader: &mut Reader<'f>,
) -> Vec<Text> {
    let mentions = lines.with(name);
    if mentions.len() > MOST_LINES {
        return Vec::new();
    }
    let mut bindings = Vec::new();
    for mention in mentions {
        let Some(statement) = reader.read(lines.range(mention)) else { return Vec::new() };
        let mut outcome = None;
        statement.each(|node, around| {
            if outcome.is_some()
                || node.syntax() != Syntax::Identifier
                || statement.text(node) != name
            {
                return;
            }
            let mut bind = |scope, block, texts, adds| {
                bindings.push(Binding { scope, line: mention, block, texts, adds });
            };
            let block = lines.around(mention).next();
            match role(&statement, node, around) {
                Mention::Elsewhere => outcome = Some(Vec::new()),
                Mention::Bound(texts) => bind(lines.scope(mention), block, texts, false),
                Mention::Added(texts) => bind(lines.scope(mention), block, texts, true),
                Mention::Parameter(texts) => bind(Some(mention), Some(mention), texts, false),
                Mention::Inner(texts) if mention == line => outcome = Some(texts),
                // A name in a comprehension is not visible outside of it.
                Mention::Use | Mention::Inner(_) => {}
            }
        });
        if let Some(texts) = outcome {
            return texts;
        }
    }
    in_scope(bindings, line, lines)
}

/// The possible texts of the attribute `name` of `self` on `line`, from the assignments in its
/// class. Empty if they are unknown.
pub(super) fn look_up_attribute<'f>(
    name: &[u8],
    line: usize,
    lines: &Lines<'f>,
    reader: &mut Reader<'f>,
) -> Vec<Text> {
    let Some(class) = lines.around(line).find(|it| lines.is_class(*it)) else { return Vec::new() };
    let mut mentions = lines.with(name);
    mentions.retain(|mention| lines.around(*mention).any(|it| it == class));
    if mentions.len() > MOST_LINES {
        return Vec::new();
    }
    let mut bindings = Vec::new();
    for mention in mentions {
        let Some(statement) = reader.read(lines.range(mention)) else { return Vec::new() };
        let is_own = lines.scope(mention) == Some(class);
        statement.each(|node, around| {
            let target = match (node.syntax(), around) {
                (Syntax::Identifier, [.., attribute])
                    if attribute.syntax() == Syntax::Attribute =>
                {
                    *attribute
                }
                (Syntax::Identifier, _) if is_own => node,
                _ => return,
            };
            if statement.text(node) != name || target != node && !is_of_self(&statement, target) {
                return;
            }
            let around = if target == node { around } else { &around[..around.len() - 1] };
            let (Mention::Bound(bound) | Mention::Added(bound)) = role(&statement, target, around)
            else {
                return;
            };
            bindings.push(bound);
        });
    }
    let is_one = bindings.len() == 1;
    several(bindings.into_iter().flatten().collect(), is_one)
}

/// The possible texts of a name on `line`, from the bindings in the innermost scope that has one.
fn in_scope(bindings: Vec<Binding>, line: usize, lines: &Lines<'_>) -> Vec<Text> {
    let own = lines.is_function(line).then_some(line);
    let innermost = lines.scope(line);
    // Names that a class binds are visible in the class itself, but not in its methods.
    let around = lines
        .around(line)
        .filter(|it| lines.is_function(*it) || lines.is_class(*it) && Some(*it) == innermost);
    let mut scopes = own.into_iter().chain(around).map(Some).chain([None]);
    let holds = |scope: &Option<usize>| bindings.iter().any(|it| it.scope == *scope);
    let Some(scope) = scopes.find(holds) else { return Vec::new() };
    let inside: Vec<Binding> = bindings.into_iter().filter(|it| it.scope == scope).collect();
    let is_one = inside.len() == 1;
    let is_around = |line: usize, block: Option<usize>| {
        block.is_none_or(|block| line == block || lines.around(line).any(|it| it == block))
    };
    let mut alive: Vec<Binding> = Vec::new();
    for mut binding in inside {
        if binding.adds {
            let before = alive.iter().flat_map(|it| &it.texts);
            let sums = before.flat_map(|left| binding.texts.iter().map(|right| left.plus(right)));
            binding.texts = sums.take(MOST_TEXTS).collect();
        }
        // A binding in the same block, or in one around it, replaces earlier ones.
        if binding.line <= line && is_around(line, binding.block) {
            alive.retain(|it| {
                let is_later = it.line > line;
                is_later || !is_around(it.block.unwrap_or(it.line), binding.block)
            });
        }
        alive.push(binding);
    }
    several(alive.into_iter().flat_map(|it| it.texts).collect(), is_one)
}

/// Drops empty texts. Unless there is only one binding, keeps only texts that look like
/// descriptions.
///
/// An empty text means that there is no description, for which programs test before a use.
fn several(mut texts: Vec<Text>, is_one: bool) -> Vec<Text> {
    texts.retain(|text| !text.is_empty());
    if !is_one {
        texts.retain(|text| text.has(b':'));
    }
    texts.truncate(MOST_TEXTS);
    let is_choice = texts.len() > 1;
    for text in &mut texts {
        text.is_choice |= is_choice;
    }
    texts
}

/// What the program does with a name at one place.
enum Mention {
    Use,
    /// The name is assigned one of these texts; an empty list means an unknown value.
    Bound(Vec<Text>),
    /// One of these texts is appended to the value: `name += …`.
    Added(Vec<Text>),
    /// The name is a parameter. The texts are those of its default; empty without one.
    Parameter(Vec<Text>),
    /// The name is bound inside a comprehension or a lambda, and visible only there.
    Inner(Vec<Text>),
    /// The name is declared `global` or `nonlocal`, so that other functions may bind it.
    Elsewhere,
}

/// Determines what the program does with the name at `node`. `around` are the nodes around it, the
/// innermost last.
fn role(statement: &Statement<'_>, node: Node<'_>, around: &[Node<'_>]) -> Mention {
    let [outer @ .., parent] = around else { return Mention::Use };
    let is = |name: Field| parent.field(name) == Some(node);
    let nothing = Vec::new;
    match parent.syntax() {
        Syntax::Assignment if is(Field::Left) => match assigned(*parent) {
            Some(value) => Mention::Bound(texts(statement, value)),
            // `name: str` is an annotation without a value, which binds nothing.
            None => Mention::Use,
        },
        Syntax::ForStatement if is(Field::Left) => Mention::Bound(each(statement, *parent)),
        Syntax::ForInClause if is(Field::Left) => Mention::Inner(each(statement, *parent)),
        Syntax::LambdaParameters => Mention::Inner(nothing()),
        Syntax::DefaultParameter | Syntax::TypedDefaultParameter if is(Field::Name) => {
            let inside_lambda =
                outer.last().is_some_and(|it| it.syntax() == Syntax::LambdaParameters);
            let value = parent.field(Field::Value);
            let texts = value.map(|value| texts(statement, value)).unwrap_or_default();
            if inside_lambda { Mention::Inner(nothing()) } else { Mention::Parameter(texts) }
        }
        Syntax::Parameters | Syntax::TypedParameter | Syntax::DictionarySplatPattern => {
            Mention::Parameter(nothing())
        }
        Syntax::AugmentedAssignment if is(Field::Left) => {
            let is_sum =
                parent.field(Field::Operator).is_some_and(|it| it.syntax() == Syntax::PlusEquals);
            let right = parent.field(Field::Right).filter(|_| is_sum);
            match right {
                Some(right) => Mention::Added(texts(statement, right)),
                None => Mention::Bound(nothing()),
            }
        }
        Syntax::NamedExpression | Syntax::FunctionDefinition | Syntax::ClassDefinition
            if is(Field::Name) =>
        {
            Mention::Bound(nothing())
        }
        Syntax::AliasedImport if is(Field::Alias) => Mention::Bound(nothing()),
        Syntax::DottedName => match outer.last().map(Known::syntax) {
            Some(Syntax::Decorator) | None => Mention::Use,
            Some(_) => Mention::Bound(nothing()),
        },
        Syntax::PatternList
        | Syntax::TuplePattern
        | Syntax::ListPattern
        | Syntax::ListSplatPattern
        | Syntax::AsPatternTarget
        | Syntax::DeleteStatement
        | Syntax::Error => Mention::Bound(nothing()),
        Syntax::GlobalStatement | Syntax::NonlocalStatement => Mention::Elsewhere,
        _ => Mention::Use,
    }
}

/// The value of an assignment, also of `a = b = value`. `None` for an annotation without a value.
fn assigned(assignment: Node<'_>) -> Option<Node<'_>> {
    let mut value = assignment.field(Field::Right)?;
    while value.syntax() == Syntax::Assignment {
        value = value.field(Field::Right)?;
    }
    Some(value)
}

/// The texts that a loop variable takes in a loop over a list display. Empty for any other loop.
fn each(statement: &Statement<'_>, parent: Node<'_>) -> Vec<Text> {
    let list = parent.field(Field::Right).and_then(items).unwrap_or_default();
    list.into_iter().flat_map(|item| texts(statement, item)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::FORMAT;
    use crate::check::source::tests::finds;

    #[track_caller]
    fn found(program: &str, wanted: &[&str]) {
        finds(&FORMAT, "a.py", program, wanted);
    }

    const USE: &str = "serverFromString(r, d)\n";

    #[test]
    fn names_bound_once_have_a_value() {
        for before in [
            "d = 'tcp:1'\n",
            "d: str = ('tcp:'\n  '1')\n",
            "c = d = 'tcp:1'\n",
            "def d_(): d.x = e.d = f(d='y')\nif a:\n  d = 'tcp:1'\n",
            "d: str\nd = 'tcp:1'\nprint(d)\n",
            "def g():\n  d = 'tcp:2'\nd = 'tcp:1'\n",
            "[d for d in x]\nd = 'tcp:1'\n",
        ] {
            found(&format!("{before}{USE}"), &["tcp:1"]);
        }
        found(&format!("def f(x, d='tcp:1'):\n  {USE}"), &["tcp:1"]);
        let method = format!("d = 'tcp:1'\nclass A:\n  d = 'x'\n  def f(self):\n    {USE}");
        found(&method, &["tcp:1"]);
        found(&format!("class A:\n  d = 'tcp:1'\n  {USE}"), &["tcp:1"]);
        found(&format!("for d in ['tcp:1', f'tcp:{{x}}', y]:\n  {USE}"), &["tcp:1", "tcp:1"]);
        found("[serverFromString(r, d) for d in ('tcp:1', 'tcp:2')]", &["tcp:1", "tcp:2"]);
        found(&format!("d = a or 'tcp:1'\n{USE}{USE}"), &["tcp:1"]);
        found("d = 'tcp:1'\nserverFromString(r, x or d)\n", &["tcp:1"]);
    }

    #[test]
    fn names_bound_several_times_are_unknown() {
        found(&format!("if x:\n  d = 'tcp:1'\nelse:\n  d = 'tcp:2'\n{USE}"), &["tcp:1", "tcp:2"]);
        found(&format!("d = 'tcp:1'\nif x:\n  d = 'tcp:2'\n{USE}"), &["tcp:1", "tcp:2"]);
        found(&format!("d = 'tcp:1'\nd = 'tcp:2'\n{USE}"), &["tcp:2"]);
        let fallback = format!("def f(d=None):\n  if d is None:\n    d = 'tcp:1'\n  {USE}");
        found(&fallback, &["tcp:1"]);
        found(&format!("d = 'tcp:1'\nd += ':x'\n{USE}"), &["tcp:1:x"]);
        let added = format!("def f(h):\n  d = 'tcp:1'\n  if h:\n    d += ':x=' + h\n  {USE}");
        found(&added, &["tcp:1", "tcp:1:x=1"]);
        let number = format!("d = '80'\nif x:\n  d = 'tcp:' + d\n{USE}");
        found(&number, &["tcp:1"]);
        found(&format!("d = 'tcp:1'\nfor d in x: pass\n{USE}"), &[]);
    }

    #[test]
    fn an_empty_value_of_a_name_is_no_description() {
        found(&format!("d = os.environ.get('D', '')\nif d:\n  {USE}"), &[]);
        found(&format!("d = ''\nif x:\n  d = 'tcp:1'\n{USE}"), &["tcp:1"]);
        found("serverFromString(r, '')\n", &[""]);
    }

    #[test]
    fn class_attributes_have_a_value() {
        let own = "serverFromString(r, self.d)\n";
        found(&format!("class A:\n  d = 'tcp:1'\n  def f(self):\n    {own}"), &["tcp:1"]);
        let method = "class A:\n  def __init__(self):\n    self.d = 'tcp:1'\n  def f(self):\n    ";
        found(&format!("{method}{own}"), &["tcp:1"]);
        let both =
            "class A:\n  d = 'tcp:1'\n  def g(self):\n    self.d = '8'\n  def f(self):\n    ";
        found(&format!("{both}{own}"), &["tcp:1"]);
        found(&format!("class B:\n  d = 'tcp:1'\nclass A:\n  def f(self):\n    {own}"), &[]);
        found(&format!("d = 'tcp:1'\n{own}"), &[]);
    }

    #[test]
    fn ambiguous_names_are_unknown() {
        for before in [
            "",
            "d = x\n",
            "d, e = 'tcp:1', 2\n",
            "d = 'tcp:1'\nimport a.d\n",
            "d = 'tcp:1'\nfrom a import b as d\n",
            "d = 'tcp:1'\ndef f():\n  global d\n",
            "d = 'tcp:1'\ndel d\n",
            "def d(): pass\n",
            "def f():\n  d = 'tcp:1'\n",
        ] {
            found(&format!("{before}{USE}"), &[]);
        }
        found(&format!("d = 'tcp:1'\ndef f(d):\n  {USE}"), &[]);
        found(&format!("def f(d='tcp:1'):\n  d = g(d)\n  {USE}"), &[]);
        found("d = 'tcp:1'\nx = lambda d: serverFromString(r, d)\n", &[]);
    }
}
