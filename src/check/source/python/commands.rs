//! Command lines, environment variables and defaults of options in a program.
//!
//! ```text
//! ["daphne", "-e", "tcp:80"]              a list of words, for any function
//! subprocess.run("daphne -e tcp:80")      a text for a shell
//! os.execlp("daphne", "daphne", "-e", …)  words that are arguments
//! cmd = "daphne -e tcp:80"               by the name of what gets it
//! {"NAME": "tcp:80"}, os.environ["NAME"] = "tcp:80", dict(NAME="tcp:80"), putenv("NAME", …)
//! optParameters = [["port", "p", "tcp:80", "…"]]
//! ```

use tree_sitter::Node;

use super::lines::Lines;
use super::statement::{Statement, children};
use super::syntax::{Field, Known, Syntax};
use super::value::{arguments, callee, items, last_name, string, texts};
use crate::check::embedded::{Embedded, Quoting};
use crate::check::prefilter::{has_known_type, types};
use crate::check::source::bounds::Words;
use crate::check::source::command::CommandLines;
use crate::check::source::context::{Context, Key};

/// Functions whose first argument is a command: a text for a shell, or a list of words.
const SHELLS: [&[u8]; 20] = [
    b"run",
    b"call",
    b"check_call",
    b"check_output",
    b"Popen",
    b"popen",
    b"system",
    b"getoutput",
    b"getstatusoutput",
    b"create_subprocess_shell",
    b"local",
    b"sudo",
    b"shell",
    b"execute",
    b"exec_command",
    b"spawn",
    b"Command",
    b"ShellCommand",
    b"sh",
    b"popen2",
];

/// Functions whose first argument is the name of an environment variable, and whose second is its
/// value.
const SETTERS: [&[u8]; 5] = [b"setdefault", b"putenv", b"setenv", b"set_env", b"addenv"];

/// The maximum number of words of a command line. Longer lists are data.
const MOST_WORDS: usize = 256;

/// The descriptions in one statement, and the expressions in which descriptions may be.
#[derive(Default)]
pub(super) struct Found<'t, 'c> {
    /// Descriptions that are literals on command lines.
    pub(super) descriptions: Vec<Embedded>,
    /// Expressions in place of a description on a command line, each with that placeholder.
    pub(super) named: Vec<(Node<'t>, Embedded)>,
    /// Expressions whose value is a command for a shell.
    pub(super) shells: Vec<Node<'t>>,
    /// Expressions for the value of an environment variable, each with the settings for it.
    pub(super) values: Vec<(Node<'t>, Key<'c>)>,
    /// Expressions for the default of an option in `optParameters`.
    pub(super) defaults: Vec<Node<'t>>,
}

/// Searches a statement for command lines, environment variables and options. `unit` is the next
/// free unit.
pub(super) fn find<'t, 'c>(
    statement: &'t Statement<'_>,
    context: &Context<'c>,
    unit: &mut usize,
) -> Found<'t, 'c> {
    let mut found = Found::default();
    let variable = |name: &str| context.variable(name.as_bytes());
    for node in statement.nodes() {
        match node.syntax() {
            Syntax::List | Syntax::Tuple => {
                words(statement, node, false, context, unit, &mut found);
            }
            Syntax::Call => call(statement, node, context, unit, &mut found),
            Syntax::Pair => {
                let key = node.field(Field::Key).and_then(|it| string(statement, it));
                let value = node.field(Field::Value);
                found.values.extend(value.zip(key.as_deref().and_then(variable)));
            }
            Syntax::KeywordArgument => {
                let name = node.field(Field::Name).map(|it| statement.text(it));
                let key = name.and_then(|name| context.variable(name));
                found.values.extend(node.field(Field::Value).zip(key));
            }
            Syntax::Assignment => assignment(statement, node, context, &mut found),
            _ => {}
        }
    }
    found
}

fn assignment<'t, 'c>(
    statement: &Statement<'_>,
    node: Node<'t>,
    context: &Context<'c>,
    found: &mut Found<'t, 'c>,
) {
    let (left, right) = (node.field(Field::Left), node.field(Field::Right));
    let (Some(left), Some(right)) = (left, right) else { return };
    if left.syntax() == Syntax::Subscript {
        let name = left.field(Field::Subscript).and_then(|it| string(statement, it));
        let key = name.and_then(|name| context.variable(name.as_bytes()));
        found.values.extend(key.map(|key| (right, key)));
        return;
    }
    let name = last_name(statement, left).to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&name, word).is_some();
    if name == b"optparameters" {
        let rows = items(right).unwrap_or_default().into_iter().filter_map(items);
        found.defaults.extend(rows.filter_map(|row| row.get(2).copied()));
    } else if has(b"cmd") || has(b"command") {
        found.shells.push(right);
    }
}

