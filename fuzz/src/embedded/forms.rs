//! File excerpts in which a description can be placed, for every format that the linter reads.
//!
//! In each excerpt, `@` stands for the description. How the format quotes it is implemented again
//! here, from the manuals of the formats.

/// A file excerpt with one place for a description, and the quoting there.
pub(super) struct Form {
    pub(super) file: &'static str,
    pub(super) excerpt: &'static str,
    pub(super) quoting: Quoting,
}

/// How a format quotes a description.
#[derive(Clone, Copy)]
pub(super) enum Quoting {
    /// Unquoted; the description ends at the end of the line.
    Line,
    /// Unquoted, which only a text without special characters can be.
    Plain,
    /// Unquoted in YAML, where a colon at the end would begin a mapping.
    YamlPlain,
    /// Between quotation marks, without any escapes.
    Single,
    /// Between double quotation marks in which no character is special.
    Free,
    /// A backslash precedes each of these characters.
    Escaped(&'static str),
    /// Each of these characters is replaced by a text; others are written unchanged.
    Replaced(&'static [(char, &'static str)]),
    /// Between double quotation marks of `cmd.exe`. It doubles `%`, and the program itself requires
    /// backslashes before a quotation mark to be doubled.
    Windows,
    /// Between single quotation marks; one in the text is doubled.
    Doubled,
    /// Between single quotation marks in a document, where an upper-case word is a placeholder.
    Documented,
    /// As in `Documented`, without quotation marks.
    DocumentedPlain,
}

use Quoting::{
    Documented, DocumentedPlain, Doubled, Escaped, Free, Line, Plain, Replaced, Single, Windows,
    YamlPlain,
};

const SHELL_DOUBLE: Quoting = Escaped("\\\"$`");
const SHELL_ESCAPED: Quoting = Escaped("\\\"' $");
/// Strings of JSON, TOML, YAML and Python between double quotation marks.
const STRING: Quoting = Escaped("\\\"");
const PYTHON: Quoting = Escaped("\\'");
/// In systemd units, both quotation marks are escaped, and `$` and `%` are doubled.
const UNIT: Quoting =
    Replaced(&[('\\', "\\\\"), ('"', "\\\""), ('\'', "\\'"), (' ', " "), ('$', "$$"), ('%', "%%")]);
/// Strings in which colons are written as escapes: with two, four or eight hexadecimal digits, or
/// octal.
const HEXADECIMAL: Quoting = Replaced(&[(':', "\\x3a"), ('\\', "\\\\")]);
const UNICODE: Quoting = Replaced(&[(':', "\\u003a"), ('\\', "\\\\"), ('/', "\\/")]);
const UNICODE_OF_TOML: Quoting = Replaced(&[(':', "\\u003A"), ('\\', "\\\\")]);
const LONG_UNICODE: Quoting = Replaced(&[(':', "\\U0000003A"), ('\\', "\\\\")]);
const OCTAL: Quoting = Replaced(&[(':', "\\072"), ('\\', "\\\\")]);
/// Text in a makefile, which make expands before a shell reads it between quotation marks.
const MAKE: Quoting = Replaced(&[('$', "$$"), ('\\', "\\"), (' ', " "), ('%', "%")]);
const MAKE_DOUBLE: Quoting = Replaced(&[('\\', "\\\\"), ('"', "\\\""), ('$', "\\$$"), (' ', " ")]);
/// Text between quotation marks inside an indented string of Nix.
const NIX: Quoting = Replaced(&[('$', "''$"), ('\\', "\\"), (' ', " ")]);
const CARETS: Quoting = Replaced(&[(':', "^:"), ('$', "$"), ('\\', "\\")]);
const BACKTICKS: Quoting =
    Replaced(&[(':', "`:"), (',', "`,"), ('$', "`$"), ('"', "`\""), ('\\', "\\")]);

/// The placeholder in an ignore comment that is replaced by the codes of findings.
pub(super) const CODES: &str = "CODES";

const fn form(file: &'static str, excerpt: &'static str, quoting: Quoting) -> Form {
    Form { file, excerpt, quoting }
}

