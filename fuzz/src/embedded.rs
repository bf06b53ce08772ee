//! A description that is written into a file is found there, with its text and at its place.
//!
//! Each form is an excerpt of a file with `@` for the description, and how its format quotes it.
//! The quoting is written down here once more, from the manuals of the formats.

use std::path::Path;
use std::sync::LazyLock;

use strports::check::{Checker, Configuration, Options};

/// One place for a description.
struct Form {
    file: &'static str,
    excerpt: &'static str,
    quoting: Quoting,
}

/// How a format writes a description.
#[derive(Clone, Copy)]
enum Quoting {
    /// As it is, up to the end of the line.
    Line,
    /// Without quotation marks, which needs a text without special characters.
    Plain,
    /// The same in YAML, where a colon at the end would make a key.
    YamlPlain,
    /// Between marks that nothing escapes.
    Single,
    /// Between double marks in which nothing is special.
    Free,
    /// With a backslash before each of these.
    Escaped(&'static str),
    /// Between single marks, which are doubled.
    Doubled,
    /// Between single marks in a document, where a word as a value stands for another text.
    Documented,
    /// The same without marks.
    DocumentedPlain,
}

use Quoting::{
    Documented, DocumentedPlain, Doubled, Escaped, Free, Line, Plain, Single, YamlPlain,
};

const SHELL_DOUBLE: Quoting = Escaped("\\\"$`");
const SHELL_ESCAPED: Quoting = Escaped("\\\"' ");
/// Strings of JSON, of TOML, of YAML and of Python between double marks.
const STRING: Quoting = Escaped("\\\"");
const PYTHON: Quoting = Escaped("\\'");
/// In systemd, both marks are escaped between either.
const UNIT: Quoting = Escaped("\\\"'");

const fn form(file: &'static str, excerpt: &'static str, quoting: Quoting) -> Form {
    Form { file, excerpt, quoting }
}

const FORMS: &[Form] = &[
    form("a.list", "tcp:1\n@\n", Line),
    form("a.sh", "#!/bin/sh\ndaphne -e @ app\n", Plain),
    form("a.sh", "A=1 daphne -b x -e '@' app # end\n", Single),
    form("a.sh", "if true; then exec daphne -e \"@\" app; fi\n", SHELL_DOUBLE),
    form("a.sh", "cd / && daphne \\\n    -e @ \\\n    app\n", SHELL_ESCAPED),
    form("a.sh", "for i in 1 2; do\n  (daphne --endpoint=@ app) &\ndone\n", SHELL_ESCAPED),
    form("a.sh", "cat <<'END' >x\n$(\nEND\nsudo -u www python3 -m daphne -e '@'\n", Single),
    form("Makefile", "A = b\nrun: a\n\t@daphne -e '@' app\n", Single),
    form("Makefile", "run: ; daphne -e \"@\" app\n", SHELL_DOUBLE),
    form("Procfile", "worker: true\nweb: daphne -e '@'", Single),
    form("Procfile", "web: daphne -e @\r\nworker: true\r\n", Plain),
    form("Dockerfile", "FROM a\nCMD [\"daphne\", \"-e\", \"@\"]\n", STRING),
    form("Dockerfile", "FROM a\nENTRYPOINT [\"daphne\"]\nCMD [\"-e\", \"@\"]\n", STRING),
    form("Dockerfile", "FROM a\nRUN true && \\\n    daphne -e '@' app\n", Single),
    form("Dockerfile", "FROM a\nENV COWRIE_SSH_LISTEN_ENDPOINTS=\"@\"\n", Plain),
    form("a.service", "[Unit]\n[Service]\nExecStart=/bin/daphne -e \"@\" app\n", UNIT),
    form("a.service", "[Service]\nExecStartPre=-daphne -e @\n", Plain),
    form("a.service", "[Service]\nExecCondition=daphne -e @\n", Plain),
    form("a.service", "[Service]\nExecStartPost=@daphne x -e @\n", Plain),
    form("a.service", "[Service]\nExecReload=daphne -e \\\n; a comment\n  \"@\"\n", UNIT),
    form("a.service", "[Service]\nExecStop=+daphne -e @\n", Plain),
    form("a.service", "[Service]\nExecStopPost=daphne -e '@'\n", UNIT),
    form("a.service", "[Service]\nEnvironment=A=1 COWRIE_SSH_LISTEN_ENDPOINTS=@\n", Plain),
    form("a.cron", "# m h dom mon dow\n*/5 0-7 * jan,feb 1 daphne -e '@' app\n", Single),
    form("cron.d/a", "0 0 1 1 * www daphne -e '@' app\n", Single),
    form("a.cron", "@reboot daphne -e '@' app\n", Single),
    form("a.cron", "COWRIE_SSH_LISTEN_ENDPOINTS = \"@\"\n", Plain),
    form(".env", "A=1\nCOWRIE_SSH_LISTEN_ENDPOINTS=@\n", Plain),
    form(".env", "export COWRIE_SSH_LISTEN_ENDPOINTS='@' # end\n", Plain),
    form(".env", " export  COWRIE_SSH_LISTEN_ENDPOINTS = \"@\"\n", Plain),
    form("a.nix", "{ a = 1; script = \"daphne -e @ app\"; }\n", Plain),
    form("a.nix", "{ script = ''\n  # x\n  daphne -e '@' app\n''; }\n", Single),
    form("a.ini", "[a]\nx = 1\nlisten = @\n", Line),
    form("a.ini", "[a]\nlisten: @\ny: 2\n", Line),
    form("a.ini", "[program:a]\ncommand=daphne -e @ app\n", Plain),
    form("setup.cfg", "[a]\nx = 1\n  2\n\n; c\nlisten = @\n", Line),
    form("a.toml", "[a]\nx = 1\nlisten = \"@\" # end\n", STRING),
    form("a.toml", "a = { x = [1, 2], listen = '@' }\n", Single),
    form("a.toml", "[[a]]\n[[a]]\nb.listen = '''@'''\n", Single),
    form("a.toml", "[a]\nlisten = ['@', ]\n", Single),
    form("a.json", "{\"x\": [1, \"y\", {}], \"listen\": \"@\"}\n", STRING),
    form("a.json", "{\"listen\": \"@\", \"y\": \"listen\"}\n", STRING),
    form("a.json", "// c\n[{\"a\": {\"listen\": [\"@\"],},},]\n", STRING),
    form("a.yaml", "x: 1\na:\n- listen: '@'\n", Doubled),
    form("a.yaml", "a: {x: [1], listen: \"@\"}\n", STRING),
    form("a.yaml", "listen: @ # end\nb: 2\n", YamlPlain),
    form("a.yaml", "listen: >-\n  @\nb: 2\n", Line),
    form("a.yaml", "--- {a: 1}\n---\nlisten:\n- @\n", YamlPlain),
    form("a.yaml", "services:\n  a:\n    command: daphne -e @ app\n", YamlPlain),
    form("a.yaml", "command: [daphne, -e, '@']\n", Doubled),
    form("a.md", "# A\n\n```sh\n$ daphne -e '@' app\n```\n", Documented),
    form("a.md", "# A\n\n```ini\nlisten_endpoints = @\n```\n", DocumentedPlain),
    form("a.rst", "A\n=\n\n.. code-block:: sh\n\n   daphne -e '@' app\n\nb\n", Documented),
    form("a.rst", "Like this::\n\n    daphne -e @ app\n", DocumentedPlain),
    form("a.py", "# x\ns = serverFromString(reactor, '@')\n", PYTHON),
    form("a.py", "s = endpoints.serverFromString(r,\n    description=\"@\",\n)\n", STRING),
    form("a.py", "s = clientFromString(r, '''@''')\n", PYTHON),
    form("a.py", "D = '@'\nserverFromString(reactor, D)\n", PYTHON),
    form("master.cfg", "c['www'] = {'port': '@'}\n", PYTHON),
    form("a.ps1", "& daphne -e '@' app\n", Single),
    form("a.ps1", "daphne `\n  -e \"@\" app\n", Free),
    form("a.bat", "@echo off\r\ndaphne -e \"@\" app\r\n", Free),
];

/// A checker for keys named `listen`, which lists what it reads.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let text = "[[source]]\nfiles = ['*.list']\nformat = 'list'\n[[source]]\nfiles = ['*']\n\
        keys = { '**.listen' = 'server', '**.listen.*' = 'server' }\n";
    let configuration =
        Configuration::parse(Path::new(""), text).unwrap_or_else(|error| panic!("{error}"));
    let mut options = Options::default();
    options.listing = true;
    Checker::with_configuration(options, configuration)
});

