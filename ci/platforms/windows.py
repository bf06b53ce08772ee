#!/usr/bin/env python3
"""Compares the command for Windows, under wine, with the command for this system.

    ci/platforms/windows.py NATIVE WINDOWS TREE…

NATIVE and WINDOWS are the same build of the command, for this system and for Windows. Each runs in
copies of the trees and of a tree that is generated here. Output, errors, exit codes and the files
after `--fix` must be equal. The environment variable WINE names wine.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PATIENCE = 120

FILES = {
    "strports.toml": (
        b'exclude = ["old/*"]\n'
        b'[[source]]\nfiles = ["conf/*.ini"]\nkeys = { "*.listen" = "server" }\n'
    ),
    "Procfile": b"web: daphne -e tcp:8000:interface=::1 site.asgi:app\n",
    "conf/crlf.ini": b"[a]\r\nlisten = tcp:80:interface=::1\r\nlisten = ssl:443\r\n",
    "conf/sub dir/\u00e9.py": (
        "from twisted.internet.endpoints import serverFromString\n"
        'serverFromString(reactor, "tcp:port=80:interface=::1")\n'
    ).encode(),
    "conf/bom.py": b'\xef\xbb\xbfserverFromString(reactor, "tcp:http")\r\n',
    "old/a.sh": b"twistd web --listen tcp:x\n",
    ".gitignore": b"ignored/\n",
    "ignored/a.sh": b"twistd web --listen tcp:x\n",
    "run.bat": b"@echo off\r\ntwistd web --listen tcp:80:interface=::1\r\n",
    "run.ps1": b"twistd web --listen 'tcp:8080:interfce=127.0.0.1'\r\n",
    "a/b/c/unit.service": b"[Service]\nExecStart=/usr/bin/twistd web --listen tcp:8080x\n",
    "a/compose.yml": b"services:\n  a:\n    command: [daphne, -e, 'tcp:80:interface=::1']\n",
}
UTF_16 = "serverFromString(reactor, 'tcp:x')\n".encode("utf-16")

DESCRIPTIONS = [
    "tcp:8080:interface=127.0.0.1",
    "tcp:80:interface=::1",
    r"ssl:443:privateKey=C\:\\keys\\key.pem",
    "unix:/run/app.sock:mode=660",
    "haproxy:tcp:80",
    "systemd:INET:name=web",
    "tls:example.com:443",
    "",
    "tcp:x",
]
FORMATS = ("human", "short", "json", "sarif", "github", "gitlab", "junit")
REPORTS = [["--format", it] for it in FORMATS]
VIEWS = [["--list"], ["--show-files"], ["--statistics"], ["--diff"], ["--list", "--format", "json"]]
PLAIN = [
    *[["explain", "--format", it, *DESCRIPTIONS] for it in ("human", "json")],
    ["explain", "--role", "client", "tcp:example.com:80", "unix:/run/app.sock"],
    ["check", *[word for it in DESCRIPTIONS for word in ("-e", it)]],
    ["fmt", "tcp:port=80:interface=", "unix:/a:mode=666"],
    ["quote", r"C:\keys\key.pem", "::1", "\u00e9t\u00e9"],
    ["rule"],
    ["rule", "multiple-values"],
    ["convert", "TCP-LISTEN:80,bind=127.0.0.1", "http://example.com:80/"],
    ["types"],
    ["types", "ssl"],
    ["schema"],
    ["completions", "bash"],
    ["man", "check"],
    ["nonsense"],
    ["check", "--nonsense"],
]


class Command:
    """One build of the command."""

    def __init__(self, *words):
        self.words = words

    def run(self, arguments, folder, stdin=b""):
        done = subprocess.run(
            [*self.words, *arguments],
            cwd=folder,
            input=stdin,
            capture_output=True,
            timeout=PATIENCE,
        )
        return done.returncode, done.stdout, done.stderr


class Comparison:
    """Both builds, and the number of equal results."""

    def __init__(self, native, windows):
        self.native, self.windows = native, windows
        self.count = 0

    def same(self, arguments, folder, stdin=b""):
        here = self.native.run(arguments, folder, stdin)
        code, *texts = self.windows.run(arguments, folder, stdin)
        # clap derives the program's name from its file.
        there = (code, *[it.replace(b"strports.exe", b"strports") for it in texts])
        for name, one, other in zip(("exit code", "output", "errors"), here, there):
            if one != other:
                show(arguments, name, one, other)
        self.count += 1
        return here

    def expect(self, arguments, folder, code, *texts):
        """Checks an expected result that differs on Windows."""
        exit_code, output, errors = self.windows.run(arguments, folder)
        said = (output + errors).decode()
        if exit_code != code or any(text not in said for text in texts):
            fail(f"{arguments}: exit code {exit_code}, {said!r}; expected {code} and {texts}")
        self.count += 1
        return said


def show(arguments, name, here, there):
    sys.stderr.write(f"--- here\n{here!r}\n--- under wine\n{there!r}\n")
    fail(f"the {name} of `strports {' '.join(arguments)}` differs")


def fail(message):
    sys.exit(f"windows.py: {message}")


def make(tree):
    for name, text in FILES.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


def contents(tree):
    return {str(it.relative_to(tree)): it.read_bytes() for it in tree.rglob("*") if it.is_file()}


def check_tree(compare, tree, scratch):
    """Compares every report and view of a tree, a baseline, and the files after `--fix`."""
    for options in REPORTS + VIEWS:
        compare.same(["check", *options], tree)
    compare.same(["check", "."], tree)
    inner = sorted(it.name for it in tree.iterdir() if it.is_dir())
    for folder in inner[:2]:
        compare.same(["check", "--format", "json", folder], tree)
    fixed = []
    for command in (compare.native, compare.windows):
        copy = scratch / "fixed"
        shutil.copytree(tree, copy)
        lines = (["--write-baseline", "known.json"], ["--baseline", "known.json"], ["--fix"])
        said = [command.run(["check", *line], copy) for line in lines]
        fixed.append((said, contents(copy)))
        shutil.rmtree(copy)
    if fixed[0] != fixed[1]:
        show(["check", "--fix"], "outcome", fixed[0], fixed[1])
    compare.count += 3


def check_paths(compare, tree):
    """Absolute paths have slashes, and a UTF-16 file as an argument is refused."""
    for path in (r"Z:" + str(tree).replace("/", "\\"), "Z:" + str(tree)):
        said = compare.expect(["check", "--format", "short", path], "/", 1, "/conf/crlf.ini:2:")
        if "\\conf" in said or "conf\\" in said:
            fail(f"a path has no slashes: {said}")
    said = compare.expect(["check", "--format", "json", r".\conf", r"a\b"], tree, 1, "conf/crlf.ini")
    paths = {json.loads(line)["path"] for line in said.splitlines() if line.startswith("{")}
    if not paths or any("\\" in path for path in paths):
        fail(f"paths without slashes: {paths}")
    (tree / "utf16.py").write_bytes(UTF_16)
    code, _, errors = compare.same(["check", "utf16.py"], tree)
    if code != 2 or b"utf16.py: cannot be checked: it is UTF-16" not in errors:
        fail(f"a file in UTF-16: exit code {code}, {errors!r}")
    os.remove(tree / "utf16.py")
    compare.expect(["check", r"no\such"], tree, 2, "no/such: ")
    compare.expect(["check", "--on-this-machine"], tree, 2, "strports on Windows has no `--on-")
    compare.same(["check", "--stdin-filename", "conf/a.ini"], tree, b"listen = tcp:x\r\n")


def check_sockets(compare, tree):
    """Commands that open sockets fail with the name of the type."""
    for command, words, named in [
        ("listen", ["tcp:8080"], "so it does not serve `tcp` "),
        ("connect", ["--retry", "5", "tls:h:443"], "so it does not serve `tls` "),
        ("relay", ["systemd:INET:name=a", "unix:/a"], "neither `systemd` nor `unix` "),
        ("test", ["haproxy:fd:3"], "neither `haproxy` nor `fd` "),
        ("relay", [], "opens no sockets ("),
    ]:
        compare.expect([command, *words], tree, 2, "strports on Windows opens no sockets", named)


def check_lsp(compare, tree):
    """An editor receives findings for a file with a drive in its path."""
    uri = "file:///z%3A" + str(tree) + "/a.py"
    text = 'serverFromString(reactor, "tcp:80:interface=::1")\n'
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    messages = [
        {"id": 1, "method": "initialize", "params": {"capabilities": {}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": document}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    wire = b""
    for message in messages:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        wire += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    code, output, errors = compare.windows.run(["lsp"], tree, wire)
    if code != 0 or b"multiple-values" not in output or uri.encode() not in output:
        fail(f"`strports lsp`: exit code {code}, {output!r}, {errors!r}")
    compare.count += 1


def main():
    native, windows, *trees = sys.argv[1:]
    compare = Comparison(
        Command(os.path.abspath(native)), Command(os.environ["WINE"], os.path.abspath(windows))
    )
    with tempfile.TemporaryDirectory(prefix="strports-") as folder:
        scratch = Path(folder)
        made = scratch / "made"
        make(made)
        check_paths(compare, made)
        check_sockets(compare, made)
        check_lsp(compare, made)
        for arguments in PLAIN:
            compare.same(arguments, made)
        check_tree(compare, made, scratch)
        for number, tree in enumerate(trees):
            copy = scratch / str(number)
            shutil.copytree(tree, copy)
            check_tree(compare, copy, scratch)
    print(f"the command for Windows answers as here, {compare.count} times")


main()