pub(super) const FORMS: &[Form] = &[
    form("a.list", "tcp:1\n@\n", Line),
    form("a.sh", "#!/bin/sh\ndaphne -e @ app\n", Plain),
    form("a.sh", "A=1 daphne -v 2 -e '@' app # end\n", Single),
    form("a.sh", "if true; then exec daphne -e \"@\" app; fi\n", SHELL_DOUBLE),
    form("a.sh", "cd / && daphne \\\n    -e @ \\\n    app\n", SHELL_ESCAPED),
    form("a.sh", "for i in 1 2; do\n  (daphne --endpoint=@ app) &\ndone\n", SHELL_ESCAPED),
    form("a.sh", "cat <<'END' >x\n$(\nEND\nsudo -u www python3 -m daphne -e '@'\n", Single),
    form("Makefile", "A = b\nrun: a\n\t@daphne -e '@' app\n", Single),
    form("Makefile", "run: ; daphne -e \"@\" app\n", MAKE_DOUBLE),
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
    form("a.list", "# tcp:2\n\n  @\n", Line),
    form("a.sh", "#; daphne -e tcp:2\ndaphne \\\r\n  -e '@' \\\r\n  app\r\n", Single),
    form("a.sh", "cat <<-'END' >x\n\tx\n\tEND\ndaphne -e '@'\n", Single),
    form("a.sh", "daphne -e $'@'\n", HEXADECIMAL),
    form("a.sh", "daphne -e $'@'\n", OCTAL),
    form("a.sh", "sudo -u www timeout -k 5 10 daphne -e '@'\n", Single),
    form("a.sh", "A+=1 env -u B C=2 python3 -W ignore -X dev -m daphne -e '@' 2>&1 >x\n", Single),
    form("a.sh", "docker run --rm -p 80:80 -e A=1 image daphne -e '@' | tee x\n", Single),
    form("a.sh", "ssh -p 22 host \"daphne -e @ app\"; su www -c 'true'\n", Plain),
    form("Makefile", "run:\n\t+@-daphne -e '@' app\n", MAKE),
    form(
        "Makefile",
        "# COWRIE_SSH_LISTEN_ENDPOINTS = tcp:2\nrun:\n\ttrue \\\n\t; daphne -e '@'\n",
        MAKE,
    ),
    form("Makefile", "export COWRIE_SSH_LISTEN_ENDPOINTS ?= @ # end\n", Plain),
    form("Procfile", "x y: daphne -e tcp:2\n# web: daphne -e tcp:2\nweb: daphne -e '@'\n", Single),
    form(
        "Dockerfile",
        "FROM a\nENTRYPOINT [\"daphne\"]\nFROM b\nCMD [\"-e\", \"tcp:2\"]\n\
        ONBUILD RUN daphne -e '@'\n",
        Single,
    ),
    form(
        "Dockerfile",
        "# escape=`\nFROM a\nRUN true && `\n  # daphne -e tcp:2\n  daphne -e '@'\n",
        Single,
    ),
    form("Dockerfile", "FROM a\nHEALTHCHECK --interval=5s CMD daphne -e '@'\n", Single),
    form("Dockerfile", "FROM a\nCMD [\"daphne\", \"-e\", \"@\"]\n", UNICODE),
    form("Dockerfile", "FROM a\nRUN <<END\ndaphne -e '@'\nEND\nRUN daphne -e tcp:1\n", Single),
    form(
        "a.service",
        "[Unit]\nExecStart=daphne -e tcp:2\n[Service]\n; ExecStart=daphne -e tcp:2\n\
        ExecStart=daphne -e '@'\n[Install]\nExecStart=daphne -e tcp:2\n",
        UNIT,
    ),
    form("a.service", "[Service]\nExecStart=daphne -e \"@\" app\n", HEXADECIMAL),
    form(
        "a.cron",
        "@reboot daphne -e '@' app\\%%daphne -e tcp:2\n0 0 * * daphne -e tcp:2\n",
        Single,
    ),
    form(
        ".env",
        "# COWRIE_SSH_LISTEN_ENDPOINTS=tcp:2\nCOWRIE_SSH_LISTEN_ENDPOINTS=@ # end\n",
        Plain,
    ),
    form(
        "a.nix",
        "# \"daphne -e tcp:2\"\n/* \"daphne -e tcp:2\" */\n{ a = ''daphne -e '@' ''; }\n",
        NIX,
    ),
    form(
        "a.nix",
        "{ script = \"daphne -e '@'\"; b = \"x\"; }\n",
        Replaced(&[('$', "\\$"), ('\\', "\\\\"), (' ', " ")]),
    ),
    form("a.ini", "\u{feff}listen = @\n# listen = tcp:2\n; listen = tcp:2\n", Line),
    form("a.ini", "[a]\nlisten =\n    # note\n    @\nx = 1\n", Line),
    form("tox.ini", "[testenv:a]\ncommands_pre = true\ncommands =\n    daphne -e @ app\n", Plain),
    form("a.toml", "[a]\nlisten = \"\"\"\n@\"\"\"\nb = 1\n", STRING),
    form("a.toml", "a.listen = \"@\"\n", UNICODE_OF_TOML),
    form("a.toml", "a.listen = \"@\"\n", LONG_UNICODE),
    form(
        "a.toml",
        "[[list]]\nexact = 'tcp:2'\n[[list]]\nexact = '@'\n[[list]]\nexact = 'tcp:2'\n",
        Single,
    ),
    form("a.toml", "[list.1]\nexact = '@'\n[list.1.x]\nexact = 'tcp:2'\n", Single),
    form("a.json", "{\"listen\": \"@\"}\n", UNICODE),
    form("a.json", "{\"list\": [{\"exact\": \"tcp:2\"}, {\"exact\": \"@\", \"x\": 1}]}\n", STRING),
    form(
        "a.json5",
        "/* listen: \"tcp:2\" */ {listen: \"@\", x: 'listen'} // \"listen\": \"tcp:2\"\n",
        STRING,
    ),
    form("a.yaml", "listen: &a !!str '@'\n# listen: tcp:2\n", Doubled),
    form("a.yaml", "listen: \"@\"\nb: |\n  listen: tcp:2\n", HEXADECIMAL),
    form("a.yaml", "list:\n  - {exact: tcp:2}\n  - exact: '@'\n    x: 1\n", Doubled),
    form("a.yaml", "listen: |-\n  @\n\n", Line),
    form("a.md", "Run `daphne -e @ app`.\n", DocumentedPlain),
    form("a.md", "~~~{.python .x}\nserverFromString(r, '@')\n~~~\n", DocumentedPlain),
    form(
        "a.md",
        "```console\n(venv) $ daphne \\\n> -e '@' app\nListening on tcp:2\n```\n",
        Documented,
    ),
    form("a.md", "```pycon\n>>> a = 1\n>>> serverFromString(reactor, '@')\n```\n", DocumentedPlain),
    form(
        "a.rst",
        ".. highlight:: python\n\n::\n\n    serverFromString(r, '@')\n\nb\n",
        DocumentedPlain,
    ),
    form(
        "a.rst",
        ".. code-block:: sh\n   :caption: x; daphne -e tcp:2\n\n   daphne -e '@'\n",
        Documented,
    ),
    form("a.rst", "Run ``daphne -e @`` now.\n", DocumentedPlain),
    form("a.py", "serverFromString(reactor, r'@')\n", Single),
    form("a.py", "serverFromString(reactor, '@')\n", OCTAL),
    form("a.py", "serverFromString(reactor, '@')\n", HEXADECIMAL),
    form("a.py", "serverFromString(reactor, u\"@\")\n", LONG_UNICODE),
    form("a.py", "D = 'tcp:2'\nD = '@'\nserverFromString(reactor, D)\n", PYTHON),
    form(
        "a.py",
        "from twisted.internet.endpoints import serverFromString as s\ns(r, '@')\n",
        PYTHON,
    ),
    form(
        "a.py",
        "def f(reactor, d='@'):\n    # serverFromString(r, 'tcp:2')\n    serverFromString(reactor, d)\n",
        PYTHON,
    ),
    form("a.py", "from twisted.application import strports\nstrports.service('@', site)\n", PYTHON),
    form("a.py", "for d in ['@']:\n    serverFromString(reactor, d)\n", PYTHON),
    form("a.py", "subprocess.run(['daphne', '-e', '@', 'app'])\n", PYTHON),
    form(
        "a.ps1",
        "#; daphne -e tcp:2\n<#; daphne -e tcp:2 #>\n$a = @\"\n\"\ndaphne -e tcp:2\n\"@\ndaphne -e '@'\n",
        Doubled,
    ),
    form("a.ps1", "daphne -e @ app\n", BACKTICKS),
    form("a.ps1", "daphne -e \"@\" app\n", BACKTICKS),
    form("a.bat", "REM & daphne -e tcp:2\r\n:: & daphne -e tcp:2\r\ndaphne -e @ app\r\n", CARETS),
    form("a.bat", "if exist x ( daphne ^\r\n  -e \"@\" app ) & true\r\n", Windows),
];

