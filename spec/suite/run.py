#!/usr/bin/env python3
"""Runs the vectors against any implementation, and prints its score.

    python3 spec/suite/run.py [--failures N] -- COMMAND [ARGUMENT…]

The command reads one JSON object a line from standard input, and writes one JSON object a line to
standard output, in the same order. README.md beside this file describes both. The exit status is 0
if every answer is right, 1 if an answer is wrong or absent, and 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterator, List, NoReturn, Optional

VECTORS = Path(__file__).parent.parent / "vectors"
QUESTIONS = ["tokenize", "parse", "quote", "coercion", "server", "client"]
# How long an implementation may take for all questions together, in seconds.
TIME_LIMIT = 300

Vector = Dict[str, Any]


def vectors() -> Iterator[Vector]:
    for question in QUESTIONS:
        text = (VECTORS / f"{question}.json").read_text(encoding="utf-8")
        for vector in json.loads(text):
            yield {"question": vector.get("as", question), **vector}


def asked(vector: Vector) -> str:
    """The line that the implementation reads."""
    return json.dumps({key: vector[key] for key in ("id", "question", "input")})


def mistake(vector: Vector, line: Optional[str]) -> Optional[str]:
    """Returns what is wrong with an answer; `None` if it is correct."""
    if line is None:
        return "no answer"
    try:
        answer = json.loads(line)
    except ValueError:
        return f"not JSON: {line[:80]!r}"
    if not isinstance(answer, dict) or answer.get("id") != vector["id"]:
        return f"the answer to another question: {line[:80]!r}"
    if "err" in vector:
        return None if "err" in answer else f"accepted, but Twisted raises {vector['err']}"
    if "ok" not in answer:
        return f"refused ({answer.get('err')}), but Twisted gives {vector['ok']}"
    if answer["ok"] != vector["ok"]:
        return f"gave {answer['ok']}, but Twisted gives {vector['ok']}"
    return None


def usage(message: str) -> NoReturn:
    print(f"run.py: {message}", file=sys.stderr)
    sys.exit(2)


def answers(command: List[str], questions: List[str]) -> List[str]:
    try:
        ended = subprocess.run(
            command,
            input="\n".join(questions) + "\n",
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            timeout=TIME_LIMIT,
        )
    except OSError as error:
        usage(f"cannot start {command[0]}: {error.strerror}")
    except subprocess.TimeoutExpired:
        usage(f"{command[0]} has not answered within {TIME_LIMIT} s")
    if ended.returncode != 0:
        print(f"{command[0]} ended with status {ended.returncode}", file=sys.stderr)
    return ended.stdout.splitlines()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--failures", type=int, default=10, help="how many to print (10)")
    parser.add_argument("command", nargs="+", metavar="COMMAND")
    options = parser.parse_args()
    asked_of = list(vectors())
    lines = answers(options.command, [asked(vector) for vector in asked_of])
    right: Counter = Counter()
    count: Counter = Counter()
    failures = []
    for index, vector in enumerate(asked_of):
        count[vector["question"]] += 1
        wrong = mistake(vector, lines[index] if index < len(lines) else None)
        right[vector["question"]] += wrong is None
        if wrong is not None:
            failures.append(f"{vector['id']}: {vector['input']!r}: {wrong}")
    for failure in failures[: options.failures]:
        print(failure)
    if len(failures) > options.failures:
        print(f"… and {len(failures) - options.failures} more (--failures prints more)")
    for question in count:
        print(f"{question:10} {right[question]:5} of {count[question]}")
    print(f"{len(asked_of) - len(failures)} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
