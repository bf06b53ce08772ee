//! Finds calls of known functions with a description among their arguments.

use tree_sitter::Node;

use super::lines::Lines;
use super::statement::{Reader, Statement};
use super::syntax::{Field, Known, Syntax};
use super::value::{arguments, callee, items, keyword, last_name, string};
use strports_syntax::Role;

/// A function or class with an argument that is a description.
struct Call {
    /// The name of the function; empty if any function with the keyword matches.
    name: &'static str,
    /// The module before the name, as in `strports.service`; `None` if any module may have it.
    of: Option<&'static str>,
    /// The index of the description among the positional arguments, from 0; `None` if it must be a
    /// keyword.
    position: Option<usize>,
    /// The keywords of arguments with a description.
    keywords: &'static [&'static str],
    shape: Shape,
    role: Role,
    /// A word that the file must contain. Without it, the call is of an unrelated function with the
    /// same name.
    needs: &'static str,
}

/// The type of the argument that contains descriptions.
#[derive(Clone, Copy)]
enum Shape {
    One,
    /// A list, each item of which is a description.
    List,
    /// A dictionary with descriptions under these keys.
    Under(&'static [&'static str]),
}

static CALLS: &[Call] = &[
    // Twisted: twisted.internet.endpoints, twisted.application.strports, twisted.conch.manhole_tap.
    Call::new("serverFromString").taking(1, &["description"]),
    Call::new("clientFromString").taking(1, &["description"]).client(),
    Call::new("service").in_module("strports").taking(0, &["description"]),
    Call::new("listen").in_module("strports").taking(0, &["description"]),
    Call::new("makeService")
        .in_module("manhole_tap")
        .taking(0, &[])
        .shape(Shape::Under(&["telnetPort", "sshPort"]))
        .needs("manhole_tap"),
    // Klein: Klein.run.
    Call::new("").keywords(&["endpoint_description"]),
    // Daphne: daphne.server.Server.
    Call::new("Server").keywords(&["endpoints"]).shape(Shape::List).needs("daphne"),
    // Foolscap, and so tahoe-lafs: Tub.listenOn.
    Call::new("listenOn").taking(0, &["what"]).needs("foolscap"),
    // Buildbot, which also accepts port numbers in these places.
    Call::new("Worker")
        .keywords(&["connection_string", "proxy_connection_string"])
        .client()
        .needs("buildbot"),
    Call::new("PBChangeSource").taking(0, &["port"]).needs("buildbot"),
    Call::new("PBListener").taking(0, &["port"]).needs("buildbot"),
    Call::new("Try_Userpass").taking(2, &["port"]).needs("buildbot"),
    Call::new("TelnetManhole").taking(0, &["port"]).needs("buildbot"),
    Call::new("PasswordManhole").taking(0, &["port"]).needs("buildbot"),
    Call::new("AuthorizedKeysManhole").taking(0, &["port"]).needs("buildbot"),
    // Vumi: the settings of its components.
    Call::new("ConfigServerEndpoint").keywords(&["default"]).needs("vumi"),
    Call::new("ConfigClientEndpoint").keywords(&["default"]).client().needs("vumi"),
];

impl Call {
    const fn new(name: &'static str) -> Self {
        let (of, position, keywords, needs) = (None, None, &[], "");
        Self { name, of, position, keywords, shape: Shape::One, role: Role::Server, needs }
    }

    const fn in_module(self, module: &'static str) -> Self {
        Self { of: Some(module), ..self }
    }

    const fn taking(self, position: usize, keywords: &'static [&'static str]) -> Self {
        Self { position: Some(position), keywords, ..self }
    }

    const fn keywords(self, keywords: &'static [&'static str]) -> Self {
        Self { keywords, ..self }
    }

    const fn shape(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    const fn client(self) -> Self {
        Self { role: Role::Client, ..self }
    }

    const fn needs(self, word: &'static str) -> Self {
        Self { needs: word, ..self }
    }
}

/// The maximum number of imported names of modules, and of functions, that are recorded.
const MOST_NAMES: usize = 64;

/// Words for which a program is read even if it contains no type with a colon.
pub(super) const WORDS: &[&str] = &["FromString", "strports", "endpoint_description"];

impl Call {
    /// The word that a line with the call contains: the function, or a keyword of any function.
    fn word(&self) -> &'static str {
        if self.name.is_empty() { self.keywords[0] } else { self.name }
    }

    /// Whether the argument must be a description, so that any other text is an error. The
    /// functions of other packages may accept a port number.
    fn is_strict(&self) -> bool {
        self.needs.is_empty()
    }

    /// The expressions for descriptions among the arguments of `call`, which calls this function.
    fn argument<'t>(&self, statement: &Statement<'_>, call: Node<'t>) -> Vec<Node<'t>> {
        let named = self.keywords.iter().filter_map(|it| keyword(statement, call, it.as_bytes()));
        let mut found: Vec<_> = named.collect();
        if let Some(position) = self.position {
            found.extend(arguments(call).get(position));
        }
        match self.shape {
            Shape::One => found,
            Shape::List => found.into_iter().filter_map(items).flatten().collect(),
            Shape::Under(keys) => {
                let dictionaries = found.into_iter().filter(|it| it.syntax() == Syntax::Dictionary);
                dictionaries.flat_map(|it| values(statement, it, keys)).collect()
            }
        }
    }
}