/// Files and the descriptions that are found in them, for quoting that no [`Form`] can express.
pub(super) const READINGS: &[(&str, &str, &[&str])] = &[
    ("a.sh", "daphne -e \"unix:/a\\`b\\c\"\n", &["unix:/a`b\\c"]),
    ("a.sh", "daphne -e unix:/a\"b c\"'d'\\ e\n", &["unix:/ab cd e"]),
    ("a.sh", "daphne -e $'unix:/a\\tb\\'c\\\\'\n", &["unix:/a\tb'c\\"]),
    (
        "a.sh",
        "daphne -e \"tcp:$((1+1))\" -e tcp:${P:-8}:backlog=$(nproc)\n",
        &["tcp:1", "tcp:1:backlog=1"],
    ),
    (
        "a.ps1",
        "daphne -e \"unix:/a`tb\"\"c\" -e 'unix:/d`t''e'\n",
        &["unix:/a\tb\"c", "unix:/d`t'e"],
    ),
    ("a.bat", "daphne -e tcp:%PORT%:backlog=%1\r\n", &["tcp:1:backlog=1"]),
    ("a.bat", "daphne -e \"unix:/a\\\\\" -e \"unix:/b\\\"c\"\r\n", &["unix:/a\\", "unix:/b\"c"]),
    ("a.md", "Use ``daphne -e tcp:8`` or ```daphne -e tcp:9```.\n", &["tcp:8", "tcp:9"]),
    ("a.service", "[Service]\nExecStart=daphne -e unix:/a%%b$$c\\sd\n", &["unix:/a%b$c d"]),
    ("a.service", "[Service]\nExecStart=daphne -e tcp:%i:backlog=${B}\n", &["tcp:1:backlog=1"]),
    ("a.yaml", "listen: \"unix:/a\n\n  b \\\n  c\"\n", &["unix:/a\nb c"]),
    ("a.yaml", "listen: >-\n  unix:/a\n  b\n", &["unix:/a b"]),
    ("a.yaml", "listen: 'unix:/a\n  b'\n", &["unix:/a b"]),
    ("a.yaml", "a: &x tcp:8080\nlisten: *x\n", &["tcp:8080"]),
    ("a.toml", "listen = \"\"\"unix:/a\\\n   b\\tc\"\"\"\n", &["unix:/ab\tc"]),
    ("a.json", "{\"listen\": \"unix:/\\ud83d\\ude00\\t\"}\n", &["unix:/\u{1f600}\t"]),
    ("Dockerfile", "CMD [\"daphne\", \"-e\", \"unix:/\\ud83d\\ude00a\"]\n", &["unix:/\u{1f600}a"]),
    ("a.py", "serverFromString(r, 'unix:/a\\\nb')\n", &["unix:/ab"]),
    ("a.py", "serverFromString(r, 'unix:' \"/a\" r'\\b')\n", &["unix:/a\\b"]),
    ("a.py", "serverFromString(r, f'tcp:{port}:backlog={{5}}')\n", &["tcp:1:backlog={5}"]),
    ("a.py", "serverFromString(r, 'tcp:%d:backlog=%s' % (a, b))\n", &["tcp:1:backlog=1"]),
    ("a.py", "serverFromString(r, 'tcp:{}:backlog={}'.format(a, b))\n", &["tcp:1:backlog=1"]),
    ("a.py", "d = 'tcp:80'\nd += ':backlog=5'\nserverFromString(r, d)\n", &["tcp:80:backlog=5"]),
    ("a.py", "serverFromString(r, 'unix:/\\x61\\u0062\\143\\N{DIGIT ONE}')\n", &["unix:/abc1"]),
    // Commands that start another program, and how shells join words.
    ("a.sh", "A+=1 bash -eo pipefail -c 'daphne -e tcp:8'\n", &["tcp:8"]),
    ("a.sh", "sudo -u www -- /opt/daphne.py -e tcp:8 # -e tcp:9\n", &["tcp:8"]),
    ("a.sh", "docker run --entrypoint=daphne image -e tcp:8\n", &["tcp:8"]),
    ("a.sh", "daphne -e ${A:-tcp:8} -e ${B:=tcp:9}\n", &["tcp:8", "tcp:9"]),
    ("a.sh", "daphne -e $'unix:/\\1411\\x62'\n", &["unix:/a1b"]),
    ("a.bat", "start \"a title\" /b daphne.EXE -e tcp:8\r\n", &["tcp:8"]),
    ("a.bat", "daphne -e tcp:%A%:backlog=%B:~0,3%\r\n", &["tcp:1:backlog=1"]),
    ("a.ps1", "daphne -e tcp:$P:backlog=$env:B\n", &["tcp:1:backlog=1"]),
    // Assignments of variables, and what ends their values.
    ("Makefile", "COWRIE_SSH_LISTEN_ENDPOINTS += unix:/a\\#b # c\n", &["unix:/a\\#b"]),
    ("Dockerfile", "FROM a\nENV COWRIE_SSH_LISTEN_ENDPOINTS tcp:8\n", &["tcp:8"]),
    ("Dockerfile", "RUN <<END\ntrue\nEND\nCMD [\"daphne\", \"-e\", \"unix:\\/a\"]\n", &["unix:/a"]),
    ("a.cron", "COWRIE_SSH_LISTEN_ENDPOINTS='tcp:8'\n", &["tcp:8"]),
    (".env", "COWRIE_SSH_LISTEN_ENDPOINTS=unix:/a#b # c\n", &["unix:/a#b"]),
    ("a.service", "[Service]\nExecStart=@daphne -e -e tcp:8\n", &["tcp:8"]),
    // Sections, nested keys, and names in one key beside the value in another.
    ("a.ini", "[a[0]]\nLISTEN = tcp:8\n", &["tcp:8"]),
    ("a.conf", "start on boot\nexec daphne -e tcp:8\n", &["tcp:8"]),
    ("a.yaml", "env:\n- name: COWRIE_SSH_LISTEN_ENDPOINTS\n  value: tcp:8\n", &["tcp:8"]),
    ("a.yaml", "command:\n  cmd:\n    a: daphne -e tcp:8\n", &["tcp:8"]),
    ("a.json", "{\"list\": {\"1\": {\"exact\": \"tcp:8\"}}}\n", &["tcp:8"]),
    ("a.toml", "listen = \"\"\"unix:/a\\ b\"\"\"\nx.listen = 'tcp:8'\n", &["tcp:8"]),
    // Code blocks and strings in files of several languages.
    ("a.md", "```sh,ignore\ndaphne -e tcp:8\n```\n", &["tcp:8"]),
    ("a.nix", "{ a = ''daphne -e unix:/a'''b'''c''; }\n", &["unix:/abc"]),
    (
        "a.py",
        "if a:\n        d = 'tcp:8'\n\tserverFromString(r, d)\nserverFromString(r, b'tcp:9')\n",
        &["tcp:8", "tcp:9"],
    ),
];

