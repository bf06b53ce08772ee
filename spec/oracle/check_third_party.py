"""Compares the command with the parsers of packages on random descriptions of their types.

    venv/bin/python check_third_party.py --command ../../target/debug/strports --count 10000

The descriptions are generated from `third_party.toml`, with parameters by position and by keyword,
and with valid and invalid values. It prints its seed; `--seed` repeats a run. Two kinds of
differences are intended and ignored: ports that do not exist, and files that a parser reads.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Tuple

import third_party
import twisted_oracle as oracle
from twisted.internet import endpoints
from twisted.plugin import getPlugins

Table = Dict[str, Any]
# The first value of each kind is the usual one.
VALUES: Dict[str, List[str]] = {
    "port": ["80", "0", " 81", "+8_0", "8080", "x", "", "-1", "65536", "80.0"],
    "number": ["3", "0", "2", "-1", "x", "", " 3 ", "2_0", "03"],
    "path": ["/certs", "/a=b", "", "C\\x", "/d:e", "~/x"],
    "host": ["example.com", "x.onion", "", "a b", "::1"],
    "text": ["a", "", "x y", "a:b", "k=v", "/run/tor", "9051", "false", "TRUE"],
    "pairs": ["a:1", "a:1,b:2", "", "a", "a:1:2", "a:1,", "x,b:1", ":"],
}
INSIDE: Dict[str, List[str]] = {
    "server": [
        "tcp:80", "tcp:80:interface=\\:\\:1", "tcp:x", "unix:/a\\:b", "tcp", "TCP6:443", "nope:1",
        "ssl:443:privateKey=/k", "haproxy:tcp:1", "tcp:80:bogus=1", "", "unix:/a\\\\b",
        "unix:/a:mode=660", "tcp:port=80:backlog=x", "tls:/d:443", "systemd:INET:index=0",
    ],
    "client": [
        "tcp:h:80", "tcp:h", "tcp:h:x", "unix:/a", "tls:h:443", "tcp:host=h:port=1", "nope:1", "",
        "TCP:h:1:timeout=5", "tcp:h:80:timeout=0x",
    ],
}  # fmt: skip


class Generator:
    """Random descriptions of the types of some tables."""

    def __init__(self, tables: List[Table], seed: int) -> None:
        self.tables = tables
        self.random = random.Random(seed)

    def description(self) -> Tuple[str, str]:
        table = self.random.choice(self.tables)
        role = self.random.choice(table["roles"])
        positional, keywords = self._arguments(table.get("parameters", []), role)
        if "inside" in table:
            positional.append(self.random.choice(INSIDE[table["inside"]["role"]]))
        name = table["name"] if self.random.random() < 0.9 else table["name"].upper()
        for keyword in keywords:
            behind = self.random.random() < 0.7
            place = len(positional) if behind else self.random.randint(0, len(positional))
            positional.insert(place, keyword)
        return role, ":".join([name, *positional])

    def _arguments(self, parameters: List[Table], role: str) -> Tuple[List[str], List[str]]:
        by_place = [it for it in parameters if not it.get("keyword_only")]
        required = sum(bool(it.get("required")) for it in by_place)
        count = self.random.randint(0, len(by_place))
        if self.random.random() < 0.8:
            count = max(count if self.random.random() < 0.4 else required, required)
        positional = [_quote(self._value(it, role), "=") for it in by_place[:count]]
        keywords = []
        for it in parameters[count:] if self.random.random() < 0.9 else parameters:
            wanted = 0.9 if it.get("required") else 0.2
            if self.random.random() < wanted:
                keywords.append(self._name(it) + "=" + _quote(self._value(it, role), ""))
        if self.random.random() < 0.05:
            self.random.choice([positional, keywords]).append("bogus=1")
        self.random.shuffle(keywords)
        return positional, keywords

    def _name(self, parameter: Table) -> str:
        name = parameter["name"]
        slips = [name.lower(), name + "x", name[:-1]]
        return name if self.random.random() < 0.97 else self.random.choice(slips)

    def _value(self, parameter: Table, role: str) -> str:
        if parameter["kind"] == "description":
            nests = parameter["nests"]
            return self.random.choice(INSIDE[role if nests == "same role" else nests])
        if "values" in parameter:
            word = self.random.choice(parameter["values"])
            others = [word.upper(), word.lower(), " " + word + " ", "0" + word, "bogus", ""]
            return self.random.choice([word, word, word, *others])
        values = VALUES[parameter["kind"]]
        return values[0] if self.random.random() < 0.7 else self.random.choice(values)


def _quote(text: str, more: str) -> str:
    return "".join("\\" + it if it in "\\:" + more else it for it in text)


def _here(command: Path, role: str, texts: List[str]) -> List[Any]:
    """Returns the command's answers, without any `strports.toml`."""
    arguments = [str(command), "explain", "--format", "json", "--role", role, "--null", "-"]
    data = "".join(text + "\0" for text in texts).encode()
    done = subprocess.run(arguments, input=data, capture_output=True, check=False)
    answers = [json.loads(line) for line in done.stdout.decode().splitlines()]
    assert len(answers) == len(texts), done.stderr.decode()
    return answers


def _is_intended(error: str, diagnostics: List[Any]) -> bool:
    errors = [it["message"] for it in diagnostics if it["severity"] == "error"]
    no_port = bool(errors) and all("a port from" in it for it in errors)
    return no_port or error.startswith(("FileNotFoundError", "IsADirectoryError"))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--command", type=Path, required=True)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    print("seed", options.seed)
    endpoints.getPlugins = getPlugins
    command = options.command.resolve()
    os.chdir(tempfile.mkdtemp())
    # Our own type `fd` takes precedence over daphne's.
    tables = [it for it in third_party._types() if it["name"] != "fd"]
    tables = [it for it in tables if it["package"] in third_party.PREPARE]
    for package in sorted({it["package"] for it in tables}):
        third_party._asked(package)
    generator = Generator(tables, options.seed)
    asked = [generator.description() for _ in range(options.count)]
    differ = accepted = 0
    for role in ("server", "client"):
        texts = [text for of, text in asked if of == role]
        for text, here in zip(texts, _here(command, role, texts)):
            error = oracle.endpoint(role, text).get("err", "")
            accepted += not error
            if (not error) != here["ok"] and not _is_intended(error, here["diagnostics"]):
                differ += 1
                print("{} {!r}: {!r} there, {} here".format(role, text, error, here["ok"]))
    print("{} asked, {} accepted, {} differ".format(len(asked), accepted, differ))
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
