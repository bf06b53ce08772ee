"""Compare the command with Twisted on random descriptions.

    python3 check.py --command "path/to/strports" [--count 20000] [--seed N]

Every description, and every input of the recorded vectors, is tested in both
roles. Canonical texts go through the command a second time: they must come
back unchanged with the same meaning, and Twisted must agree with that meaning.
The recorded vectors are compared again, too. The exit status is 1 on any
difference that no row of `spec/DIFFERENCES.md` explains.
"""

from __future__ import annotations

import argparse
import collections
import json
import shlex
import subprocess
import sys
import time
from typing import Any, Counter, Dict, List, Tuple

import documents
import vectors
from contract import compare
from descriptions import Generator

Record = Dict[str, Any]
SHOWN = 20


class Report:
    """Counts the results, and prints the first differences."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0
        self.totals: Counter[str] = collections.Counter()

    def result(self, what: str, problems: List[str]) -> None:
        if not problems:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= SHOWN:
            print("FAILED {}".format(what))
            for problem in problems:
                print("    {}".format(problem))
        elif self.failed == SHOWN + 1:
            print("… more differences are only counted")

    def finish(self) -> int:
        for name, count in sorted(self.totals.items()):
            print("{:>8}  {}".format(count, name))
        print("{} passed, {} failed".format(self.passed, self.failed))
        return 1 if self.failed else 0


def explain(command: str, role: str, texts: List[str]) -> List[Record]:
    """Returns the command's answers, one for each text."""
    arguments = ["explain", "--role", role, "--format", "json", "--null", "-"]
    data = b"".join(text.encode("utf-8") + b"\0" for text in texts)
    done = subprocess.run([*shlex.split(command), *arguments], input=data, stdout=subprocess.PIPE)
    if done.returncode not in (0, 1):
        sys.exit("`explain --role {}` ended with status {}".format(role, done.returncode))
    # Not `splitlines`: JSON strings may contain U+2028 and other separators unescaped.
    records = [json.loads(line) for line in done.stdout.split(b"\n") if line]
    if len(records) != len(texts):
        sys.exit("{} records in, {} answers out".format(len(texts), len(records)))
    return records


def check_role(command: str, role: str, texts: List[str], report: Report) -> None:
    canonical: Dict[str, Tuple[str, Record]] = {}
    for text, record in zip(texts, explain(command, role, texts)):
        rows, problems = compare(role, text, record)
        report.result("{} {}".format(role, ascii(text)), problems)
        report.totals["{} {}".format(role, "accepted" if record["ok"] else "refused")] += 1
        report.totals.update("{} ({})".format("difference", row) for row in rows)
        if record["ok"] and record["canonical"] is not None:
            canonical.setdefault(record["canonical"], (text, record))
    check_canonical(command, role, canonical, report)


def check_canonical(
    command: str, role: str, canonical: Dict[str, Tuple[str, Record]], report: Report
) -> None:
    """Checks that canonical text is a fixed point, with the same meaning."""
    for text, again in zip(canonical, explain(command, role, list(canonical))):
        source, record = canonical[text]
        problems = compare(role, text, again).problems
        for key in ("canonical", "endpoint"):
            if again[key] != record[key]:
                problems.append("`{}` was {}, is {}".format(key, record[key], again[key]))
        if record["portable"] and not again["portable"]:
            problems.append("portable before, not so any more")
        report.result("{} canonical {} of {}".format(role, ascii(text), ascii(source)), problems)
        report.totals["{} canonical".format(role)] += 1


def check_recorded(report: Report) -> None:
    """Checks that vectors have Twisted's answers, and that documents match the vectors."""
    stale = vectors.stale()
    for identifier in stale:
        report.result("vector {}".format(identifier), ["Twisted answers something else now"])
    count = len(vectors.recorded()) + len(vectors.extensions()) - len(stale)
    report.passed += count
    report.totals["vectors asked again"] += count + len(stale)
    for name, problems in documents.checks():
        report.result(name, problems)


def descriptions(count: int, seed: int) -> List[str]:
    """Returns the inputs: those of the vectors, then random ones; each once, without NUL."""
    recorded = vectors.recorded() + vectors.extensions()
    known = [vector["input"] for vector in recorded if "as" not in vector]
    texts = dict.fromkeys([*known, *Generator(seed).series(count)])
    return [text for text in texts if "\0" not in text]


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the command with Twisted.")
    parser.add_argument("--command", help="the strports command; without it only vectors are asked")
    parser.add_argument("--count", type=int, default=20000, help="random descriptions")
    parser.add_argument("--seed", type=int, default=None, help="repeats a run")
    options = parser.parse_args()
    seed = int(time.time()) if options.seed is None else options.seed
    print("seed {}".format(seed))
    report = Report()
    check_recorded(report)
    if options.command:
        texts = descriptions(options.count, seed)
        for role in ("server", "client"):
            check_role(options.command, role, texts, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