/// Checks the law: the first byte chooses the form, and the others are the end of a description.
pub fn holds(input: &[u8]) {
    let Some((choice, rest)) = input.split_first() else { return };
    let form = &FORMS[usize::from(*choice) % FORMS.len()];
    let allowed = |byte: &&u8| byte.is_ascii_alphanumeric() || b":=/._,+ \\'\"-".contains(byte);
    let rest: String = rest.iter().take(200).filter(allowed).map(|it| char::from(*it)).collect();
    let description = format!("tcp:80{}", rest.trim_end());
    found_in(form, &description);
}

fn found_in(form: &Form, description: &str) {
    let Some(quoted) = form.quoting.quote(description) else { return };
    // The last `@` of the excerpt is the place; others belong to the format.
    let (before, after) = form.excerpt.rsplit_once('@').expect("a place for the description");
    let file = [before, &quoted, after].concat();
    let checked = CHECKER.check_text(Path::new(form.file), file.as_bytes());
    let checked = checked.unwrap_or_else(|problem| panic!("{problem}"));
    let all: Vec<_> = checked.files_read().flat_map(|it| it.descriptions).collect();
    let found = all.iter().find(|it| &*it.text == description);
    let Some(found) = found else {
        panic!("{description:?} is not found in {} {file:?}, but {all:?}", form.file);
    };
    let lines = before.matches('\n').count() + 1;
    let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1;
    assert_eq!((found.start.line, found.start.column), (lines, column), "{file:?}");
    let end = (found.end.line, found.end.column);
    assert_eq!(end, (lines, column + quoted.len()), "{} {file:?}", form.file);
}

