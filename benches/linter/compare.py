"""Measures two commands in turn, A B A B …, and prints the ratio of A to B.

    python3 compare.py [--runs N] [--wall R] [--cpu R] [--memory MIB] TREE -- A … -- B …

Each runs in TREE, with its output thrown away. `--wall` and `--cpu` are limits on the median of
A ÷ B, `--memory` one on the largest peak of A; it exits with 1 if one is missed. The kernel reports
the memory of the finished process; the minimum is this program's own, about 10 MiB.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--wall", type=float)
    parser.add_argument("--cpu", type=float)
    parser.add_argument("--memory", type=float)
    parser.add_argument("tree")
    parser.add_argument("commands", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    first, second = commands(options.commands)

    # The first run of each command only brings the tree into the page cache, and does not count.
    pairs = [(run(first, options.tree), run(second, options.tree)) for _ in range(options.runs + 1)][1:]
    print(f"{'':8}{'A':>12}{'B':>12}{'A ÷ B':>9}{'limit':>8}")
    missed = False
    for name, unit, limit in (("wall", "s", options.wall), ("cpu", "s", options.cpu)):
        ratio = statistics.median(a[name] / b[name] for a, b in pairs)
        a, b = (statistics.median(pair[side][name] for pair in pairs) for side in (0, 1))
        missed |= row(name, unit, a, b, ratio, ratio, limit)
    a, b = (max(pair[side]["memory"] for pair in pairs) for side in (0, 1))
    missed |= row("memory", "MiB", a, b, a / b, a, options.memory)
    sys.exit(missed)


def commands(words):
    words = words[1:] if words[:1] == ["--"] else words
    if "--" not in words:
        sys.exit("two commands are needed, with `--` between them")
    middle = words.index("--")
    return words[:middle], words[middle + 1 :]


def run(command, tree):
    start = time.monotonic()
    child = subprocess.Popen(
        command, cwd=tree, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    # 1 is no failure: the linter has findings, or ripgrep has no match.
    if child.returncode not in (0, 1):
        sys.exit(f"{command[0]}: exit status {child.returncode}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "memory": usage.ru_maxrss / 1024}


def row(name, unit, a, b, ratio, measured, limit):
    missed = limit is not None and measured > limit
    said = "" if limit is None else f"{limit:8g}  {'MISSED' if missed else 'ok'}"
    print(f"{name:8}{a:8.2f} {unit:3}{b:8.2f} {unit:3}{ratio:9.2f}{said}")
    return missed


if __name__ == "__main__":
    main()