/// Files before and after safe fixes. No fix replaces a variable, or text that spans two strings.
pub(super) const MENDED: &[(&str, &str, &str)] = &[
    ("a.sh", "daphne -e tcp:$P:interface=::1\n", "daphne -e tcp:$P:interface=\\\\:\\\\:1\n"),
    ("a.sh", "daphne -e tcp:80:interface=${A}::1\n", "daphne -e tcp:80:interface=${A}::1\n"),
    (
        "a.sh",
        "daphne -e 'tcp:80:interface=[::'\"1]\"\n",
        "daphne -e 'tcp:80:interface=[::'\"1]\"\n",
    ),
    ("a.sh", "daphne -e tcp:$A:$B:$C:$D:$E\n", "daphne -e tcp:$A:$B:$C:$D:$E\n"),
    // In a batch file, `%` is written `%%`.
    (
        "a.bat",
        "daphne -e \"tcp:80:interface=fe80::1%%2\"\r\n",
        "daphne -e \"tcp:80:interface=fe80\\:\\:1%%2\"\r\n",
    ),
    // A fix that two aliases of one anchor require is applied once.
    ("a.yaml", "a: &x '8080'\nlisten: [*x, *x]\n", "a: &x 'tcp:8080'\nlisten: [*x, *x]\n"),
    ("a.yaml", "a: &x tcp:0_1\nlisten: [*x, *x]\n", "a: &x tcp:1\nlisten: [*x, *x]\n"),
    (
        "a.py",
        "d = 'tcp:0_1'\nserverFromString(r, d)\nserverFromString(r, d)\n",
        "d = 'tcp:1'\nserverFromString(r, d)\nserverFromString(r, d)\n",
    ),
];