fn call<'t, 'c>(
    statement: &Statement<'_>,
    node: Node<'t>,
    context: &Context<'c>,
    unit: &mut usize,
    found: &mut Found<'t, 'c>,
) {
    let name = callee(statement, node);
    let arguments = arguments(node);
    let first = arguments.first().copied();
    if SETTERS.contains(&name) {
        let key = first.and_then(|it| string(statement, it));
        let key = key.and_then(|key| context.variable(key.as_bytes()));
        found.values.extend(arguments.get(1).copied().zip(key));
    } else if name.starts_with(b"exec") || name.starts_with(b"spawn") {
        words(statement, node, false, context, unit, found);
    }
    let function = node.field(Field::Function).map(|it| statement.text(it));
    let is_daphne = function.is_some_and(|it| it.starts_with(b"CommandLineInterface"));
    match first {
        Some(list) if is_daphne && items(list).is_some() => {
            words(statement, list, true, context, unit, found);
        }
        Some(text) if SHELLS.contains(&name) && items(text).is_none() => found.shells.push(text),
        _ => {}
    }
}

/// Reads the items of a list, or the arguments of a call, as the words of one command line.
/// `is_daphne` is whether they are arguments of Daphne, without its name.
fn words<'t, 'c>(
    statement: &Statement<'_>,
    node: Node<'t>,
    is_daphne: bool,
    context: &Context<'c>,
    unit: &mut usize,
    found: &mut Found<'t, 'c>,
) {
    let text = statement.text(node);
    let may_be = is_daphne || context.names.are_in(text) || has_known_type(text);
    let list = match node.syntax() {
        Syntax::Call => arguments(node).into_iter().skip(1).collect(),
        _ => children(node),
    };
    if !may_be || list.len() > MOST_WORDS || list.len() < 2 {
        return;
    }
    let mut words = Words::default();
    if is_daphne {
        let mut word = Embedded::new(None, Quoting::NEVER);
        let start = statement.range(node).start;
        word.escape(b"daphne", start..start);
        words.push(word);
    }
    for item in &list {
        let word = texts(statement, *item).first().map(|it| it.embedded(statement.file(), None));
        words.push(word.unwrap_or_else(|| {
            let mut word = Embedded::new(None, Quoting::NEVER);
            word.unknown(statement.range(*item));
            word
        }));
    }
    let mut lines = CommandLines::new(context, statement.file(), *unit);
    if !lines.words(&words) {
        lines.loose(&words);
    }
    for it in lines.found() {
        *unit = (*unit).max(it.unit.map_or(0, |unit| unit + 1));
        let item =
            list.iter().find(|item| it.is_unknown() && statement.range(**item) == it.whole());
        match item {
            Some(item) => found.named.push((*item, it)),
            None => found.descriptions.push(it),
        }
    }
}

/// Words for which a program is searched even if it names no known program or variable.
const WORDS: [&[u8]; 2] = [b"optParameters", b"CommandLineInterface"];

/// Whether a file may contain a command line, a variable or an option with a description. This is
/// decided before the file is split into lines.
pub(super) fn may_be_in(file: &[u8], context: &Context<'_>) -> bool {
    context.names.are_in(file)
        || values(file).next().is_some() && has_option(file)
        || WORDS.iter().any(|word| memchr::memmem::find(file, word).is_some())
}

