#!/usr/bin/env python3
"""Tables of a campaign for fuzz/runs.md.

    campaign.py runs LOG…        a row for each log of libFuzzer
    campaign.py coverage JSON…   a row for each summary of `llvm-cov export`

The file names are the names of the targets.
"""

import json
import re
import sys
from pathlib import Path

# The crates whose regions are counted, by a part of their paths.
CRATES = {"strports-syntax": "/strports-syntax/src/", "endpoint-runtime": "/endpoint-runtime/src/",
          "strports": "/src/"}
LINE = re.compile(r"^#(\d+)\s.* cov: (\d+) ft: (\d+)", re.MULTILINE)
DONE = re.compile(r"^Done (\d+) runs in (\d+) second", re.MULTILINE)


def run(log: str) -> tuple[int, int, int, int, int]:
    """Executions, seconds, edges, features, and the execution that found the last edge."""
    done = DONE.search(log)
    lines = [tuple(map(int, found)) for found in LINE.findall(log)]
    if done is None or not lines:
        sys.exit("the log has no end of a run")
    executions, seconds = map(int, done.groups())
    edges = max(line[1] for line in lines)
    last = min(line[0] for line in lines if line[1] == edges)
    return executions, seconds, edges, max(line[2] for line in lines), last


def runs(logs: list[Path]) -> None:
    """Prints the table of libFuzzer's runs."""
    print("| target | executions | time | edges | features | last new edge |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    total = 0
    for path in logs:
        executions, seconds, edges, features, last = run(path.read_text(errors="replace"))
        total += executions
        at = f"{100 * last / max(executions, 1):.0f} %"
        print(f"| `{path.stem}` | {executions:,} | {seconds} s | {edges:,} | {features:,} | {at} |")
    print(f"\n{total:,} executions")


def crate(path: str) -> str:
    return next(name for name, part in CRATES.items() if part in path)


def coverage(summaries: list[Path]) -> None:
    """Prints the regions of each crate that each target reaches."""
    print("| target | " + " | ".join(f"`{name}`" for name in CRATES) + " |")
    print("| --- |" + " ---: |" * len(CRATES))
    for path in summaries:
        counted = dict.fromkeys(CRATES, (0, 0))
        for file in json.loads(path.read_text())["data"][0]["files"]:
            regions = file["summary"]["regions"]
            covered, count = counted[crate(file["filename"])]
            counted[crate(file["filename"])] = (
                covered + regions["covered"], count + regions["count"])
        shares = (f"{100 * covered / count:.1f} % of {count:,}" if count else "–"
                  for covered, count in counted.values())
        print(f"| `{path.stem}` | " + " | ".join(shares) + " |")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["runs", *paths] if paths:
            runs([Path(path) for path in paths])
        case ["coverage", *paths] if paths:
            coverage([Path(path) for path in paths])
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