/// Every form with descriptions of several shapes.
pub fn samples() -> Vec<Vec<u8>> {
    let ends = [
        "80",
        "",
        ":interface=127.0.0.1",
        ":interface=\\:\\:1",
        ":interface=a b:backlog=5",
        ":99999:x=it's",
        ":interface=\"a\"",
        ":a=\\\\b",
        ":,=+-_.",
    ];
    let forms = (0..FORMS.len()).map(|it| u8::try_from(it).expect("few forms"));
    forms.flat_map(|form| ends.map(|end| [&[form], end.as_bytes()].concat())).collect()
}

impl Quoting {
    /// The text as the format writes it; `None` if it cannot be written like this.
    fn quote(self, text: &str) -> Option<String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":=/._,+-".contains(&byte);
        let has_value = |segment: &str| segment.bytes().any(|byte| byte.is_ascii_digit());
        let fits = match self {
            Line | Escaped(_) | Doubled => true,
            Plain => text.bytes().all(plain),
            YamlPlain => text.bytes().all(plain) && !text.ends_with(':'),
            Single => !text.contains('\''),
            Free => !text.contains(['"', '\\']),
            Documented => {
                let is_word = |byte: u8| byte == b'\'' || byte.is_ascii_uppercase();
                !text.bytes().any(is_word) && text.split([':', '=', ',']).skip(1).all(has_value)
            }
            DocumentedPlain => text.bytes().all(plain) && Documented.quote(text).is_some(),
        };
        let mut written = String::new();
        for char in text.chars() {
            match self {
                Escaped(special) if special.contains(char) => written.extend(['\\', char]),
                Doubled if char == '\'' => written.push_str("''"),
                _ => written.push(char),
            }
        }
        fits.then_some(written)
    }
}