/// The byte offsets of types at which the value of an option may begin: at the start of a literal,
/// or after the option: `"tcp:80"`, `"--endpoint=tcp:80"`, `-e` without a blank.
fn values(file: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let values = types(file).filter(|at| {
        let before = &file[..at.start];
        let is_start = before.last().is_some_and(|byte| b"'\"=".contains(byte));
        (is_start || before.ends_with(b"-e")) && !file[at.end..].starts_with(b"//")
    });
    values.map(|at| at.start)
}

/// Whether a text contains `-e` or `--`, which begin every option that is searched for.
fn has_option(text: &[u8]) -> bool {
    [&b"-e"[..], b"--"].iter().any(|it| memchr::memmem::find(text, it).is_some())
}

/// The numbers of the lines that may contain a command line, a variable or an option, in order.
pub(super) fn lines(file: &[u8], lines: &Lines<'_>, context: &Context<'_>) -> Vec<usize> {
    let mut types: Vec<usize> = values(file).filter_map(|place| lines.at(place)).collect();
    // A long list is one logical line with many types, but is searched only once.
    types.sort_unstable();
    types.dedup();
    types.retain(|line| has_option(&file[lines.range(*line)]));
    let names = context.names.places(file).into_iter().filter_map(|place| lines.at(place));
    let mut found: Vec<usize> = types.into_iter().chain(names).collect();
    for word in WORDS {
        found.extend(lines.with(word));
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::super::FORMAT;
    use crate::check::source::tests::finds;

    #[track_caller]
    fn found(program: &str, wanted: &[&str]) {
        finds(&FORMAT, "a.py", program, wanted);
    }

    #[test]
    fn started_programs_are_found() {
        for program in [
            "subprocess.Popen(['daphne', '-e', 'tcp:1', 'x:y'])",
            "subprocess.run([sys.executable, '-m', 'daphne', '-e', 'tcp:1', 'x'])",
            "subprocess.call('daphne -e tcp:1 x', shell=True)",
            "os.system('cd x && daphne -e tcp:1 x')",
            "sys.argv = ['daphne', '-e', 'tcp:1', 'x']",
            "os.execvp('daphne', ['daphne', '-e', 'tcp:1', 'x'])",
            "os.execlp('daphne', 'daphne', '-e', 'tcp:1', 'x')",
            "CommandLineInterface().run(['-e', 'tcp:1', 'x'])",
            "args = ['--endpoint', 'tcp:1', '-v', '3', 'x']",
            "d = 'tcp:1'\nCommandLineInterface().run(['-e', d, 'x'])",
            "cmd = 'twist web --listen=tcp:%d' % p\nsubprocess.Popen(cmd, shell=True)",
            "c.run('twistd web --port tcp:1 --path docs')",
        ] {
            found(program, &["tcp:1"]);
        }
        for program in [
            "'''Usage: daphne -e tcp:no'''",
            "print('daphne -e tcp:no')",
            "x = ['docker', '-p', 'tcp:no']",
            "x = ['-e', 'tcp://no']",
            "socket.connect(('daphne', 'tcp:no'))",
        ] {
            found(program, &[]);
        }
    }

    #[test]
    fn variables_and_defaults_are_found() {
        for program in [
            "env = {'BUILDBOT_WEB_PORT': 'tcp:1'}",
            "os.environ['BUILDBOT_WEB_PORT'] = 'tcp:1'",
            "p = 'tcp:1'\nos.environ.setdefault('BUILDBOT_WEB_PORT', p)",
            "run(env=dict(BUILDBOT_WEB_PORT='tcp:1'))",
            "class O(usage.Options):\n  optParameters = [('port', 'p', 'tcp:1', 'x'), ['h', 't', '8'], \
             ('x', None, None)]",
        ] {
            found(program, &["tcp:1"]);
        }
        found("x = os.environ.get('BUILDBOT_WEB_PORT')\noptParameters = [('a', 'b', 'c:d')]", &[]);
        let several = "e['COWRIE_A_LISTEN_ENDPOINTS'] = 'tcp:1 tcp:2'";
        found(several, &["tcp:1", "tcp:2"]);
    }
}
