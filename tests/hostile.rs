//! Hostile files: every reader ends, and keeps at most a multiple of the file size.
#![cfg(feature = "check")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "this is test code")]

use std::fs;
use std::path::{Path, PathBuf};

use allocation_counter::measure;

use strports::check::{Checker, Configuration, Options};

/// A file of each format, with content for its reader.
const FIXTURES: &[(&str, &str)] = &[
    (
        "a.ps1",
        "<# x #>\r\n$env:A = \"y\"; & \"daphne.exe\" `\r\n -e 'tcp:1' -e \"tcp:$a`:`\"${b}\" > l # c\n\
         twistd web --listen=tcp:$(f (g)) | x; @\"\na\n\"@\n",
    ),
    (
        "a.bat",
        "@echo off\r\nREM x\r\n:: y\r\nif x (call daphne -e tcp:%P% ^\r\n -e \"a\\\\\\\"%~dp0%%i!a!\") & \
         twistd web --listen=%P:~0,2% > a 2>&1\r\n",
    ),
    (
        "a.sh",
        "#!/bin/sh\nA=$(daphne -e tcp:`x`) && sudo sh -c 'daphne -e \"tcp:$P\"' <<E 2>&1 # c\nx\nE\n\
         daphne -e ${a:-b}\\:$'\\x3a' \\\n --endpoint=\"a b\" $((1 << 2)) {{ x }} <(y)\n",
    ),
    ("Procfile", "web: daphne -e tcp:$PORT\nw-2 : exec daphne -e 'tcp:8'\nbad x: y\n"),
    (
        "Dockerfile",
        "# escape=\\\nFROM a\nRUN --mount=x daphne -e tcp:1 && \\\n# c\n x\nENTRYPOINT [\"daphne\"]\n\
         CMD [\"-e\", \"tcp:\\u0031\\\"\"]\nRUN <<E\ndaphne -e tcp:2\nE\nHEALTHCHECK CMD daphne -e x\n",
    ),
    (
        "a.service",
        "[Service]\nWorkingDirectory=/x\nExecStart=@-daphne a -e \"tcp:%i\\x3a${A}$B\" \\\n ; c\n '-e' \
         tcp:2\\s ; /bin/sh -c 'daphne -e a:1'\n",
    ),
    (
        "a.toml",
        "listen = \"tcp\\u003a1\"\n[a]\nb.listen = ['x', \"\"\"\ny\\\n z\"\"\"]\n[[c]]\nlisten={{x}}\n",
    ),
    (
        "a.json",
        "{// c\n\"listen\": \"tcp:\\u0031\", /* x */ \"a\": {listen: ['x', 3, {\"listen\": \"${P}\"}]},\n\
         \"b\": {{ c }}, \"listen\": \"\\ud83d\\ude00\"}\n",
    ),
    (
        "a.yaml",
        "listen: &a \"tcp\\x3a1\"\nb:\n- listen: |\n   tcp:3\n- {listen: 'it''s', x: [*a, *a]}\n---\n\
         services:\n  a:\n    command: [daphne, -e, \"tcp:${P}\"]\n    entrypoint: sh -c 'x'\n\
         {{- if x }}\n? listen\n: >-\n  a\n  b\n",
    ),
    (
        "a.ini",
        "listen = tcp:1\n[a]\nlisten: tcp:2:x=%(h)s ; c\n# c\nlisten =\n  a\n\n  b\n[program:x]\n\
         command=daphne -e tcp:1\n  -e {{ y }}\n",
    ),
    (
        "a.py",
        "from x import serverFromString as s\nD = f\"tcp:{p}\" 'a' % 1\ndef f(e=(\"tcp:\" + str(1))):\n  \
         s(r, D) or clientFromString(r, description=e if x else '''tcp:\n''')\n  x = [s(r, y) for y in ('a', b'b\\x3a')]\n",
    ),
    (
        "master.cfg",
        "import buildbot\nc = BuildmasterConfig = {'www': dict(port='tcp:1')}\nc['protocols'] = {'pb': \
         {'port': \"tcp:%d\" % 1}}\nclass a:\n  listen = u'x'\n",
    ),
    (
        "Makefile",
        "E := tcp:1\nexport B ?= $(A)\n-run: x ; daphne -e tcp:2\n\t@cd $$A && $(V)/daphne \\\n\t -e \"tcp:$(E)\"\n",
    ),
    (
        "a.nix",
        "{ a.b = \"${x}/bin/daphne -e tcp:1 \\\" \"; # c\n c = \'\'\n daphne -e \'\'${x} \'\'\\n \'\'\'\n\'\'; /* d */ }\n",
    ),
    (
        ".env",
        "# c\nexport BUILDBOT_WEB_PORT=\"tcp:${A}\" # d\nCOWRIE_A_LISTEN_ENDPOINTS = tcp:1 tcp:2\nX=\'a\n",
    ),
    (
        "a.md",
        "# a `daphne -e tcp:1`\n\n> - ```sh\n>   $ daphne -e tcp:<p> \\\n>   > -e tcp:PORT\n>   ```\n\n    daphne -e tcp:2\n\n\
         ~~~ini\n[ssh]\nlisten_endpoints = tcp:3\n~~~\n``` py\n>>> serverFromString(r, \'tcp:x\')\n",
    ),
    (
        "a.rst",
        "a::\n\n  daphne -e tcp:1\n\n.. code-block:: console\n   :x:\n\n   (v) $ daphne -e tcp:2 \\\n     -e tcp:port\n\n\
         ``daphne -e tcp:3``\n\n.. highlight:: ini\n\n::\n\n  [ssh]\n  listen_endpoints = tcp:4\n",
    ),
    (
        "a.bash",
        "E=tcp:x; A=${B:-tcp:y}; daphne -e $E -e \\:\ncat >a.service <<-E | tee b\n\t[Service]\n\tExecStart=daphne -e \\$x \
         ${Y} tcp:$Z\n\tE\npython <<\'E\'\nserverFromString(r, \'tcp:1\')\nE\nssh h \'daphne -e tcp:2\' && docker run -e A=b c daphne\n",
    ),
    (
        "a.list",
        "# strports: ignore[not-an-integer]\ntcp:x # strports: ignore[all, x]\n\ntcp:${P}:a=\\:\n",
    ),
];