/// File excerpts with a comment that ignores the findings of the description.
pub(super) const IGNORING: &[Form] = &[
    form("a.list", "# strports: ignore[CODES]\n@\n", Line),
    form("a.list", "@ # strports: ignore[CODES]\n", Line),
    form("a.sh", "# strports: ignore[CODES]\ndaphne -e '@' app\n", Single),
    form("a.sh", "# strports: ignore[CODES]\n# another\ndaphne \\\n  -e '@' app\n", Single),
    form("a.sh", "daphne -e '@' app # strports: ignore[CODES]\n", Single),
    form("Dockerfile", "FROM a\n# strports: ignore[CODES]\nRUN daphne -e '@' app\n", Single),
    form("a.service", "[Service]\n; strports: ignore[CODES]\nExecStart=daphne -e '@'\n", UNIT),
    form("a.ini", "[a]\n# strports: ignore[CODES]\nlisten = @\n", Line),
    form("a.toml", "listen = '@' # strports: ignore[CODES]\n", Single),
    form("a.yaml", "a:\n  # strports: ignore[CODES]\n  listen: '@'\n", Doubled),
    form("a.json5", "{\n  // strports: ignore[CODES]\n  listen: \"@\"}\n", STRING),
    form("a.nix", "/* strports: ignore[CODES] */\n\"daphne -e '@'\"\n", Plain),
    form(
        "a.md",
        "<!-- strports: ignore[CODES] -->\n\n```sh\n$ daphne -e '@' app\n```\n",
        Documented,
    ),
    form("a.py", "# strports: ignore[CODES]\nserverFromString(reactor, '@')\n", PYTHON),
    form("a.ps1", "daphne -e '@' # strports: ignore[CODES]\n", Doubled),
    form("a.bat", "REM strports: ignore[CODES]\r\ndaphne -e \"@\"\r\n", Free),
];