/// The values of a dictionary display under `keys`, in the order of the program.
fn values<'t>(statement: &Statement<'_>, dictionary: Node<'t>, keys: &[&str]) -> Vec<Node<'t>> {
    let mut cursor = dictionary.walk();
    let pairs = dictionary.named_children(&mut cursor).filter(|it| it.syntax() == Syntax::Pair);
    let wanted = pairs.filter(|pair| {
        let key = pair.field(Field::Key).and_then(|key| string(statement, key));
        key.is_some_and(|key| keys.contains(&&*key))
    });
    wanted.filter_map(|pair| pair.field(Field::Value)).collect()
}

/// The functions of the table that a file may call, under the names that it uses for them.
pub(super) struct Calls {
    /// The functions under their own names.
    known: Vec<(Vec<u8>, &'static Call)>,
    /// The names under which the file imports modules, with the real name of each.
    modules: Vec<(Vec<u8>, &'static str)>,
    /// The functions that the file imports by name, which are called without a module.
    bare: Vec<(Vec<u8>, &'static Call)>,
}

/// An argument of a known function that is a description.
pub(super) struct Argument<'t> {
    pub(super) node: Node<'t>,
    pub(super) role: Role,
    /// The name of the function or the keyword, for the list of descriptions (`--list`).
    pub(super) function: &'static str,
    /// Whether the argument must be a description, so that even text without a colon is checked.
    pub(super) is_strict: bool,
}

impl Calls {
    pub(super) fn new(file: &[u8]) -> Self {
        let has = |word: &str| memchr::memmem::find(file, word.as_bytes()).is_some();
        // Neighbors in the table need the same word, so the last search is remembered.
        let mut last = ("", true);
        let mut has_needed = |needs: &'static str| {
            if last.0 != needs {
                last = (needs, has(needs));
            }
            last.1
        };
        let known = CALLS
            .iter()
            .filter(|call| has_needed(call.needs) && call.of.is_none_or(has) && has(call.word()));
        let known = known.map(|call| (call.word().into(), call)).collect();
        Self { known, modules: Vec::new(), bare: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Records the names under which the file imports known functions and their modules.
    pub(super) fn learn<'f>(&mut self, lines: &Lines<'f>, reader: &mut Reader<'f>) {
        let mut words: Vec<Vec<u8>> = self.known.iter().map(|(name, _)| name.clone()).collect();
        words.extend(self.known.iter().filter_map(|(_, call)| call.of).map(Into::into));
        let mut imports: Vec<usize> = words.iter().flat_map(|word| lines.with(word)).collect();
        imports.sort_unstable();
        imports.dedup();
        for line in imports.into_iter().filter(|line| lines.is_import(*line)) {
            let Some(statement) = reader.read(lines.range(line)) else { continue };
            for node in statement.nodes().filter(|node| node.syntax() == Syntax::DottedName) {
                self.imported(&statement, node);
            }
        }
    }

    /// Records the name that an import statement binds, if `node` names a known function or module.
    fn imported(&mut self, statement: &Statement<'_>, node: Node<'_>) {
        let last = |node: Node<'_>| {
            let text = statement.text(node);
            text.rsplit(|byte| *byte == b'.').next().unwrap_or(text)
        };
        let Some(mut import) = node.parent() else { return };
        let mut local = last(node);
        if import.syntax() == Syntax::AliasedImport {
            local = import.field(Field::Alias).map_or(local, last);
            let Some(around) = import.parent() else { return };
            import = around;
        }
        let module = import.field(Field::ModuleName);
        if module == Some(node) {
            return;
        }
        let module = module.map(last);
        let of: Vec<_> = self.known.iter().map(|(_, call)| *call).collect();
        for call in of {
            // Each recorded name costs a search through the whole file.
            if self.modules.len().max(self.bare.len()) >= MOST_NAMES {
                return;
            }
            if call.of.is_some_and(|it| it.as_bytes() == last(node)) {
                self.modules.extend(call.of.map(|of| (local.to_vec(), of)));
            }
            if call.name.as_bytes() == last(node)
                && call.of.is_none_or(|it| Some(it.as_bytes()) == module)
            {
                self.bare.push((local.to_vec(), call));
            }
        }
    }

    /// The numbers of the lines that may contain one of the calls, in order.
    pub(super) fn lines(&self, lines: &Lines<'_>) -> Vec<usize> {
        let names = self.known.iter().chain(&self.bare).map(|(name, _)| name);
        let mut found: Vec<usize> = names.flat_map(|name| lines.with(name)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The arguments of `call` that are descriptions; empty if the function is unknown.
    pub(super) fn arguments<'t>(
        &self,
        statement: &Statement<'_>,
        call: Node<'t>,
    ) -> Vec<Argument<'t>> {
        let name = callee(statement, call);
        let function = call.field(Field::Function);
        let object = function.and_then(|function| function.field(Field::Object));
        let is_of = |of: &str| {
            let module = object.map_or(b"".as_slice(), |object| last_name(statement, object));
            module == of.as_bytes()
                || self.modules.iter().any(|(name, known)| name == module && *known == of)
        };
        let methods = self
            .known
            .iter()
            .filter(|(called, it)| it.name.is_empty() || called == name && it.of.is_none_or(is_of));
        let functions = self.bare.iter().filter(|(called, _)| object.is_none() && called == name);
        let mut found: Vec<Argument<'t>> = Vec::new();
        for (_, it) in methods.chain(functions) {
            for node in it.argument(statement, call) {
                if found.iter().all(|known| known.node != node) {
                    let (role, function, is_strict) = (it.role, it.word(), it.is_strict());
                    found.push(Argument { node, role, function, is_strict });
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::super::FORMAT;
    use crate::check::source::tests::{find, finds, texts};
    use strports_syntax::Role;

    #[track_caller]
    fn found(program: &str, wanted: &[&str]) {
        finds(&FORMAT, "a.py", program, wanted);
    }

    #[test]
    fn calls_are_found_under_imported_names() {
        for program in [
            "serverFromString(reactor, 'tcp:1')",
            "twisted.internet.endpoints.serverFromString(self.r(1, 2), 'tcp:1').listen(f)",
            "serverFromString(reactor=reactor, description='tcp:1')",
            "serverFromString(\n  reactor, # 'tcp:2'\n  'tcp:1', *a, **k)",
            "strports.service('tcp:1', f)",
            "twisted.application.strports.listen(description='tcp:1', factory=f)",
            "from twisted.application.strports import service\nservice('tcp:1', f)",
            "from twisted.application.strports import (listen as l,\n x)\nl('tcp:1', f)",
            "from twisted.application import strports as s\ns.service('tcp:1', f)",
            "import twisted.application.strports as s\ns.service('tcp:1', f)",
            "from x import serverFromString as s\nawait s(r, 'tcp:1')",
            "app.run(endpoint_description='tcp:1')",
            "from daphne.server import Server\nServer(a, endpoints=['tcp:1', e])",
            "import foolscap\ntub.listenOn('tcp:1')",
            "from buildbot.plugins import *\nPasswordManhole('tcp:1', 'a', 'b')",
            "from vumi.config import *\ne = ConfigServerEndpoint('x', default='tcp:1', static=True)",
            "from buildbot import x\nTry_Userpass('t', ['b'], port='tcp:1')",
            "manhole_tap.makeService({'telnetPort': 'tcp:1', 'namespace': 'a:b', 'sshPort': '22'})",
            "serverFromString('tcp:2', 'tcp:1', 'tcp:3')",
        ] {
            found(program, &["tcp:1"]);
        }
        let roles = |program: &[u8]| -> Vec<_> {
            find(&FORMAT, "a.py", program).iter().map(|it| it.role).collect()
        };
        let clients = b"import buildbot\nclientFromString(r, 'a')\nWorker(connection_string='b:')";
        assert_eq!(roles(clients), [Some(Role::Client); 2]);
        let both = b"d = 'tcp:1'\nserverFromString(r, d)\nclientFromString(r, d)";
        assert_eq!(roles(both), [None]);
    }

    #[test]
    fn similar_calls_are_ignored() {
        for program in [
            "service('tcp:1')",
            "strports\nother.service('tcp:1', f)",
            "from x import service\nstrports\nservice('tcp:1')",
            "Server(endpoints=['tcp:1'])",
            "sock.listenOn('tcp://*:80')",
            "Message.FromString('tcp:1')",
            "'serverFromString(r, \\'tcp:1\\')'",
            "# serverFromString(r, 'tcp:1')",
            "def f():\n  '''\n  serverFromString(r, 'tcp:1')\n  '''",
            "serverFromString(r)",
            "serverFromString(*a, 'tcp:1')",
            "myserverFromString(r, 'tcp:1')",
            "import buildbot\nWorker('tcp:1', port='tcp:2')",
        ] {
            found(program, &[]);
        }
    }

    #[test]
    fn broken_programs_are_read_as_far_as_possible() {
        let program = "def f(:\n  x = serverFromString(r, 'tcp:1'\ndef g(]):\n  return '\n\
                       if\n   else: serverFromString(r, 'tcp:2')\n} serverFromString(r, 'tcp:3')\n\
                       print 'a' % serverFromString(r, ur'tcp:4'), `x`\n\
            é serverFromString(r, 'tcp:5";
        found(program, &["tcp:1", "tcp:2", "tcp:3", "tcp:4"]);
        for end in (0..program.len()).filter(|end| program.is_char_boundary(*end)) {
            assert!(texts(&FORMAT, "a.py", &program.as_bytes()[..end]).len() <= 4);
        }
    }
}
