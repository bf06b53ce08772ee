//! Names that stand for a text: those that are bound once where they are used.

use tree_sitter::Node;

use super::lines::Lines;
use super::statement::{Reader, Statement};
use super::value::{Text, items, texts};

/// A name on more lines is no name of one text.
const MOST_LINES: usize = 200;

/// One binding of a name.
struct Binding {
    /// The function or class in which it holds; `None` for the module.
    scope: Option<usize>,
    /// What may be meant by it; nothing where that is not known.
    texts: Vec<Text>,
}

/// What the name `name`, used on `line`, may stand for; nothing unless that is certain.
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
        for node in statement.nodes() {
            if node.kind() != "identifier" || statement.text(node) != name {
                continue;
            }
            match role(&statement, node) {
                Mention::Elsewhere => return Vec::new(),
                Mention::Bound(texts) => {
                    bindings.push(Binding { scope: lines.scope(mention), texts });
                }
                Mention::Parameter(texts) => {
                    bindings.push(Binding { scope: Some(mention), texts });
                }
                Mention::Inner(texts) if mention == line => return texts,
                // What is bound in a comprehension is not seen from outside of it.
                Mention::Use | Mention::Inner(_) => {}
            }
        }
    }
    in_scope(bindings, line, lines)
}

/// The binding that holds on `line`, if it is the only one of its scope.
fn in_scope(bindings: Vec<Binding>, line: usize, lines: &Lines<'_>) -> Vec<Text> {
    let own = lines.is_function(line).then_some(line);
    let innermost = lines.scope(line);
    // Methods do not see what is bound in their class.
    let around = lines
        .around(line)
        .filter(|it| lines.is_function(*it) || lines.is_class(*it) && Some(*it) == innermost);
    let mut scopes = own.into_iter().chain(around).map(Some).chain([None]);
    let holds = |scope: &Option<usize>| bindings.iter().any(|it| it.scope == *scope);
    let Some(scope) = scopes.find(holds) else { return Vec::new() };
    let mut inside = bindings.into_iter().filter(|binding| binding.scope == scope);
    let first = inside.next().map(|binding| binding.texts).unwrap_or_default();
    if inside.next().is_none() { first } else { Vec::new() }
}

/// What a name is where it is mentioned.
enum Mention {
    Use,
    /// It gets a value.
    Bound(Vec<Text>),
    /// It is a parameter, with a default.
    Parameter(Vec<Text>),
    /// It gets one inside an expression.
    Inner(Vec<Text>),
    /// It is declared `global` or `nonlocal`, so its value is not known here.
    Elsewhere,
}

fn role(statement: &Statement<'_>, node: Node<'_>) -> Mention {
    let Some(parent) = node.parent() else { return Mention::Use };
    let is = |field: &str| parent.child_by_field_name(field) == Some(node);
    let nothing = Vec::new;
    match parent.kind() {
        "assignment" if is("left") => match assigned(parent) {
            Some(value) => Mention::Bound(texts(statement, value)),
            // It is only annotated.
            None => Mention::Use,
        },
        "for_statement" if is("left") => Mention::Bound(each(statement, parent)),
        "for_in_clause" if is("left") => Mention::Inner(each(statement, parent)),
        "lambda_parameters" => Mention::Inner(nothing()),
        "default_parameter" | "typed_default_parameter" if is("name") => {
            let inside_lambda =
                parent.parent().is_some_and(|parent| parent.kind() == "lambda_parameters");
            let value = parent.child_by_field_name("value");
            let texts = value.map(|value| texts(statement, value)).unwrap_or_default();
            if inside_lambda { Mention::Inner(nothing()) } else { Mention::Parameter(texts) }
        }
        "parameters" | "typed_parameter" | "dictionary_splat_pattern" => {
            Mention::Parameter(nothing())
        }
        "augmented_assignment" if is("left") => Mention::Bound(nothing()),
        "named_expression" | "function_definition" | "class_definition" if is("name") => {
            Mention::Bound(nothing())
        }
        "aliased_import" if is("alias") => Mention::Bound(nothing()),
        "dotted_name" => match parent.parent().map(|it| it.kind()) {
            Some("decorator") | None => Mention::Use,
            Some(_) => Mention::Bound(nothing()),
        },
        "pattern_list" | "tuple_pattern" | "list_pattern" | "list_splat_pattern"
        | "as_pattern_target" | "delete_statement" | "ERROR" => Mention::Bound(nothing()),
        "global_statement" | "nonlocal_statement" => Mention::Elsewhere,
        _ => Mention::Use,
    }
}

/// The value of `a = b = value`.
fn assigned(assignment: Node<'_>) -> Option<Node<'_>> {
    let mut value = assignment.child_by_field_name("right")?;
    while value.kind() == "assignment" {
        value = value.child_by_field_name("right")?;
    }
    Some(value)
}

/// The texts that a loop goes through, where they are written out.
fn each(statement: &Statement<'_>, parent: Node<'_>) -> Vec<Text> {
    let list = parent.child_by_field_name("right").and_then(items).unwrap_or_default();
    list.into_iter().flat_map(|item| texts(statement, item)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::FORMAT;
    use crate::check::source::tests::texts;

    #[track_caller]
    fn found(program: &str, wanted: &[&str]) {
        assert_eq!(texts(&FORMAT, "a.py", program.as_bytes()), wanted, "{program}");
    }

    const USE: &str = "serverFromString(r, d)\n";

    #[test]
    fn ok_names_that_are_bound_once() {
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
    fn err_names_of_which_nobody_can_tell() {
        for before in [
            "",
            "d = x\n",
            "d = 'tcp:1'\nd = 'tcp:2'\n",
            "d = 'tcp:1'\nd += ':x'\n",
            "d, e = 'tcp:1', 2\n",
            "d = 'tcp:1'\nfor d in x: pass\n",
            "d = 'tcp:1'\nwith x as d: pass\n",
            "d = 'tcp:1'\nimport a.d\n",
            "d = 'tcp:1'\nfrom a import b as d\n",
            "d = 'tcp:1'\ndef f():\n  global d\n",
            "d = 'tcp:1'\nif (d := x): pass\n",
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