impl Form {
    /// How many descriptions the file contains: `@`, and each `tcp:1`. `tcp:2` stands where none is
    /// read.
    pub(super) fn descriptions(&self) -> usize {
        1 + self.excerpt.matches("tcp:1").count()
    }
}

impl Quoting {
    /// Returns the text as the format writes it; `None` if the format cannot quote it like this.
    pub(super) fn quote(self, text: &str) -> Option<String> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":=/._,+-".contains(&byte);
        let has_value = |segment: &str| segment.bytes().any(|byte| byte.is_ascii_digit());
        // These begin a variable or a comment in most formats, so they require an escape.
        let is_special = |char| "$%#".contains(char);
        let fits = match self {
            Replaced(table) => {
                let known = |char| table.iter().any(|it| it.0 == char);
                text.chars().all(|it| known(it) || it.is_ascii() && plain(it as u8))
            }
            Escaped(special) if text.chars().any(|it| is_special(it) && !special.contains(it)) => {
                false
            }
            Escaped(_) => true,
            Windows => {
                let runs = text.split(|it: char| it != '\\').filter(|it| !it.is_empty());
                let before_marks = text.matches("\\\"").count() == runs.count();
                let is_letter = |it: &str| it.starts_with(|it: char| it.is_ascii_alphabetic());
                before_marks
                    && !text.contains(['$', '#'])
                    && !text.split('%').skip(1).any(is_letter)
            }
            Line => !text.contains(['$', '%']) && !text.contains(" #"),
            _ if text.contains(is_special) => false,
            Doubled => true,
            Plain => text.bytes().all(plain),
            YamlPlain => text.bytes().all(plain) && !text.ends_with(':'),
            // A raw string of Python cannot end in a backslash.
            Single => !text.contains('\'') && !text.ends_with('\\'),
            Free => !text.contains(['"', '\\']),
            Documented => {
                let is_word = |byte: u8| byte == b'\'' || byte.is_ascii_uppercase();
                // In a document, `...` is a placeholder.
                let has_placeholder = text.contains("...") || text.bytes().any(is_word);
                !has_placeholder && text.split([':', '=', ',']).skip(1).all(has_value)
            }
            DocumentedPlain => text.bytes().all(plain) && Documented.quote(text).is_some(),
        };
        fits.then(|| self.quote_any(text))
    }

    /// Returns the text with the format's escapes, without checking that it can be quoted.
    pub(super) fn quote_any(self, text: &str) -> String {
        let mut written = String::new();
        for char in text.chars() {
            match self {
                Escaped(special) if special.contains(char) => written.extend(['\\', char]),
                Doubled if char == '\'' => written.push_str("''"),
                Windows if char == '%' => written.push_str("%%"),
                Windows if matches!(char, '\\' | '"') => written.extend(['\\', char]),
                Replaced(table) => match table.iter().find(|it| it.0 == char) {
                    Some((_, text)) => written.push_str(text),
                    None => written.push(char),
                },
                _ => written.push(char),
            }
        }
        written
    }
}