fn checker() -> Checker {
    let text = "[[source]]\nfiles = ['*.list']\nformat = 'list'\n[[source]]\nfiles = ['*']\n\
        keys = { '**.listen' = 'server', '**.listen.*' = 'server' }\n";
    let configuration = Configuration::parse(Path::new(""), text).unwrap();
    Checker::with_configuration(Options::default(), configuration)
}

/// The memory that a run may keep for any file, such as the tables of a parser and the maximum
/// number of descriptions.
const CONSTANT: u64 = 4 << 20;
/// The memory that one finding may keep.
const FINDING: u64 = 1 << 10;

/// Checks a text as the file `name`. Fails if it keeps more than 16 times its size.
fn excess(checker: &Checker, name: &str, text: &[u8]) -> Option<String> {
    let mut findings = 0;
    let kept = measure(|| {
        findings = checker.check_text(Path::new(name), text).unwrap().findings().len();
    });
    let most = CONSTANT + 16 * text.len() as u64 + FINDING * findings as u64;
    let start = text[..text.len().min(60)].escape_ascii();
    let peak = kept.bytes_max;
    (peak > most).then(|| format!("{name}: {peak} of {most} bytes for {} of `{start}`", text.len()))
}

#[track_caller]
fn bounded(checker: &Checker, name: &str, text: &[u8]) {
    assert_eq!(excess(checker, name, text), None);
}

/// The files in `tests/trees`, and those above.
fn fixtures() -> Vec<(PathBuf, Vec<u8>)> {
    fn walk(directory: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                let text = fs::read(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found: Vec<_> =
        FIXTURES.iter().map(|(name, text)| (PathBuf::from(name), text.as_bytes().into())).collect();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees"), &mut found);
    found
}

#[test]
fn bytes_outside_words_are_skipped() {
    let checker = checker();
    for name in FIXTURES.iter().map(|(name, _)| name) {
        for byte in 0..=u8::MAX {
            let file = [b"[Service]\nExecStart=twistd ", &[byte; 3][..], b" web -e tcp:1\n"];
            bounded(&checker, name, &file.concat());
        }
    }
}

#[test]
fn every_reader_ends_on_every_fixture_with_any_byte_changed() {
    let (checker, fixtures) = (checker(), fixtures());
    std::thread::scope(|scope| {
        for (reader, (name, _)) in FIXTURES.iter().enumerate() {
            let (checker, fixtures) = (&checker, &fixtures);
            scope.spawn(move || {
                for (number, (path, text)) in fixtures.iter().enumerate() {
                    let is_own =
                        number == reader || path.extension() == Path::new(name).extension();
                    read_changed(checker, name, text, is_own);
                }
            });
        }
    });
}

/// Reads the file with each byte changed, and with another change at each byte in turn.
///
/// A reader gets all bytes of its own files, and some of the others'.
fn read_changed(checker: &Checker, name: &str, text: &[u8], is_own: bool) {
    let marks = b"\"'\\{}[]()#\n\x0c\xff$%&*|>-`<:=, \0";
    let step = if is_own { 1 } else { 31 };
    for at in (0..text.len()).step_by(step) {
        let mark = marks[at % marks.len()];
        let mut broken = text.to_vec();
        broken[at] = mark;
        bounded(checker, name, &broken);
        if is_own {
            match at % 3 {
                0 => broken[at] = text[at] ^ 0x20,
                1 => broken.insert(at, text[at]),
                _ => broken.truncate(at),
            }
            bounded(checker, name, &broken);
        }
    }
}
