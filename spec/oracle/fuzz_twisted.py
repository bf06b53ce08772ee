"""Twisted under coverage: every input has the same meaning for Twisted and for this project.

    python3 fuzz_twisted.py --command "path/to/strports" --seeds FOLDER [-- OPTION… [CORPUS…]]

Atheris instruments the modules of Twisted that read descriptions, so that inputs that reach new
code of Twisted are kept and changed further. The command runs once for each role and answers one
input after another (`explain --null`). With `--module`, the answers come from the installed Python
package instead, within this process.

The options and corpora are those of libFuzzer. The inputs of the vectors are written to `--seeds`.
A quarter of the changes takes segments from a random description of `descriptions.py`; the others
change bytes. A difference that no row of `spec/DIFFERENCES.md` explains ends the run:
fix the mistake, and add the text to `inputs/`, so that it becomes a vector.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List

import atheris

INSTRUMENTED = [
    "twisted.internet.endpoints",
    "twisted.internet.abstract",
    "twisted.internet._idna",
    "twisted.protocols.haproxy._parser",
    "idna",
]

with atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
    import idna.core  # noqa: F401
    import twisted.internet._idna  # noqa: F401
    import twisted.internet.abstract  # noqa: F401
    import twisted.internet.endpoints  # noqa: F401
    import twisted.protocols.haproxy._parser  # noqa: F401

import vectors  # noqa: E402
from contract import compare  # noqa: E402
from descriptions import Generator  # noqa: E402

Record = Dict[str, Any]
ROLES = ("server", "client")


class Command:
    """The command, which answers for one role as long as its input is open."""

    def __init__(self, command: str, role: str) -> None:
        arguments = ["explain", "--role", role, "--format", "json", "--null", "-"]
        self._process = subprocess.Popen(
            [command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __call__(self, text: str) -> Record:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(text.encode("utf-8") + b"\0")
        self._process.stdin.flush()
        answer: Record = json.loads(self._process.stdout.readline())
        return answer


def in_process(role: str) -> Callable[[str], Record]:
    """The answers of the installed package `strports`."""
    from strports import _native

    return lambda text: json.loads(_native.check_json(text, role, None))


def changed(data: bytes, most: int, seed: int) -> bytes:
    """The input with segments of a random description, or after a change of bytes."""
    if seed % 4 != 0:
        return bytes(atheris.Mutate(data, most))
    mine = data.split(b":")
    theirs = Generator(seed).description().encode("utf-8", "replace").split(b":")
    at, begin, replaced = seed // 4 % (len(mine) + 1), seed // 64 % len(theirs), seed // 4096 % 3
    return b":".join([*mine[:at], *theirs[begin:], *mine[at + replaced :]])[:most]


def write_seeds(folder: Path) -> None:
    """Writes the descriptions of the vectors as a corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    known = [vector["input"] for vector in vectors.recorded() if "as" not in vector]
    for number, text in enumerate(dict.fromkeys(known)):
        (folder / "vector-{:04}".format(number)).write_bytes(text.encode("utf-8", "replace"))


def main() -> None:
    parser = argparse.ArgumentParser(description="Fuzz Twisted and the command side by side.")
    answers = parser.add_mutually_exclusive_group(required=True)
    answers.add_argument("--command", help="the strports command")
    answers.add_argument("--module", action="store_true", help="ask the installed Python package")
    parser.add_argument("--seeds", type=Path, required=True, help="a folder for the vectors")
    parser.add_argument("options", nargs="*", help="options of libFuzzer, and corpora")
    options = parser.parse_args()
    if options.module:
        ask = {role: in_process(role) for role in ROLES}
    else:
        ask = {role: Command(options.command, role) for role in ROLES}

    def holds(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        if "\0" in text:
            return
        for role in ROLES:
            _, problems = compare(role, text, ask[role](text))
            if problems:
                lines = "\n    ".join(problems)
                raise AssertionError("{} {}\n    {}".format(role, ascii(text), lines))

    write_seeds(options.seeds)
    arguments: List[str] = [sys.argv[0], *options.options, str(options.seeds)]
    atheris.Setup(arguments, holds, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
